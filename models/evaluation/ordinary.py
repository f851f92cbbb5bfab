"""False alarms: how many ordinary texts a threshold flags."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from sluicegate.models.evaluation.evaluation import Estimate, FalseAlarms, OrdinaryFigures, Threshold
from sluicegate.models.evaluation.sample import Sample

__all__ = ["exact_interval", "false_alarms", "ordinary_figures"]


def exact_interval(flagged: int, texts: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share (Clopper and Pearson 1934)."""
    low = float(beta.ppf(0.025, flagged, texts - flagged + 1)) if flagged else 0.0
    high = float(beta.ppf(0.975, flagged + 1, texts - flagged)) if flagged < texts else 1.0
    return low, high


def false_alarms(scores: NDArray[np.float64], threshold: float) -> FalseAlarms:
    """Count the ordinary texts that lie above a threshold; there must be one text at least."""
    flagged = int((scores > threshold).sum())
    low, high = exact_interval(flagged, len(scores))
    share = Estimate(*(round(1_000 * value, 2) for value in (flagged / len(scores), low, high)))
    return FalseAlarms(len(scores), flagged, share)


def ordinary_figures(sample: Sample, harm: str, thresholds: Sequence[Threshold]) -> tuple[OrdinaryFigures, ...]:
    """Count the ordinary texts above each threshold of a harm; nothing where there is no ordinary text."""
    texts = np.flatnonzero(sample.ordinary)
    if not len(texts):
        return ()
    scores = sample.scores[:, sample.harms.index(harm)]

    def by(kind: str, cut: float) -> dict[str, FalseAlarms]:
        return {name: false_alarms(scores[chosen], cut) for name, chosen in sample.slices_of(kind, texts).items()}

    return tuple(
        OrdinaryFigures(
            threshold=threshold,
            overall=false_alarms(scores[texts], threshold.probability),
            by_source=by("source", threshold.probability),
            by_language=by("language", threshold.probability),
            by_length=by("length", threshold.probability),
        )
        for threshold in thresholds
    )
