"""A worker that its group refuses ends and says why: whatever else it could do, it would look alive."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import GroupAuthorizationFailedError, InvalidSessionTimeoutError, KafkaError

from sluicegate.agents.refused_membership import GroupRefusedError, fail_where_refused
from tests.integration.streams import Stream


async def beside_a_member_of_another_kind(stream: Stream, then: Callable[[], Awaitable[Any]]) -> None:
    """Do something while the worker's group has a member that shares partitions out in another way."""
    other = AIOKafkaConsumer(
        stream.events,
        bootstrap_servers=stream.bootstrap,
        group_id=stream.name,
        partition_assignment_strategy=[RangePartitionAssignor],
    )
    await other.start()
    try:
        async with asyncio.timeout(60):
            while not other.assignment():
                await other.getmany(timeout_ms=100)
        reading = asyncio.create_task(_read(other))
        await then()
        reading.cancel()
    finally:
        await other.stop()


async def _read(consumer: AIOKafkaConsumer) -> None:
    while True:
        await consumer.getmany(timeout_ms=100)


def test_a_worker_whose_group_shares_partitions_out_in_another_way_ends_and_says_so(stream: Stream) -> None:
    async def start_a_worker() -> None:
        worker = await asyncio.to_thread(stream.start_worker)
        assert await asyncio.to_thread(worker.wait, 60) == 1
        said = worker.output().splitlines()[-1]
        assert said == (
            f"sluicegate: the group {stream.name} has members of another kind, which share partitions out otherwise; "
            "give the workers a SLUICEGATE_GROUP of their own"
        )

    asyncio.run(beside_a_member_of_another_kind(stream, start_a_worker))


async def failures_of(stream: Stream, break_off: Callable[[AIOKafkaConsumer], Any]) -> list[BaseException]:
    """Have something go wrong in a member that fetches nothing, and give what would end the process."""
    failed: list[BaseException] = []
    noticed = asyncio.Event()

    def fail(error: BaseException) -> None:
        failed.append(error)
        noticed.set()

    consumer = AIOKafkaConsumer(stream.events, bootstrap_servers=stream.bootstrap, group_id=stream.name)
    await consumer.start()
    try:
        fail_where_refused(consumer, fail)
        broken = break_off(consumer)
        await asyncio.wait_for(noticed.wait(), 30)
        if asyncio.iscoroutine(broken):
            broken.close()
    finally:
        with suppress(KafkaError):
            await consumer.stop()
        await consumer._client.close()
    return failed


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (InvalidSessionTimeoutError(), "take no session timeout of 10 s; set SLUICEGATE_SESSION_TIMEOUT between"),
        (KafkaError("GroupMaxSizeReached"), "refuse this worker its place in the group .*: .*GroupMaxSizeReached"),
    ],
)
def test_what_brokers_answer_to_a_member_ends_the_process_though_it_fetches_nothing(
    stream: Stream, error: KafkaError, said: str
) -> None:
    (told,) = asyncio.run(failures_of(stream, lambda consumer: consumer._coordinator._push_error_to_user(error)))
    assert told.__cause__ is error
    with pytest.raises(GroupRefusedError, match=said):
        raise told


def test_a_missing_permission_is_left_to_who_names_it(stream: Stream) -> None:
    error = GroupAuthorizationFailedError("group")
    assert asyncio.run(
        failures_of(stream, lambda consumer: consumer._coordinator._push_error_to_user(error)),
    ) == [error]


@pytest.mark.parametrize("part", ["_coordinator", "_fetcher"])
def test_a_part_of_the_client_that_fails_ends_the_process(stream: Stream, part: str) -> None:
    async def fail_once(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    def break_off(consumer: AIOKafkaConsumer) -> None:
        if part == "_coordinator":
            consumer._coordinator._maybe_do_autocommit = fail_once
            consumer._coordinator.request_rejoin()
        else:
            consumer._fetcher._get_actions_per_node = lambda assignment: assignment.no_such_thing

    told = asyncio.run(failures_of(stream, break_off))
    assert "the Kafka client has failed" in str(told[0])
