"""The figures of one harm in some texts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.evaluation.evaluation import (
    MIN_TEXTS,
    Curve,
    HarmEvaluation,
    HarmFigures,
    OperatingPoint,
    ReliabilityBin,
    Threshold,
)
from sluicegate.models.evaluation.resampling import Resamples, estimate
from sluicegate.models.evaluation.sample import Sample
from sluicegate.models.evaluation.weighted import Ranked, equal_mass_bins, even_odds
from sluicegate.models.figures import even_odds_weights

__all__ = ["evaluate_harm", "harm_figures", "harm_statistics"]

_CURVE_POINTS = 120


def evaluate_harm(
    sample: Sample, harm: str, thresholds: Sequence[Threshold], prevalence: float, resamples: Resamples
) -> HarmEvaluation:
    """Measure one harm on all rows whose label is known, and on those of each source, language and length."""
    column = sample.harms.index(harm)
    texts = np.flatnonzero(sample.known[:, column])

    def figures(chosen: NDArray[np.intp]) -> HarmFigures:
        labels, scores = sample.values[chosen, column], sample.scores[chosen, column]
        return harm_figures(labels, scores, chosen, thresholds, prevalence, resamples)

    slices = {
        kind: {name: figures(chosen) for name, chosen in sample.slices_of(kind, texts).items()}
        for kind in sample.slices
    }
    labels, scores = sample.values[texts, column], sample.scores[texts, column]
    enough = _enough(labels)
    return HarmEvaluation(
        overall=figures(texts),
        by_source=slices["source"],
        by_language=slices["language"],
        by_length=slices["length"],
        reliability=_reliability(labels, even_odds(scores, prevalence)) if enough else (),
        curve=_curve(labels, scores) if enough else None,
    )


def harm_statistics(
    labels: NDArray[np.int8],
    scores: NDArray[np.float64],
    thresholds: Sequence[Threshold],
    prevalence: float,
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return AUC, average precision, calibration error, then precision, recall and F1 of all thresholds.

    Parameters
    ----------
    weights
        Of the texts: shape (n_resamples, n_texts).

    Returns
    -------
    NDArray
        Shape (3 + 3 * n_thresholds, n_resamples).
    """
    ranked = Ranked.of(labels, scores)
    cuts = np.array([threshold.probability for threshold in thresholds], dtype=np.float64)
    calibration = ranked.calibration(even_odds(scores, prevalence), weights)
    return np.concatenate([ranked.discrimination(weights), calibration, ranked.at(cuts, weights)])


def harm_figures(
    labels: NDArray[np.int8],
    scores: NDArray[np.float64],
    texts: NDArray[np.intp],
    thresholds: Sequence[Threshold],
    prevalence: float,
    resamples: Resamples,
) -> HarmFigures:
    """Measure one harm on some texts; ``texts`` says which they are among those that are resampled."""
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not _enough(labels):
        return HarmFigures(positives, negatives, None, None, None)

    def statistic(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return harm_statistics(labels, scores, thresholds, prevalence, weights)

    values = statistic(np.ones((1, len(labels))))[:, 0]
    drawn = resamples.figures(texts, statistic)
    estimates = [estimate(float(value), each) for value, each in zip(values, drawn, strict=True)]
    total = len(thresholds)
    points = tuple(
        OperatingPoint(
            threshold,
            int((scores > threshold.probability).sum()),
            *(estimates[3 + number + k * total] for k in range(3)),
        )
        for number, threshold in enumerate(thresholds)
    )
    auc, average_precision, ece = estimates[:3]
    return HarmFigures(positives, negatives, auc, average_precision, ece, points)


def _enough(labels: NDArray[np.int8]) -> bool:
    positives = int(labels.sum())
    return min(positives, len(labels) - positives) >= MIN_TEXTS


def _reliability(labels: NDArray[np.int8], probabilities: NDArray[np.float64]) -> tuple[ReliabilityBin, ...]:
    weights = even_odds_weights(labels)
    _, places = np.unique(probabilities, return_inverse=True)
    mass = np.asarray(np.bincount(places, weights), dtype=np.float64)
    bins = equal_mass_bins(mass)[places]
    found = []
    for number in np.unique(bins):
        chosen = bins == number
        within = weights[chosen] / weights[chosen].sum()
        said, so = float(within @ probabilities[chosen]), float(within @ labels[chosen])
        found.append(ReliabilityBin(round(said, 4), round(so, 4), int(chosen.sum())))
    return tuple(found)


def _curve(labels: NDArray[np.int8], scores: NDArray[np.float64]) -> Curve:
    ranked = Ranked.of(labels, scores)
    caught = np.cumsum(ranked.positive)[ranked.ends]
    called = ranked.ends + 1
    alarms = called - caught
    recall, false = caught / caught[-1], alarms / alarms[-1]
    # Even steps along the curve, so that neither its steep part nor its flat one is lost.
    way = recall + false
    kept = np.unique(np.searchsorted(way, np.linspace(0, way[-1], _CURVE_POINTS)))
    return Curve(
        tuple(round(float(value), 4) for value in false[kept]),
        tuple(round(float(value), 4) for value in recall[kept]),
        tuple(round(float(value), 4) for value in (caught / called)[kept]),
    )
