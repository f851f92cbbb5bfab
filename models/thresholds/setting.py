"""From a goal to a threshold, or to the reason why there is none and the nearest goal that can be met."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.thresholds.goals import Goal, GoalError, Stream
from sluicegate.models.thresholds.sample import RULE_OF_THREE, Rates, Sample

MIN_POSITIVES = 20


@dataclass(frozen=True)
class Unmet:
    """A goal for which no threshold can be given, why, and the nearest round one that can be met (None: none can)."""

    goal: Goal
    reason: str
    nearest: float | None


def threshold_for(goal: Goal, stream: Stream, sample: Sample) -> float | Unmet:
    """Return the threshold that meets the goal and flags most (of recall: least).

    A rate under three of the texts it is counted among cannot be told from nothing, so it is taken for three
    of them (the rule of three): a threshold is given only where the goal holds even then.

    Raises
    ------
    GoalError
        If hours are asked for and the stream does not say how many events and minutes there are.
    """
    if goal.kind == "hours" and (stream.events_a_day is None or stream.minutes is None):
        raise GoalError("reviewer hours need the events a day and the minutes a case; give both")
    if goal.kind != "false_alarms" and len(sample.positives) < MIN_POSITIVES:
        return Unmet(goal, f"{len(sample.positives)} texts hold the harm, {MIN_POSITIVES} are needed", None)
    if goal.kind == "recall":
        return _by_recall(goal, sample)
    if not len(sample.harmless):
        return Unmet(goal, "there is no text without the harm to count false alarms among", None)
    thresholds = sample.candidates()
    counts = sample.caught(thresholds), sample.false_alarms(thresholds)
    met = meets(goal, stream, rates(sample, *counts, supported=True))
    if met.any():
        return float(thresholds[int(met.argmax())])
    return _unmet(goal, stream, sample, counts)


def rates(
    sample: Sample, caught: NDArray[np.intp], false_alarms: NDArray[np.intp], *, supported: bool = False
) -> Rates:
    """Return counts as shares; ``supported`` raises false alarms to what so many texts can vouch for."""
    positives, harmless = max(1, len(sample.positives)), max(1, len(sample.harmless))
    counted = np.maximum(false_alarms, RULE_OF_THREE) if supported else false_alarms
    return Rates(caught / positives, np.minimum(1.0, counted / harmless))


def meets(goal: Goal, stream: Stream, found: Rates) -> NDArray[np.bool_]:
    """Tell at which of the rates a goal for precision, false alarms or hours is met."""
    if goal.kind == "precision":
        return np.asarray((found.precision(stream) >= goal.value) & (found.caught > 0))
    if goal.kind == "false_alarms":
        return np.asarray(1000 * found.false_alarms <= goal.value)
    return hours(stream, found) <= goal.value


def hours(stream: Stream, found: Rates) -> NDArray[np.float64]:
    """Return reviewer hours a day; the stream says how many events and minutes there are."""
    return np.asarray(found.flagged(stream) * (stream.events_a_day or 0.0) * (stream.minutes or 0.0) / 60)


def _by_recall(goal: Goal, sample: Sample) -> float | Unmet:
    count = len(sample.positives)
    if (1 - goal.value) * count < RULE_OF_THREE:
        wanted = int(np.ceil(RULE_OF_THREE / (1 - goal.value)))
        reason = f"{count:,} texts with the harm cannot tell a recall of {goal.value:.4g}; {wanted:,} can"
        return Unmet(goal, reason, _round_down(1 - RULE_OF_THREE / count))
    # The least count that is enough: a share times a count may come out a hair above a whole number.
    needed = int(np.ceil(goal.value * count - 1e-9))
    return float(sample.positives[count - needed])


def _unmet(goal: Goal, stream: Stream, sample: Sample, counts: tuple[NDArray[np.intp], NDArray[np.intp]]) -> Unmet:
    careful, seen = rates(sample, *counts, supported=True), rates(sample, *counts)
    best = _best(goal, stream, careful)
    if meets(goal, stream, seen).any():
        number = len(sample.harmless)
        return Unmet(goal, f"{number:,} ordinary texts are too few to vouch for it (the rule of three)", best)
    if goal.kind == "precision":
        return Unmet(goal, f"at a prevalence of {stream.prevalence:.3g} no threshold reaches it", best)
    return Unmet(goal, "no threshold gives so little and still flags a text that was seen", best)


def _best(goal: Goal, stream: Stream, found: Rates) -> float | None:
    if goal.kind == "precision":
        return _round_down(float(found.precision(stream)[found.caught > 0].max()))
    if goal.kind == "false_alarms":
        least = _round_up(float(1000 * found.false_alarms.min()))
        return least if least < 1000 else None
    return _round_up(float(hours(stream, found).min()))


def _round_down(share: float) -> float | None:
    return float(np.floor(share * 1000) / 1000) or None


def _round_up(number: float) -> float:
    """Return the next number of three decimals, or one beyond it where the last bits would decide."""
    return float((np.floor(number * 1000) + 1) / 1000)
