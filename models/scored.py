"""Labelled or plain texts with the probabilities that a bundle gives them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.labelled import LabelledFile, Row
from sluicegate.models.scorer import BATCH, Scorer
from sluicegate.models.thresholds.recorded import ScoredFile

UNKNOWN = -1


@dataclass(frozen=True)
class Scored:
    """Texts in the order they were read.

    ``scores`` and ``labels`` have shape (n_texts, n_harms) in the order of ``harms``; a label is 0, 1 or UNKNOWN.
    """

    harms: tuple[str, ...]
    files: tuple[ScoredFile, ...]
    rows: tuple[Row, ...]
    scores: NDArray[np.float64]
    labels: NDArray[np.int8]

    def labelled(self, harm: str) -> NDArray[np.bool_]:
        """Tell which texts are labelled for a harm."""
        return np.asarray(self.labels[:, self.harms.index(harm)] != UNKNOWN)

    def of(self, harm: str, among: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
        """Return a harm's scores and labels among some of the texts."""
        column = self.harms.index(harm)
        return self.scores[among, column], self.labels[among, column]

    def free_of(self, harm: str) -> NDArray[np.float64]:
        """Return a harm's scores of the texts that are not labelled to hold it."""
        column = self.harms.index(harm)
        return np.asarray(self.scores[self.labels[:, column] != 1, column])


def score_rows(scorer: Scorer, rows: Sequence[Row]) -> NDArray[np.float64]:
    """Return the probabilities of labelled texts with the signals that they carry: shape (n_rows, n_harms)."""
    return scorer.score([row.text for row in rows], [row.signals for row in rows] if scorer.signals else None)


def score_files(files: Sequence[LabelledFile], scorer: Scorer, progress: Callable[[int, int], None]) -> Scored:
    """Score all rows of some files; ``progress`` is told how many are done, and of how many."""
    rows = tuple(row for file in files for row in file.rows)
    scores = np.empty((len(rows), len(scorer.harms)), dtype=np.float64)
    for start in range(0, len(rows), BATCH):
        progress(start, len(rows))
        scores[start : start + BATCH] = score_rows(scorer, rows[start : start + BATCH])
    progress(len(rows), len(rows))
    labels = np.array([[row.labels.get(harm, UNKNOWN) for harm in scorer.harms] for row in rows], dtype=np.int8)
    named = tuple(ScoredFile(file.name, file.sha256, len(file.rows)) for file in files)
    return Scored(tuple(scorer.harms), named, rows, scores, labels.reshape(scores.shape))
