"""Scores with the weights that an imported pipeline was lowered to."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from sluicegate.models.explain import Span
from sluicegate.models.imported.explaining import LoweredExplainer
from sluicegate.models.imported.reading import given_signals, number_features, readable
from sluicegate.models.imported.recorded import Imported, Served
from sluicegate.models.imported.vectorizing import BlockReader
from sluicegate.models.signals import TENSOR, Signals

_BATCH = 500


class LoweredScorer:
    """Gives what the pipeline's ``predict_proba`` gives, without it.

    Parameters
    ----------
    name, version, digest, harms
        Of the bundle.
    imported
        What the manifest says of the pipeline.
    tensors
        As `Lowered.tensors`; with the link ``sigmoid`` their columns are the harms, else all of the pipeline's outputs.

    Raises
    ------
    ValueError
        If the tensors hold no vocabulary where there should be one.
    """

    served: Served = "weights"

    def __init__(
        self,
        name: str,
        version: str,
        digest: str,
        harms: tuple[str, ...],
        imported: Imported,
        tensors: Mapping[str, NDArray[np.generic]],
    ) -> None:
        self.name = name
        self.version = version
        self.digest = digest
        self.harms = harms
        self.signals = tuple(column.name for column in imported.signals)
        self._given, self._numbers = imported.signals, imported.numbers
        self._number_coefficients = tensors[TENSOR].astype(np.float64) if imported.numbers else None
        self._link = imported.link
        self._columns = [imported.outputs[harm].column for harm in harms]
        self.intercepts = tensors["intercepts"].astype(np.float64)
        self._blocks = [
            (BlockReader(block, tensors), tensors[f"coefficients.{block.name}"]) for block in imported.blocks
        ]
        self.explainer = LoweredExplainer(self._blocks)

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        """Return probabilities: shape (n_texts, n_harms)."""
        scores = np.empty((len(texts), len(self.harms)), dtype=np.float64)
        for start in range(0, len(texts), _BATCH):
            given = signals[start : start + _BATCH] if signals is not None else None
            margins = self.margins(texts[start : start + _BATCH], given)
            scores[start : start + _BATCH] = self._probabilities(margins)
        return scores

    def margins(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        """Return what the link makes probabilities of: shape (n_texts, n_outputs)."""
        read = [readable(text) for text in texts]
        total = np.tile(self.intercepts, (len(read), 1))
        for reader, coefficients in self._blocks:
            total += reader.features(read) @ coefficients
        if self._number_coefficients is not None:
            values = given_signals(self._given, signals, len(read))
            total += number_features(self._numbers, values) @ self._number_coefficients
        return total

    def why(self, text: str, harm: str, limit: int = 3) -> tuple[Span, ...]:
        """Return the words that raised the harm's margin most, strongest first.

        Of classes that exclude each other (``softmax``), it is the margin over the mean of the others'.

        Raises
        ------
        ValueError
            If the bundle has no such harm.
        """
        return self.explainer.strongest(text, self.direction(harm), limit)

    def direction(self, harm: str) -> NDArray[np.float64]:
        """Return how much each output counts for a harm: shape (n_outputs,)."""
        place, outputs = self.harms.index(harm), len(self.intercepts)
        column = place if self._link == "sigmoid" else self._columns[place]
        counts = np.zeros(outputs)
        if self._link == "softmax":
            counts -= 1 / (outputs - 1)
        counts[column] = 1.0
        return counts

    def _probabilities(self, margins: NDArray[np.float64]) -> NDArray[np.float64]:
        if self._link == "sigmoid":
            return np.asarray(expit(margins))
        if self._link == "softmax":
            return np.asarray(softmax(margins, axis=1)[:, self._columns])
        shares = expit(margins)
        total = shares.sum(axis=1, keepdims=True)
        # Where every output is 0, scikit-learn takes all classes for equally likely.
        return np.asarray(np.where(total > 0, shares / np.where(total > 0, total, 1), 1 / shares.shape[1]))[
            :, self._columns
        ]
