"""What passes by itself is not logged as an error, and what lasts is."""

import inspect
import logging

import pytest
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import GroupAuthorizationFailedError, GroupCoordinatorNotAvailableError

from sluicegate.agents import logs
from sluicegate.agents.logs import PassingFilter

COORDINATOR = "aiokafka.consumer.group_coordinator"


def failed(error: Exception) -> logging.LogRecord:
    message = "Group Coordinator Request failed: %s"
    return logging.LogRecord(COORDINATOR, logging.ERROR, "", 1, message, (error,), None)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(logs, "monotonic", lambda: now[0])
    return now


def test_a_coordinator_that_is_being_made_is_told_only_when_it_takes_long(clock: list[float]) -> None:
    passing, told = PassingFilter(10), []
    for _ in range(12):
        told.append(passing.filter(failed(GroupCoordinatorNotAvailableError())))
        clock[0] += 1
    assert told == [False] * 10 + [True] * 2
    clock[0] += 10
    assert not passing.filter(failed(GroupCoordinatorNotAvailableError()))


def test_a_rebalance_is_told_only_when_it_takes_long(clock: list[float]) -> None:
    passing, told = PassingFilter(10), []
    message = "Heartbeat failed for group %s because it is rebalancing"
    for _ in range(5):
        record = logging.LogRecord(COORDINATOR, logging.WARNING, "", 1, message, ("g",), None)
        told.append(passing.filter(record))
        clock[0] += 3
    assert told == [False] * 4 + [True]


def test_what_is_held_back_of_a_rebalance_is_worded_as_aiokafka_words_it() -> None:
    assert logs._REBALANCING in inspect.getsource(GroupCoordinator)


def test_an_error_that_does_not_pass_is_told_at_once(clock: list[float]) -> None:
    assert PassingFilter(10).filter(failed(GroupAuthorizationFailedError("g")))
