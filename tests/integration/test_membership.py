"""What aiokafka leaves to us of membership in a group, on a real coordinator."""

import asyncio
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from sluicegate.agents.membership import know_partitions
from tests.integration.streams import Stream


async def assigned(stream: Stream, *, asked: int, guarded: bool) -> set[Any]:
    """Join a group as its leader, whose first questions for the topics' partitions find no broker."""
    consumer = AIOKafkaConsumer(bootstrap_servers=stream.bootstrap, group_id=stream.name)
    await consumer.start()
    try:
        client, left = consumer._client, asked
        ask = client._metadata_update

        async def find_none_first(*arguments: Any) -> Any:
            nonlocal left
            left -= 1
            return await ask(*arguments) if left < 0 else False

        client._metadata_update = find_none_first
        if guarded:
            know_partitions(consumer._coordinator)
        given: asyncio.Queue[set[Any]] = asyncio.Queue()
        complete = consumer._coordinator._on_join_complete

        async def tell(*arguments: Any) -> None:
            await complete(*arguments)
            given.put_nowait(set(consumer.assignment()))

        consumer._coordinator._on_join_complete = tell
        consumer.subscribe([stream.events])
        return await asyncio.wait_for(given.get(), 60)
    finally:
        await consumer.stop()


@pytest.mark.parametrize("asked", [0, 1, 3])
def test_a_leader_whose_questions_found_no_broker_gives_out_all_partitions(stream: Stream, asked: int) -> None:
    found = asyncio.run(assigned(stream, asked=asked, guarded=True))
    assert {tp.partition for tp in found} == set(range(stream.partitions))


def test_aiokafka_alone_gives_out_none_where_its_question_found_no_broker(stream: Stream) -> None:
    # When this fails aiokafka has mended it, and what we do about it can go.
    assert asyncio.run(assigned(stream, asked=1, guarded=False)) == set()
