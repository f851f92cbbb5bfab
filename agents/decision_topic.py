"""The decisions of a running deployment, read from their topic to its present end; nothing is changed or committed."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from sluicegate.agents.broker import BrokerUnavailable, admin_client, client_arguments
from sluicegate.agents.connecting import disconnect
from sluicegate.agents.permissions import Need
from sluicegate.agents.settings import Settings
from sluicegate.agents.topics.cluster import read_topics

__all__ = ["DecisionsMissing", "read_decisions"]

_POLL_MILLISECONDS: Final = 500


class DecisionsMissing(Exception):
    """There is no topic of decisions."""


async def read_decisions(settings: Settings, since: datetime, take: Callable[[bytes], None]) -> None:
    """Give the values of all decisions that the broker has since a moment, in the order of each partition.

    Parameters
    ----------
    settings
        Where the brokers are, and what the topic is called.
    since
        Of the broker's timestamps.
    take
        Called with each value.

    Raises
    ------
    BrokerUnavailable
        If no broker can be used.
    DecisionsMissing
        If there is no such topic.
    PermissionMissing
        If it may not be read.
    """
    topic = settings.decisions_topic
    partitions = await asyncio.get_running_loop().run_in_executor(None, _partitions, settings)
    # aiokafka's and not kafka-python's, which reads snappy only with a library of its own.
    consumer = AIOKafkaConsumer(
        client_id="sluicegate-compare", isolation_level="read_committed", **client_arguments(settings)
    )
    try:
        await consumer.start()
        await _read(consumer, [TopicPartition(topic, number) for number in range(partitions)], since, take)
    except KafkaError as error:
        raise BrokerUnavailable(
            f"{topic} cannot be read from {', '.join(settings.brokers)} ({type(error).__name__}); see to the brokers, "
            "or give a file of decisions"
        ) from error
    finally:
        await disconnect(consumer.stop)


def _partitions(settings: Settings) -> int:
    with admin_client(settings) as admin:
        found = read_topics(admin, [settings.decisions_topic], [Need("topic", settings.decisions_topic, "READ")])
    if settings.decisions_topic not in found:
        raise DecisionsMissing(
            f"there is no topic {settings.decisions_topic}; set SLUICEGATE_DECISIONS_TOPIC, or create it with "
            "`sluicegate topics apply`"
        )
    return found[settings.decisions_topic].partitions


async def _read(
    consumer: Any, partitions: list[TopicPartition], since: datetime, take: Callable[[bytes], None]
) -> None:
    ends = await consumer.end_offsets(partitions)
    moments = await consumer.offsets_for_times(dict.fromkeys(partitions, int(since.timestamp() * 1000)))
    starts = {tp: found.offset if found is not None else ends[tp] for tp, found in moments.items()}
    left = {tp for tp in partitions if starts[tp] < ends[tp]}
    if not left:
        return
    consumer.assign(sorted(left))
    for tp in left:
        consumer.seek(tp, starts[tp])
    while left:
        for tp, records in (await consumer.getmany(*left, timeout_ms=_POLL_MILLISECONDS)).items():
            for record in records:
                if record.offset < ends[tp] and record.value is not None:
                    take(record.value)
        # Not by the last record: the offsets before an end may hold none, as markers of transactions.
        left = {tp for tp in left if await consumer.position(tp) < ends[tp]}
