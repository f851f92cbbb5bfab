"""The decisions of a running deployment, read from their topic to its present end; nothing is changed or committed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from sluicegate.agents.broker import BrokerUnavailable, client_arguments
from sluicegate.agents.settings import Settings

__all__ = ["DecisionsMissing", "read_decisions"]

_POLL_MILLISECONDS: Final = 500
#: Polls that may bring nothing before it is said that no more comes: transactions leave offsets without records.
_EMPTY_MOST: Final = 20


class DecisionsMissing(Exception):
    """There is no topic of decisions."""


def read_decisions(settings: Settings, since: datetime) -> Iterator[bytes]:
    """Give the values of all decisions that the broker has since a moment, in the order of each partition.

    Parameters
    ----------
    settings
        Where the brokers are, and what the topic is called.
    since
        Of the broker's timestamps.

    Raises
    ------
    BrokerUnavailable
        If no broker can be used.
    DecisionsMissing
        If there is no such topic.
    """
    try:
        consumer = KafkaConsumer(
            client_id="sluicegate-compare",
            group_id=None,
            enable_auto_commit=False,
            isolation_level="read_committed",
            **client_arguments(settings),
        )
    except KafkaError as error:
        raise BrokerUnavailable(
            f"no Kafka broker can be used at {', '.join(settings.brokers)} ({error}); start one, or set "
            "SLUICEGATE_BROKERS, or give a file of decisions"
        ) from error
    try:
        numbers = consumer.partitions_for_topic(settings.decisions_topic)
        if not numbers:
            raise DecisionsMissing(
                f"there is no topic {settings.decisions_topic}; set SLUICEGATE_DECISIONS_TOPIC, or create it with "
                "`sluicegate topics apply`"
            )
        yield from _values(consumer, [TopicPartition(settings.decisions_topic, number) for number in numbers], since)
    finally:
        consumer.close()


def _values(consumer: KafkaConsumer, partitions: list[TopicPartition], since: datetime) -> Iterator[bytes]:
    ends: dict[TopicPartition, int] = consumer.end_offsets(partitions)
    moments = consumer.offsets_for_times(dict.fromkeys(partitions, int(since.timestamp() * 1000)))
    starts = {tp: found.offset if found is not None else ends[tp] for tp, found in moments.items()}
    left = {tp for tp in partitions if starts[tp] < ends[tp]}
    consumer.assign(sorted(left))
    for tp in left:
        consumer.seek(tp, starts[tp])
    empty = 0
    while left and empty < _EMPTY_MOST:
        polled = consumer.poll(timeout_ms=_POLL_MILLISECONDS)
        empty = 0 if polled else empty + 1
        for tp, records in polled.items():
            for record in records:
                if record.offset < ends[tp] and record.value is not None:
                    yield record.value
        for tp in [tp for tp in left if consumer.position(tp) >= ends[tp]]:
            left.discard(tp)
            consumer.pause(tp)
