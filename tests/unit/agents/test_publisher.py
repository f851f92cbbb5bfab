"""What the publisher hands over first, and what it does with partitions that it does not know."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from sluicegate.agents.log.codec import CODECS
from sluicegate.agents.outcome import Output
from sluicegate.agents.publisher import NotWrittenError, Written, hand_over_all, ready_by_topic


def test_decisions_are_handed_over_behind_the_tasks_of_all_events() -> None:
    topics = ["decisions", "letters", "review.0", "decisions", "review.1", "decisions", "letters"]
    ready = ready_by_topic([Output(topic, None, b"{}", ()) for topic in topics], 2**20, CODECS["snappy"])
    assert [(topic, batches[0].record_count()) for topic, batches in ready.items()] == [
        ("review.0", 1),
        ("review.1", 1),
        ("decisions", 3),
        ("letters", 2),
    ]


@asynccontextmanager
async def connected_producer(before: int, after: int) -> AsyncIterator[Any]:
    """Make a producer that knows so many partitions of the decisions, and others when it has asked again."""
    producer: Any = AIOKafkaProducer(bootstrap_servers="127.0.0.1:1", enable_idempotence=True)
    client = producer.client

    def know(partitions: int) -> None:
        client.cluster._partitions["decisions"] = dict.fromkeys(range(partitions))

    async def ask() -> bool:
        know(after)
        return True

    know(before)
    client.force_metadata_update = ask
    client._conns["broker"] = SimpleNamespace(connected=lambda: True)
    try:
        yield producer
    finally:
        client._conns.clear()
        await producer.stop()


async def handed_over(before: int, after: int) -> set[TopicPartition]:
    async with connected_producer(before, after) as producer:
        await hand_over_all(producer, Written(2, [Output("decisions", None, b"{}", ())]), 2**20, CODECS["none"])
        return set(producer._message_accumulator._batches)


def test_a_partition_that_was_added_since_the_brokers_were_asked_is_written_to() -> None:
    assert asyncio.run(handed_over(2, 3)) == {TopicPartition("decisions", 2)}


def test_a_partition_that_the_brokers_do_not_have_is_told_with_what_to_do() -> None:
    with pytest.raises(NotWrittenError, match=r"decisions, partition 2, .*UnknownTopic.*`sluicegate topics check`"):
        asyncio.run(handed_over(2, 2))
