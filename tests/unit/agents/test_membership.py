"""A coordinator that still loads a group, or has lost it, is not taken for one that knows no offsets of it."""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from aiokafka import AIOKafkaClient, TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import Assignment, SubscriptionState
from aiokafka.errors import GroupAuthorizationFailedError
from aiokafka.protocol.commit import OffsetFetchResponse_v3

from sluicegate.agents.membership import know_offsets

EVENTS = TopicPartition("events", 0)
LOADS, NOT_THERE, IS_ANOTHER, FAILED, FORBIDDEN = 14, 15, 16, -1, 30
KNOWN = OffsetFetchResponse_v3(0, [("events", [(0, 500, "", 0)])], 0)


class Asked(NamedTuple):
    """What became of a question for a committed offset: the answer, how often it was asked, whether of one broker."""

    offset: int | None
    times: int
    same_coordinator: bool


async def ask(code: int, prepare: Callable[[Any], None]) -> Asked:
    """Ask for the committed offset, where the first answer is an error as brokers give it since Kafka 0.10.2."""
    client = AIOKafkaClient(bootstrap_servers="127.0.0.1:1")
    coordinator = GroupCoordinator(client, SubscriptionState(), enable_auto_commit=False)
    coordinator.coordinator_id = 1
    answers, asked = [OffsetFetchResponse_v3(0, [], code), KNOWN], 0

    async def answer(_: Any) -> Any:
        nonlocal asked
        asked += 1
        return answers[asked - 1]

    coordinator._send_req = answer
    prepare(coordinator)
    assignment = Assignment([EVENTS])
    committed = assignment.state_value(EVENTS).fetch_committed()
    try:
        while not committed.done():
            await coordinator._maybe_refresh_commit_offsets(assignment)
        return Asked(committed.result().offset, asked, coordinator.coordinator_id == 1)
    finally:
        await coordinator.close()
        await client.close()


@pytest.mark.parametrize(
    ("code", "same"), [(LOADS, True), (NOT_THERE, False), (IS_ANOTHER, False), (FAILED, False)], ids=str
)
def test_committed_offsets_are_asked_for_again_where_the_answer_is_an_error(code: int, same: bool) -> None:
    assert asyncio.run(asyncio.wait_for(ask(code, know_offsets), 10)) == Asked(500, 2, same)


def test_a_missing_permission_is_told_as_one() -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        asyncio.run(asyncio.wait_for(ask(FORBIDDEN, know_offsets), 10))


@pytest.mark.parametrize("code", [LOADS, IS_ANOTHER])
def test_aiokafka_alone_takes_an_error_for_partitions_of_which_nothing_was_committed(code: int) -> None:
    # When this fails aiokafka has mended it, and what we do about it can go.
    assert asyncio.run(asyncio.wait_for(ask(code, lambda _: None), 10)) == Asked(-1, 1, True)
