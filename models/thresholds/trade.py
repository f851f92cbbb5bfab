"""The trade between what is caught and what it costs, along a harm's thresholds, and thresholds for its goals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.figures import log_odds, sigmoid
from sluicegate.models.thresholds import bootstrap
from sluicegate.models.thresholds.goals import Goal, Stream
from sluicegate.models.thresholds.recorded import Gives, GoalThreshold, ScoredFile
from sluicegate.models.thresholds.sample import Sample
from sluicegate.models.thresholds.setting import MIN_POSITIVES, Unmet, threshold_for

RECALLS = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
FALSE_ALARM_SHARES = (0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
CURVE_POINTS = 100


@dataclass(frozen=True)
class Point:
    """A threshold and what it gives."""

    probability: float
    gives: Gives


def set_threshold(
    goal: Goal, stream: Stream, sample: Sample, data: Sequence[ScoredFile], seed: int
) -> GoalThreshold | Unmet:
    """Set a threshold by a goal, with intervals, as it stands in a manifest.

    Parameters
    ----------
    data
        The files that the sample's texts come from.
    seed
        Where the drawings of the intervals come from.

    Raises
    ------
    GoalError
        If hours are asked for and the stream does not say how many events and minutes there are.
    """
    threshold = threshold_for(goal, stream, sample)
    if isinstance(threshold, Unmet):
        return threshold
    rng = np.random.default_rng(seed)
    return GoalThreshold(
        goal=goal.kind,
        value=goal.value,
        probability=bootstrap.threshold_estimate(threshold, goal, stream, sample, rng),
        gives=bootstrap.gives(threshold, stream, sample, rng),
        prevalence=stream.prevalence,
        events_a_day=stream.events_a_day,
        minutes=stream.minutes,
        positives=len(sample.positives),
        harmless=len(sample.harmless),
        data=tuple(data),
        seed=seed,
    )


def trade(stream: Stream, sample: Sample, seed: int) -> tuple[Point, ...]:
    """Return what thresholds from low to high give: at steps of recall, or of false alarms with few positives."""
    if len(sample.positives) >= MIN_POSITIVES:
        found = [np.quantile(sample.positives, 1 - share, method="lower") for share in RECALLS]
    elif len(sample.harmless):
        found = [np.quantile(sample.harmless, 1 - share, method="higher") for share in FALSE_ALARM_SHARES]
    else:
        return ()
    return points_at(found, stream, sample, seed)


def curve(stream: Stream, sample: Sample, seed: int) -> tuple[Point, ...]:
    """Return what some hundred thresholds give, evenly spaced in log-odds between the lowest and highest score."""
    candidates = sample.candidates()
    if not len(candidates):
        return ()
    ends = log_odds(candidates[[0, -1]])
    return points_at(sigmoid(np.linspace(ends[0], ends[1], CURVE_POINTS)), stream, sample, seed)


def points_at(
    thresholds: Sequence[float] | NDArray[np.float64], stream: Stream, sample: Sample, seed: int
) -> tuple[Point, ...]:
    """Return what thresholds give, in ascending order and each once."""
    rng = np.random.default_rng(seed)
    distinct = sorted({float(threshold) for threshold in thresholds})
    return tuple(Point(threshold, bootstrap.gives(threshold, stream, sample, rng)) for threshold in distinct)
