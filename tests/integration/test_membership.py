"""What aiokafka leaves to us of membership in a group, on a real coordinator."""

import asyncio
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.protocol.commit import OffsetFetchRequest

from sluicegate.agents.membership import know_offsets, know_partitions
from sluicegate.deploy.kafka.node import KafkaNode
from tests.integration.streams import Stream, event


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


async def committed_while_the_broker_restarts(stream: Stream, node: KafkaNode) -> tuple[set[int | None], set[int]]:
    """Ask for a committed offset all the time while the coordinator goes and comes back.

    Give the answers, and the errors of whole answers that stood behind them.
    """
    consumer = AIOKafkaConsumer(bootstrap_servers=stream.bootstrap, group_id=stream.name, enable_auto_commit=False)
    await consumer.start()
    try:
        tp, coordinator = TopicPartition(stream.events, 0), consumer._coordinator
        consumer.assign([tp])
        # So many that it takes the broker a moment to load them.
        for _ in range(2_000):
            await consumer.commit({tp: 7})
        send, codes = coordinator._send_req, set()

        async def send_and_note(request: Any) -> Any:
            response = await send(request)
            if isinstance(request, OffsetFetchRequest):
                codes.add(response.error_code)
            return response

        coordinator._send_req = send_and_note
        know_offsets(coordinator)
        node.kill()
        restarting = asyncio.create_task(asyncio.to_thread(node.start))
        found = set()
        while not restarting.done():
            found.add(await consumer.committed(tp))
        await restarting
        found.add(await consumer.committed(tp))
        return found, codes
    finally:
        await consumer.stop()


def test_a_committed_offset_is_known_throughout_the_restart_of_its_coordinator(
    own_stream: Stream, own_kafka: KafkaNode
) -> None:
    own_stream.publish([event(number)._replace(partition=0) for number in range(10)])
    found, codes = asyncio.run(asyncio.wait_for(committed_while_the_broker_restarts(own_stream, own_kafka), 120))
    assert found == {7}, codes
