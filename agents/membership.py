"""Membership in the group, where aiokafka's own is not enough.

Nothing is committed without it; partitions are not given out before they are known, nor read before it is known how far
they are committed; another worker that takes this one's name is noticed. aiokafka takes that for an expired session and
joins again, which ends the other's membership, which joins again: without end, and neither commits anything.
"""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    IllegalGenerationError,
    KafkaError,
)
from aiokafka.protocol.commit import OffsetCommitRequest, OffsetFetchRequest

__all__ = ["InstanceTakenError", "commit_as_member", "know_offsets", "know_partitions", "watch_instance"]

_UNKNOWN_MEMBER: Final = 25
_FENCED_INSTANCE: Final = 82
_REQUESTS: Final = frozenset({"HeartbeatRequest", "JoinGroupRequest", "OffsetCommitRequest", "SyncGroupRequest"})


#: Seconds from one question for the partitions of a topic to the next.
_ASK_SECONDS: Final = 0.1


class InstanceTakenError(Exception):
    """Another worker has joined the group under this one's name."""


def commit_as_member(coordinator: Any) -> None:
    """Have commits refused that belong to an assignment which has ended, or to a membership that was lost.

    Without a membership aiokafka commits as a client that is in no group would. The broker takes that while the group
    has no member, as when the worker that had taken over has just left: its offsets would go back.

    Parameters
    ----------
    coordinator
        The ``GroupCoordinator`` of aiokafka.
    """
    commit = coordinator._do_commit_offsets

    async def commit_where_member(assignment: Any, offsets: Any) -> None:
        if coordinator.generation == OffsetCommitRequest.DEFAULT_GENERATION_ID or not assignment.active:
            raise IllegalGenerationError(coordinator.group_id)
        await commit(assignment, offsets)

    coordinator._do_commit_offsets = commit_where_member


def know_partitions(coordinator: Any) -> None:
    """Have the leader of a group ask for the partitions of its topics before it gives them out.

    Where the broker was away when aiokafka asked, it does not ask again for five minutes; a worker that is the leader
    then gives out no partition at all, and all of the group stand still and believe that all is well.

    Parameters
    ----------
    coordinator
        The ``GroupCoordinator`` of aiokafka.
    """
    perform = coordinator._perform_assignment
    client = coordinator._client

    def are_known() -> bool:
        subscription = coordinator._subscription.subscription
        topics = subscription.topics if subscription is not None else ()
        return all(client.cluster.partitions_for_topic(topic) for topic in topics)

    async def perform_when_known(response: Any) -> Any:
        # No longer than the others wait for it: a topic that is gone must not keep the group from the next.
        end = monotonic() + coordinator._rebalance_timeout_ms / 1000
        while not are_known() and monotonic() < end:
            await client.force_metadata_update()
            await asyncio.sleep(0 if are_known() else _ASK_SECONDS)
        return await perform(response)

    coordinator._perform_assignment = perform_when_known


def know_offsets(coordinator: Any) -> None:
    """Have committed offsets asked for again where the answer is an error and no offsets.

    Brokers give an error of the whole answer once, and without any partition: one that coordinates the group no more,
    or has just begun to and still loads it, as after its restart. aiokafka takes that for partitions of which nothing
    was ever committed, and all that is there would be read and decided again.

    Parameters
    ----------
    coordinator
        The ``GroupCoordinator`` of aiokafka.
    """
    send = coordinator._send_req

    async def send_and_heed(request: Any) -> Any:
        response = await send(request)
        code = getattr(response, "error_code", 0) if isinstance(request, OffsetFetchRequest) else 0
        if not code:
            return response
        if code == GroupAuthorizationFailedError.errno:
            raise GroupAuthorizationFailedError(coordinator.group_id)
        if code == GroupLoadInProgressError.errno:
            raise GroupLoadInProgressError
        coordinator.coordinator_dead()
        raise GroupCoordinatorNotAvailableError(f"error {code} in place of committed offsets")

    coordinator._send_req = send_and_heed


def watch_instance(
    coordinator: Any, instance: str, session_timeout: float, fail: Callable[[BaseException], None]
) -> None:
    """Look at all that a group's coordinator answers to a member.

    Parameters
    ----------
    coordinator
        The ``GroupCoordinator`` of aiokafka.
    instance
        The name of this worker in the group.
    session_timeout
        Seconds after which the group forgets a silent member: one that was known a moment ago cannot have expired.
    fail
        Ends the process; may be called from any thread.
    """
    send = coordinator._send_req
    known_at = float("-inf")
    taken = ""

    async def send_and_look(request: Any) -> Any:
        nonlocal known_at, taken
        if not taken:
            response = await send(request)
            if type(request).__name__ not in _REQUESTS:
                return response
            codes = _error_codes(response)
            if codes == {0}:
                known_at = monotonic()
            known = monotonic() - known_at < session_timeout / 2
            if _FENCED_INSTANCE not in codes and not (known and _UNKNOWN_MEMBER in codes):
                return response
            taken = (
                f"another worker has joined the group as {instance}; give every worker a SLUICEGATE_INSTANCE of its "
                "own, and let one end before its successor starts"
            )
            fail(InstanceTakenError(taken))
        # As an answer that never came: whoever saw the real one would join again.
        raise KafkaError(taken)

    coordinator._send_req = send_and_look


def _error_codes(response: Any) -> set[int]:
    if hasattr(response, "error_code"):
        return {response.error_code}
    return {code for _, partitions in response.topics for _, code in partitions}
