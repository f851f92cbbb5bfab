"""How sure a threshold and what it gives are, by resampling the texts with a seeded generator."""

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.thresholds.goals import Goal, Stream
from sluicegate.models.thresholds.recorded import Estimate, Gives
from sluicegate.models.thresholds.sample import Rates, Sample
from sluicegate.models.thresholds.setting import hours, meets, rates

THRESHOLD_DRAWS = 400
RATE_DRAWS = 4_000
TAILS = (0.025, 0.975)


def threshold_estimate(
    threshold: float, goal: Goal, stream: Stream, sample: Sample, rng: np.random.Generator
) -> Estimate:
    """Return the threshold with its percentile interval (Efron 1979): set anew on texts drawn with replacement.

    Where a drawing meets the goal nowhere, it counts as the probability 1.
    """
    thresholds = sample.candidates()
    groups = [np.searchsorted(thresholds, scores) for scores in (sample.positives, sample.harmless)]
    drawn = np.empty(THRESHOLD_DRAWS)
    for number in range(THRESHOLD_DRAWS):
        caught, false_alarms = (_flagged(places, len(thresholds), rng) for places in groups)
        if goal.kind == "recall":
            met = caught >= goal.value * len(sample.positives) - 1e-9
            drawn[number] = thresholds[np.flatnonzero(met)[-1]]
        else:
            met = meets(goal, stream, rates(sample, caught, false_alarms, supported=True))
            drawn[number] = thresholds[int(met.argmax())] if met.any() else 1.0
    return _estimate(threshold, drawn)


def gives(threshold: float, stream: Stream, sample: Sample, rng: np.random.Generator) -> Gives:
    """Return what a threshold gives on a stream, with intervals for another sample of as many texts.

    The share of texts above a fixed threshold is drawn by the Bayesian bootstrap (Rubin 1981), which for a share
    is a beta distribution; half a text is added on either side (Jeffreys), so that none seen is not none for sure.
    """
    at = np.array([threshold])
    caught, false_alarms = sample.caught(at), sample.false_alarms(at)
    seen = rates(sample, caught, false_alarms)
    drawn = Rates(
        _shares(int(caught[0]), len(sample.positives), rng), _shares(int(false_alarms[0]), len(sample.harmless), rng)
    )
    positives, harmless = len(sample.positives) > 0, len(sample.harmless) > 0
    both = positives and harmless
    daily = both and stream.events_a_day is not None
    events = stream.events_a_day or 0.0
    return Gives(
        precision=_estimate(seen.precision(stream)[0], drawn.precision(stream)) if both else None,
        recall=_estimate(seen.caught[0], drawn.caught) if positives else None,
        false_alarms=_estimate(1000 * seen.false_alarms[0], 1000 * drawn.false_alarms) if harmless else None,
        cases_a_day=_estimate(events * seen.flagged(stream)[0], events * drawn.flagged(stream)) if daily else None,
        hours_a_day=_estimate(hours(stream, seen)[0], hours(stream, drawn)) if daily and stream.minutes else None,
    )


def _flagged(places: NDArray[np.intp], size: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Count the texts of one drawing with replacement at or above each threshold."""
    if not len(places):
        return np.zeros(size, dtype=np.intp)
    counts = np.bincount(places[rng.integers(0, len(places), len(places))], minlength=size)
    return np.asarray(counts[::-1].cumsum()[::-1])


def _shares(count: int, of: int, rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.beta(count + 0.5, of - count + 0.5, RATE_DRAWS)


def _estimate(value: float, drawn: NDArray[np.float64]) -> Estimate:
    low, high = np.quantile(drawn, TAILS)
    return Estimate(float(value), min(float(low), float(value)), max(float(high), float(value)))
