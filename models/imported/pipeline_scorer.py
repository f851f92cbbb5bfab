"""Scores with a scikit-learn pipeline as it is: for what cannot be lowered to weights."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.explain import Span
from sluicegate.models.imported.outputs import is_probability, probabilities
from sluicegate.models.imported.reading import pipeline_inputs
from sluicegate.models.imported.recorded import Imported, Served
from sluicegate.models.signals import Signals

#: Texts that the pipeline is given at once: what it keeps of them may be large.
_BATCH = 500


class PipelineScorer:
    """Scores with ``predict_proba``; knows nothing of what carried a score.

    Parameters
    ----------
    name, version, digest, harms
        Of the bundle.
    imported
        What the manifest says of the pipeline.
    estimator
        The pipeline.
    """

    served: Served = "pipeline"

    def __init__(
        self, name: str, version: str, digest: str, harms: tuple[str, ...], imported: Imported, estimator: Any
    ) -> None:
        self.name = name
        self.version = version
        self.digest = digest
        self.harms = harms
        self.signals = tuple(column.name for column in imported.signals)
        self._imported = imported
        self._columns = [imported.outputs[harm].column for harm in harms]
        self._estimator = estimator

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        """Return probabilities: shape (n_texts, n_harms); NaN in the row of a text that gets none.

        Raises
        ------
        ValueError
            If the pipeline's outputs are not those that it was imported with.
        """
        scores = np.empty((len(texts), len(self.harms)), dtype=np.float64)
        for start in range(0, len(texts), _BATCH):
            given = signals[start : start + _BATCH] if signals is not None else None
            inputs = pipeline_inputs(self._imported.signals, texts[start : start + _BATCH], given)
            found = probabilities(self._estimator, inputs)[:, self._columns]
            scores[start : start + _BATCH] = np.clip(found, 0.0, 1.0)
            scores[start : start + _BATCH][~is_probability(found)] = np.nan
        return scores

    def why(self, text: str, harm: str, limit: int = 3) -> tuple[Span, ...]:  # noqa: ARG002 - as every scorer
        """Return nothing: of a pipeline that is not linear it is not known.

        Raises
        ------
        ValueError
            If the bundle has no such harm.
        """
        self.harms.index(harm)
        return ()
