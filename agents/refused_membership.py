"""Ends a worker that its group refuses: aiokafka would tell who fetches next, and wait for that without end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiokafka.errors import (
    GroupAuthorizationFailedError,
    InconsistentGroupProtocolError,
    InvalidSessionTimeoutError,
    TopicAuthorizationFailedError,
)

__all__ = ["GroupRefusedError", "fail_where_refused"]

#: Of which :mod:`sluicegate.agents.permissions` says what is missing.
_NAMED: Final[tuple[type[BaseException], ...]] = (GroupAuthorizationFailedError, TopicAuthorizationFailedError)


class GroupRefusedError(Exception):
    """The brokers do not let this worker into its group, or the client's part in it has failed."""


def fail_where_refused(consumer: Any, fail: Callable[[BaseException], None]) -> None:
    """Have whatever ends a member's part in its group end the process.

    A worker without partitions fetches nothing, and one that has its hands full does not fetch for long: neither would
    ever hear of it, and both would look alive.

    Parameters
    ----------
    consumer
        The ``AIOKafkaConsumer``, started, of a group.
    fail
        Ends the process; may be called from any thread.
    """
    coordinator = consumer._coordinator
    push = coordinator._push_error_to_user

    def fail_and_push(error: Exception) -> Awaitable[Any]:
        if not coordinator._closing.done():
            fail(_told(error, coordinator))
        pushed: Awaitable[Any] = push(error)
        return pushed

    coordinator._push_error_to_user = fail_and_push
    for task in (coordinator._coordination_task, consumer._fetcher._fetch_task):
        task.add_done_callback(lambda ended: _fail_with_task(ended, fail))


def _fail_with_task(ended: "asyncio.Task[Any]", fail: Callable[[BaseException], None]) -> None:
    if not ended.cancelled() and (error := ended.exception()) is not None:
        refused = GroupRefusedError(f"the Kafka client has failed: {error}")
        refused.__cause__ = error
        fail(refused)


def _told(error: BaseException, coordinator: Any) -> BaseException:
    if isinstance(error, _NAMED):
        return error
    group = coordinator.group_id
    if isinstance(error, InconsistentGroupProtocolError):
        said = (
            f"the group {group} has members of another kind, which share partitions out otherwise; give the workers "
            "a SLUICEGATE_GROUP of their own"
        )
    elif isinstance(error, InvalidSessionTimeoutError):
        said = (
            f"the brokers take no session timeout of {coordinator._session_timeout_ms / 1000:g} s; set "
            "SLUICEGATE_SESSION_TIMEOUT between their group.min.session.timeout.ms and group.max.session.timeout.ms"
        )
    else:
        said = f"the brokers refuse this worker its place in the group {group}: {error}"
    refused = GroupRefusedError(said)
    refused.__cause__ = error
    return refused
