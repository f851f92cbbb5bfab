"""The state of drift under one bundle: what the last hours say, and when the stream changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.drift.binning import Binning
from sluicegate.models.drift.changes import Change, ChangeDetector
from sluicegate.models.drift.feature import Feature
from sluicegate.models.drift.stability import noise_bound, population_stability_index, smoothed_shares
from sluicegate.models.drift.window import BLOCKS_LEAST, Window, design_effect

__all__ = ["LEVELS", "DriftWatch", "Finding", "compare"]

#: Indices from which a feature has shifted, and from which it has changed, by custom (Siddiqi 2006).
LEVELS: Final = (0.1, 0.25)

#: Texts below which nothing is said of a feature, and independent ones.
_TEXTS_LEAST: Final = 500
_INDEPENDENT_LEAST: Final = 200


@dataclass(frozen=True)
class Finding:
    """How the texts of the window compare with the reference in one feature.

    Attributes
    ----------
    feature
        Its name.
    texts
        Of the window.
    independent_texts
        As many independent ones would tell as much.
    stability_index
        The population stability index.
    noise
        What it stays under by chance.
    rank
        How likely a live text lies above one of the reference; 1/2 without drift.
    level
        0 where the index is what chance explains or small, 1 from 0.1, 2 from 0.25.
    """

    feature: str
    texts: int
    independent_texts: float
    stability_index: float
    noise: float
    rank: float
    level: int


def compare(features: Sequence[Feature], blocks: Sequence[NDArray[np.float64]]) -> list[Finding]:
    """Compare what was counted in each block of time with the reference.

    Parameters
    ----------
    features
        What is watched.
    blocks
        For each feature the texts by block and bin: shape (n_blocks, n_bins).

    Returns
    -------
    list of Finding
        Without the features of which there are too few texts to tell.
    """
    effects = [design_effect(counts) for counts in blocks]
    if not effects:
        return []
    # Texts that come in bursts are alike in all features, but a feature whose rare bins have been empty so far shows
    # nothing of it. The median, since the one that drifts within the window differs between blocks by that.
    typical = float(np.median([effect for effect, _ in effects]))
    found = (
        _finding(feature, counts.sum(axis=0), max(effect, typical), used)
        for feature, counts, (effect, used) in zip(features, blocks, effects, strict=True)
    )
    return [one for one in found if one is not None]


def _finding(feature: Feature, counts: NDArray[np.float64], effect: float, used: int) -> Finding | None:
    texts = int(counts.sum())
    if texts < _TEXTS_LEAST or texts < _INDEPENDENT_LEAST * effect or used < BLOCKS_LEAST:
        return None
    index = population_stability_index(smoothed_shares(counts / effect, feature.shares), feature.shares)
    noise = noise_bound(len(feature.shares), texts / effect, feature.texts, used)
    level = sum(index >= least for least in LEVELS) if index > noise else 0
    rank = float(counts @ feature.ranks) / texts
    return Finding(feature.name, texts, texts / effect, index, noise, rank, level)


class DriftWatch:
    """Watches the texts that one bundle scores.

    Parameters
    ----------
    binning
        By which the texts are counted.
    seconds
        Length of the window.
    now
        When it begins, in seconds since any point.
    """

    def __init__(self, binning: Binning, seconds: float, now: float) -> None:
        self.binning = binning
        self._window = Window(binning.size, seconds, now)
        self._detectors = [ChangeDetector(now) for _ in binning.features]
        self._ranks = np.concatenate([np.zeros(0), *(feature.ranks for feature in binning.features)])

    def add(self, counts: NDArray[np.int64], now: float) -> dict[str, Change]:
        """Add the counts of a batch; tell which features it shows to have changed against what came before."""
        self._window.add(counts, now)
        if not len(counts):
            return {}
        starts = self.binning.starts
        texts = np.add.reduceat(counts, starts).tolist()
        ranks = np.add.reduceat(counts * self._ranks, starts).tolist()
        found = {}
        for feature, detector, number, total in zip(self.binning.features, self._detectors, texts, ranks, strict=True):
            change = detector.add(number, total, now) if number else None
            if change is not None:
                found[feature.name] = change
        return found

    def findings(self, now: float) -> list[Finding]:
        """Compare the window with the reference; features of which there are too few texts are not there."""
        self._window.advance(now)
        features, blocks = self.binning.features, self._window.blocks().astype(np.float64)
        return compare(features, np.split(blocks, self.binning.starts[1:].tolist(), axis=1) if features else [])
