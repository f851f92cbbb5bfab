"""Figures of merit of calibrated probabilities, each a pure function of labels and scores."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.manifest import Histogram, SourceMetrics

ECE_BINS = 15
LOG_ODDS_EDGES = tuple(float(edge) for edge in np.arange(-10.0, 10.25, 0.5))


def log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log-odds, finite also at 0 and 1."""
    inside = np.clip(probabilities, 1e-12, 1 - 1e-12)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of each log-odds without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))


def shown_probability(value: float) -> str:
    """Write a probability so that it can be copied into a rule: with as many digits as tell it from 0 and from 1."""
    if 0 < value < 0.001:
        return f"{value:.2e}"
    return f"{value:.3f}" if value < 0.999 else f"{value:.6f}"


def discrimination(labels: NDArray[np.int8], scores: NDArray[np.float64]) -> SourceMetrics | None:
    """Return counts, AUC and average precision; None where a class has fewer than five texts."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    positives = int(labels.sum())
    negatives = len(labels) - positives
    if min(positives, negatives) < 5:
        return None
    return SourceMetrics(
        positives,
        negatives,
        round(float(roc_auc_score(labels, scores)), 4),
        round(float(average_precision_score(labels, scores)), 4),
    )


def even_odds_weights(labels: NDArray[np.int8]) -> NDArray[np.float64]:
    """Weigh texts so that both classes weigh one half: shape (n_texts,), summing to 1."""
    positives = labels == 1
    return np.asarray(np.where(positives, 0.5 / max(1, positives.sum()), 0.5 / max(1, (~positives).sum())))


def calibration_error(labels: NDArray[np.int8], probabilities: NDArray[np.float64]) -> float:
    """Return the expected calibration error in 15 bins of equal mass, both classes weighted alike."""
    order = np.argsort(probabilities, kind="stable")
    weights = even_odds_weights(labels)[order]
    bins = np.minimum((np.cumsum(weights) - weights / 2) * ECE_BINS, ECE_BINS - 1).astype(np.intp)
    gap = weights * (probabilities[order] - labels[order])
    return float(np.abs(np.bincount(bins, gap, ECE_BINS)).sum())


def histogram(probabilities: NDArray[np.float64]) -> Histogram:
    """Count probabilities between fixed edges of log-odds; the outer bins are open."""
    return counted(log_odds(probabilities), LOG_ODDS_EDGES)


def counted(values: NDArray[np.float64], edges: Sequence[float]) -> Histogram:
    """Count values between edges; the outer bins are open, and a value at an edge is in the bin above it."""
    bins = np.searchsorted(np.array(edges), values, side="right")
    return Histogram(list(edges), np.bincount(bins, minlength=len(edges) + 1).tolist())
