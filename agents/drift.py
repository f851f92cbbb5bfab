"""Drift of a worker: the texts of each batch are counted where it is scored, and what follows is exported."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.metrics import Metrics
from sluicegate.agents.rows import Row
from sluicegate.models.drift.binning import Binning
from sluicegate.models.drift.changes import Change
from sluicegate.models.drift.watch import DriftWatch, Finding

__all__ = ["CountedTexts", "DriftBooks", "count_texts"]

_CREATED: Final = "content.created"

#: Seconds between two looks at what the window says.
_LOOK_EVERY: Final = 10.0
#: Seconds after which a bundle that scores nothing, while another does, is taken for replaced.
_REPLACED_AFTER: Final = 600.0


@dataclass(frozen=True, slots=True)
class CountedTexts:
    """Texts of a batch by the bins of the bundle that scored them.

    Attributes
    ----------
    binning
        By which they were counted.
    texts
        How many.
    counts
        Shape (binning.size,).
    """

    binning: Binning
    texts: int
    counts: NDArray[np.int64]


def count_texts(binning: Binning, rows: Sequence[Row], scores: NDArray[np.float64]) -> CountedTexts:
    """Count the texts of a batch that were just created.

    The reference is of texts as people post them. Updates and reports are of what was seen much or minded: with
    them, every stream would seem to have drifted.

    Parameters
    ----------
    rows
        What was read of the batch.
    scores
        What the bundle itself gave them, shape (n_rows, n_harms).
    """
    created = [position for position, row in enumerate(rows) if row.event.type == _CREATED]
    texts = [rows[position].text for position in created]
    languages = [rows[position].language for position in created]
    return CountedTexts(binning, len(texts), binning.count(scores[created], texts, languages))


@dataclass(slots=True)
class _Watched:
    """A bundle that is watched: when it last scored a text, when it was looked at, and gauges by name and feature."""

    watch: DriftWatch
    counted: float
    looked: float
    shown: set[tuple[str, str]] = field(default_factory=set)


class DriftBooks:
    """Keeps the metrics of drift, for each bundle that scores by itself.

    Whoever swaps a bundle has nothing to do: counts say by which bundle's reference they were made, and the first ones
    of another begin a state of their own.

    Parameters
    ----------
    metrics
        Of this worker.
    window
        Seconds of the stream that are compared with the reference.
    """

    def __init__(self, metrics: Metrics, window: float) -> None:
        self._metrics = metrics
        self._window = window
        self._watched: dict[str, _Watched] = {}

    def add(self, counted: CountedTexts, now: float) -> None:
        """Add the texts of a batch, and from time to time look at what all of them say.

        Parameters
        ----------
        counted
            Texts of a batch.
        now
            Seconds since the epoch.
        """
        if not counted.texts:
            return
        digest = counted.binning.reference.digest
        watched = self._watched.get(digest)
        if watched is None:
            watched = self._watched[digest] = self._begin(counted.binning, now)
        watched.counted = now
        self._metrics.counter("sluicegate_drift_texts_total", digest).inc(counted.texts)
        for feature, change in watched.watch.add(counted.counts, now).items():
            self._tell(digest, feature, change)
        if not 0 <= now - watched.looked < _LOOK_EVERY:
            watched.looked = now
            self._show(digest, watched, watched.watch.findings(now))
            self._forget_replaced(now)

    def _begin(self, binning: Binning, now: float) -> _Watched:
        labels = binning.reference.digest, _source(binning)
        self._metrics.gauge("sluicegate_drift_reference_texts", *labels).set(binning.reference.texts)
        return _Watched(DriftWatch(binning, self._window, now), counted=now, looked=now)

    def _tell(self, digest: str, feature: str, change: Change) -> None:
        direction = "up" if change.difference > 0 else "down"
        self._metrics.counter("sluicegate_drift_changes_total", digest, feature, direction).inc()
        self._metrics.gauge("sluicegate_drift_change_timestamp_seconds", digest, feature).set(change.since)

    def _show(self, digest: str, watched: _Watched, findings: list[Finding]) -> None:
        shown = {(name, found.feature): value for found in findings for name, value in _gauges(found).items()}
        for (name, feature), value in shown.items():
            self._metrics.gauge(name, digest, feature).set(value)
        for name, feature in watched.shown - shown.keys():
            self._metrics.remove(name, digest, feature)
        watched.shown = set(shown)

    def _forget_replaced(self, now: float) -> None:
        for digest, watched in list(self._watched.items()):
            if now - watched.counted > _REPLACED_AFTER:
                self._show(digest, watched, [])
                self._metrics.remove("sluicegate_drift_reference_texts", digest, _source(watched.watch.binning))
                del self._watched[digest]


def _source(binning: Binning) -> str:
    return "traffic" if binning.reference.own_traffic else "training"


def _gauges(found: Finding) -> dict[str, float]:
    return {
        "sluicegate_drift_psi": found.stability_index,
        "sluicegate_drift_psi_noise": found.noise,
        "sluicegate_drift_independent_texts": found.independent_texts,
        "sluicegate_drift_rank": found.rank,
        "sluicegate_drift_level": found.level,
    }
