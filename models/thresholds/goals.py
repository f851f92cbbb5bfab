"""What a threshold may be set by, and the stream that it is set for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

GoalKind = Literal["precision", "recall", "false_alarms", "hours"]

KINDS: tuple[GoalKind, ...] = get_args(GoalKind)


class GoalError(Exception):
    """A goal or the stream it is set for makes no sense; the message says what to give instead."""


@dataclass(frozen=True)
class Goal:
    """What a threshold is to give.

    Parameters
    ----------
    kind
        ``precision`` and ``recall`` are to be reached, ``false_alarms`` (of a thousand ordinary posts) and
        ``hours`` (of reviewers, a day) are not to be exceeded.
    value
        A share in (0, 1) for the first two, a positive number for the others.

    Raises
    ------
    GoalError
        If the value is out of its range.
    """

    kind: GoalKind
    value: float

    def __post_init__(self) -> None:
        if self.kind in ("precision", "recall") and not 0 < self.value < 1:
            raise GoalError(f"a goal of {self.value:g} for {self.kind} is no share; give one between 0 and 1")
        if self.kind == "false_alarms" and not 0 < self.value < 1000:
            raise GoalError(f"{self.value:g} false alarms per thousand cannot be; give a number between 0 and 1000")
        if self.kind == "hours" and not 0 < self.value < float("inf"):
            raise GoalError(f"{self.value:g} reviewer hours a day are no goal; give more than 0")


@dataclass(frozen=True)
class Stream:
    """The posts that the threshold will meet.

    Parameters
    ----------
    prevalence
        Share of all posts that the harm is in, in (0, 1).
    events_a_day
        Posts a day; None where nothing is to be said about a day.
    minutes
        Of a reviewer for one case; None where nothing is to be said about hours.

    Raises
    ------
    GoalError
        If a number is out of its range.
    """

    prevalence: float
    events_a_day: float | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.prevalence < 1:
            raise GoalError(f"a prevalence of {self.prevalence:g} is no share; give one between 0 and 1")
        for name, value in (("events a day", self.events_a_day), ("minutes a case", self.minutes)):
            if value is not None and not 0 < value < float("inf"):
                raise GoalError(f"{value:g} {name} cannot be; give more than 0")


def share_hours(hours: float, streams: Mapping[str, Stream]) -> dict[str, float]:
    """Share reviewer hours between harms in proportion to what their true cases take.

    Parameters
    ----------
    hours
        A day, for all harms.
    streams
        Of each harm; those without ``minutes`` count as one minute a case.
    """
    needs = {harm: stream.prevalence * (stream.minutes or 1.0) for harm, stream in streams.items()}
    return {harm: hours * need / sum(needs.values()) for harm, need in needs.items()}
