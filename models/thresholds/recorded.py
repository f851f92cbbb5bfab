"""What a manifest says of the thresholds that were set by goals."""

import msgspec

from sluicegate.models.thresholds.goals import GoalKind


class Estimate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A figure with its interval of 95 %."""

    value: float
    low: float
    high: float


class ScoredFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file whose texts were scored, by name, digest (SHA-256, hexadecimal) and the number of its texts."""

    name: str
    sha256: str
    rows: int


class Gives(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a threshold gives on a stream; None where the texts or the stream say nothing of it.

    ``precision`` holds at the stated prevalence, ``false_alarms`` are of a thousand ordinary posts.
    """

    precision: Estimate | None
    recall: Estimate | None
    false_alarms: Estimate | None
    cases_a_day: Estimate | None
    hours_a_day: Estimate | None


class GoalThreshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A threshold that was set by a goal: flagged is a probability that is as high or higher.

    ``positives`` and ``harmless`` count the texts it was read from, ``data`` names their files; with the same
    files and ``seed`` it comes out the same.
    """

    goal: GoalKind
    value: float
    probability: Estimate
    gives: Gives
    prevalence: float
    events_a_day: float | None
    minutes: float | None
    positives: int
    harmless: int
    data: tuple[ScoredFile, ...]
    seed: int
