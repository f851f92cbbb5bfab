"""Two bundles on the same texts: every figure of both, and the paired interval of the difference."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.evaluation.evaluation import MIN_TEXTS, Difference, HarmComparison, Threshold
from sluicegate.models.evaluation.harm import harm_statistics
from sluicegate.models.evaluation.resampling import Resamples, estimate, groups_of
from sluicegate.models.evaluation.sample import Progress, Sample
from sluicegate.models.evaluation.weighted import ratio
from sluicegate.models.evaluation.wording import names_of_figures

__all__ = ["Side", "compare"]


class Side:
    """One of two bundles: its probabilities of the texts, its thresholds and what it is calibrated to."""

    def __init__(
        self, sample: Sample, thresholds: Mapping[str, Sequence[Threshold]], prevalence: Mapping[str, float]
    ) -> None:
        self.sample = sample
        self.thresholds = thresholds
        self.prevalence = prevalence

    def cuts(self, harm: str, bases: Sequence[str]) -> list[Threshold]:
        """Return the thresholds of a harm that stand on these bases, in their order."""
        by_basis = {threshold.basis: threshold for threshold in self.thresholds.get(harm, ())}
        return [by_basis[basis] for basis in bases]

    def statistics(
        self, harm: str, texts: NDArray[np.intp], cuts: Sequence[Threshold], weights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the figures of a harm on some of the texts: shape (n_figures, n_resamples)."""
        column = self.sample.harms.index(harm)
        labels, scores = self.sample.values[texts, column], self.sample.scores[texts, column]
        return harm_statistics(labels, scores, cuts, self.prevalence.get(harm, 0.5), weights)

    def alarms(
        self, harm: str, texts: NDArray[np.intp], cuts: Sequence[Threshold], weights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the share of ordinary texts above each cut: shape (n_cuts, n_resamples)."""
        scores = self.sample.scores[texts, self.sample.harms.index(harm)]
        flagged = np.stack([scores > cut.probability for cut in cuts], axis=1).astype(np.float64)
        return ratio(weights @ flagged, weights.sum(axis=1, keepdims=True)).T


def compare(this: Side, other: Side, seed: int, progress: Progress) -> dict[str, HarmComparison]:
    """Compare two bundles on the same rows, for the harms that both have.

    Thresholds are compared where both have one on the same basis.
    """
    resamples = Resamples.draw(groups_of(this.sample.rows), seed)
    harms = [harm for harm in this.sample.harms if harm in other.sample.harms]
    found = {}
    for number, harm in enumerate(harms):
        progress("compare", number, len(harms))
        bases = [threshold.basis for threshold in this.thresholds.get(harm, ())]
        shared = {threshold.basis for threshold in other.thresholds.get(harm, ())}
        found[harm] = _harm(this, other, harm, [basis for basis in bases if basis in shared], resamples)
    progress("compare", len(harms), len(harms))
    return found


def _harm(this: Side, other: Side, harm: str, bases: Sequence[str], resamples: Resamples) -> HarmComparison:
    sample = this.sample
    known = np.flatnonzero(sample.known[:, sample.harms.index(harm)])
    ordinary = np.flatnonzero(sample.ordinary)

    def differences(texts: NDArray[np.intp], plain: NDArray[np.intp]) -> dict[str, Difference]:
        return {
            **_figures(this, other, harm, bases, texts, resamples),
            **_alarms(this, other, harm, bases, plain, resamples),
        }

    def by(kind: str) -> dict[str, dict[str, Difference]]:
        none = np.empty(0, dtype=np.intp)
        labelled, plain = sample.slices_of(kind, known), sample.slices_of(kind, ordinary)
        names = [*labelled, *(name for name in plain if name not in labelled)]
        found = {name: differences(labelled.get(name, none), plain.get(name, none)) for name in names}
        return {name: each for name, each in found.items() if each}

    return HarmComparison(
        overall=differences(known, ordinary),
        by_source=by("source"),
        by_language=by("language"),
        by_length=by("length"),
    )


def _figures(
    this: Side, other: Side, harm: str, bases: Sequence[str], texts: NDArray[np.intp], resamples: Resamples
) -> dict[str, Difference]:
    labels = this.sample.values[texts, this.sample.harms.index(harm)]
    positives = int(labels.sum())
    if min(positives, len(labels) - positives) < MIN_TEXTS:
        return {}
    own, others = this.cuts(harm, bases), other.cuts(harm, bases)

    def statistic(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.concatenate(
            [this.statistics(harm, texts, own, weights), other.statistics(harm, texts, others, weights)]
        )

    return _paired(names_of_figures(bases), statistic(np.ones((1, len(texts)))), resamples.figures(texts, statistic))


def _alarms(
    this: Side, other: Side, harm: str, bases: Sequence[str], texts: NDArray[np.intp], resamples: Resamples
) -> dict[str, Difference]:
    if len(texts) < MIN_TEXTS or not bases:
        return {}
    own, others = this.cuts(harm, bases), other.cuts(harm, bases)

    def statistic(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.concatenate([this.alarms(harm, texts, own, weights), other.alarms(harm, texts, others, weights)])

    names = [f"ordinary texts flagged at {basis}" for basis in bases]
    return _paired(names, statistic(np.ones((1, len(texts)))), resamples.figures(texts, statistic))


def _paired(names: Sequence[str], values: NDArray[np.float64], drawn: NDArray[np.float64]) -> dict[str, Difference]:
    """Pair the first half of the figures with the second."""
    half = len(names)
    found = {}
    for number, name in enumerate(names):
        this, other = float(values[number, 0]), float(values[half + number, 0])
        difference = estimate(this - other, drawn[number] - drawn[half + number])
        if difference is not None:
            found[name] = Difference(round(this, 4), round(other, 4), difference)
    return found
