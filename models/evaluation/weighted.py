"""Figures of merit of weighted texts, for many sets of weights at once; with weights of one they are the usual ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.figures import ECE_BINS, log_odds, sigmoid

__all__ = ["Ranked", "equal_mass_bins", "even_odds", "ratio"]


def ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide, giving NaN where there is nothing to divide by."""
    none = np.full(np.broadcast(above, below).shape, np.nan)
    return np.asarray(np.divide(above, below, out=none, where=below > 0), dtype=np.float64)


def even_odds(probabilities: NDArray[np.float64], prevalence: float) -> NDArray[np.float64]:
    """Move probabilities that were calibrated to a prevalence back to even odds."""
    return sigmoid(log_odds(probabilities) - log_odds(np.array([prevalence])))


def equal_mass_bins(mass: NDArray[np.float64]) -> NDArray[np.intp]:
    """Put what stands in a row, by rising score, into bins of equal mass by where its middle lies.

    Parameters
    ----------
    mass
        Of each, each row summing to 1: shape (..., n).
    """
    middles = np.cumsum(mass, axis=-1) - mass / 2
    return np.minimum(middles * ECE_BINS, ECE_BINS - 1).astype(np.intp)


@dataclass(frozen=True)
class Ranked:
    """Texts by falling score.

    Attributes
    ----------
    order
        Where each of them stands in the arrays that were given.
    positive, scores
        Labels and scores in that order: shape (n_texts,).
    ends
        The last of each run of equal scores.
    """

    order: NDArray[np.intp]
    positive: NDArray[np.bool_]
    scores: NDArray[np.float64]
    ends: NDArray[np.intp]

    @classmethod
    def of(cls, labels: NDArray[np.int8], scores: NDArray[np.float64]) -> "Ranked":
        """Rank texts."""
        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
        return cls(order, labels[order] == 1, ranked, ends)

    def discrimination(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return AUC and average precision, as scikit-learn defines them: shape (2, n_resamples).

        Parameters
        ----------
        weights
            Of the texts as they were given: shape (n_resamples, n_texts).
        """
        ranked = weights[:, self.order]
        caught = np.cumsum(ranked * self.positive, axis=1)[:, self.ends]
        alarms = np.cumsum(ranked, axis=1)[:, self.ends] - caught
        caught_before = np.pad(caught, ((0, 0), (1, 0)))[:, :-1]
        alarms_before = np.pad(alarms, ((0, 0), (1, 0)))[:, :-1]
        positives, negatives = caught[:, -1], alarms[:, -1]
        area = ((alarms - alarms_before) * (caught + caught_before) / 2).sum(axis=1)
        precision = ratio(caught, caught + alarms)
        steps = np.nansum((caught - caught_before) * precision, axis=1)
        return np.stack([ratio(area, positives * negatives), ratio(steps, positives)])

    def at(self, thresholds: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return precision, recall and F1 at each threshold: shape (3 * n_thresholds, n_resamples)."""
        ranked = weights[:, self.order]
        flagged = (self.scores[:, None] > thresholds[None, :]).astype(np.float64)
        positives = (ranked * self.positive).sum(axis=1)[:, None]
        caught = (ranked * self.positive) @ flagged
        called = ranked @ flagged
        figures = (ratio(caught, called), ratio(caught, positives), ratio(2 * caught, called + positives))
        return np.concatenate([figure.T for figure in figures])

    def calibration(self, probabilities: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the expected calibration error at even odds: shape (1, n_resamples).

        Parameters
        ----------
        probabilities
            Of the texts as they were given, at even odds: shape (n_texts,).
        weights
            Of the texts as they were given: shape (n_resamples, n_texts).
        """
        # From the lowest, as the bins of the manifest's figure are filled.
        rising = self.order[::-1]
        positive, ranked = self.positive[::-1], weights[:, rising]
        for chosen in (positive, ~positive):
            total = ranked[:, chosen].sum(axis=1, keepdims=True)
            ranked[:, chosen] = 0.5 * ratio(ranked[:, chosen], total)
        whole = np.isfinite(ranked).all(axis=1)
        ranked = np.nan_to_num(ranked)
        # Texts of one score fall into one bin: to which of them a label belongs would be chance.
        firsts = len(rising) - 1 - self.ends[::-1]
        mass = np.add.reduceat(ranked, firsts, axis=1)
        gap = np.add.reduceat(ranked * (probabilities[rising] - positive), firsts, axis=1)
        bins = equal_mass_bins(mass)
        cells = (bins + ECE_BINS * np.arange(len(ranked))[:, None]).ravel()
        sums = np.bincount(cells, gap.ravel(), ECE_BINS * len(ranked)).reshape(len(ranked), ECE_BINS)
        return np.where(whole, np.abs(sums).sum(axis=1), np.nan)[None]
