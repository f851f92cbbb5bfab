"""What passes by itself is not logged as an error, and what lasts is."""

import logging

import pytest
from aiokafka.errors import GroupAuthorizationFailedError, GroupCoordinatorNotAvailableError

from sluicegate.agents import logs
from sluicegate.agents.logs import PassingFilter


def failed(error: Exception) -> logging.LogRecord:
    message = "Group Coordinator Request failed: %s"
    return logging.LogRecord("aiokafka.consumer.group_coordinator", logging.ERROR, "", 1, message, (error,), None)


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


def test_an_error_that_does_not_pass_is_told_at_once(clock: list[float]) -> None:
    assert PassingFilter(10).filter(failed(GroupAuthorizationFailedError("g")))
