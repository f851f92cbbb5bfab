"""Features of a corpus, and the regression of one harm on them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression

from sluicegate.models import features
from sluicegate.models.labelled import Row
from sluicegate.models.levelling import level

__all__ = ["CHUNK", "AlikeTexts", "HarmTask", "Progress", "feature_matrix"]

#: Texts whose features are made at once.
CHUNK = 2_000

Progress = Callable[[str, int, int], None]
"""Called with the name of a stage, the steps done and all steps."""


def feature_matrix(
    texts: list[str], training: NDArray[np.bool_], progress: Progress
) -> tuple[csr_matrix, dict[str, NDArray[np.float32]]]:
    """Return the scaled features of all blocks side by side, and the weights each block was scaled by."""
    steps = range(0, len(texts), CHUNK)
    matrices: list[csr_matrix] = []
    idfs: dict[str, NDArray[np.float32]] = {}
    for number, block in enumerate(features.BLOCKS):
        vectorizer = features.hasher(block)
        parts: list[csr_matrix] = []
        for step, start in enumerate(steps):
            progress("features", number * len(steps) + step, len(features.BLOCKS) * len(steps))
            parts.append(features.count(vectorizer, texts[start : start + CHUNK]))
        counts = csr_matrix(vstack(parts))
        idfs[block.name] = features.inverse_document_frequency(csr_matrix(counts[training]))
        matrices.append(features.scale(counts, idfs[block.name]))
    progress("features", len(features.BLOCKS) * len(steps), len(features.BLOCKS) * len(steps))
    return csr_matrix(hstack(matrices, format="csr")), idfs


@dataclass(frozen=True)
class AlikeTexts:
    """Texts that are to score as the rest of their group: features (n_texts, n_features), groups and strengths."""

    matrix: csr_matrix
    groups: list[str]
    strengths: NDArray[np.float64]

    @classmethod
    def among(
        cls, rows: Sequence[Row], strengths: NDArray[np.float64], used: NDArray[np.intp], matrix: csr_matrix
    ) -> "AlikeTexts":
        """Take those of the rows that are used whose strength is above 0; ``matrix`` holds the features of these."""
        places = np.flatnonzero(strengths[used] > 0)
        found = [rows[index] for index in used[places]]
        return cls(matrix[places], [f"{row.source}:{row.gid}" for row in found], strengths[used[places]])


@dataclass(frozen=True)
class HarmTask:
    """One harm: features (n_texts, n_features), values, and which texts are learned from and which are stated."""

    matrix: csr_matrix
    values: NDArray[np.int8]
    trained: NDArray[np.bool_]
    stated: NDArray[np.bool_]
    inverse_regularisation: float
    alike: AlikeTexts

    def regression(self, among: NDArray[np.bool_]) -> LogisticRegression:
        """Fit on those of some texts that are learned from, then let texts that are to score alike do so."""
        chosen = self.trained & among
        model = LogisticRegression(C=self.inverse_regularisation, class_weight="balanced", max_iter=500, tol=1e-4)
        model.fit(self.matrix[chosen], self.values[chosen])
        coefficients = model.coef_[0].astype(np.float64)
        model.coef_ = level(coefficients, self.alike.matrix, self.alike.groups, self.alike.strengths)[None, :]
        return model

    def margins(self, model: LogisticRegression, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return what a fitted model says of some texts: shape (n_chosen,)."""
        return np.asarray(model.decision_function(self.matrix[chosen]), dtype=np.float64)
