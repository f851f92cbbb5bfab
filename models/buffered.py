"""Scores texts where they stand in a buffer, as a stream has them, for models that have a kernel."""

from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.calibrating.recorded import LogitMap
from sluicegate.models.figures import sigmoid
from sluicegate.models.logit_map import MappedScorer, map_probabilities
from sluicegate.models.scorer import HashedLinearScorer, Scorer
from sluicegate.models.windows import WINDOW, WindowedScorer
from sluicegate.schemas.columns import Spans

__all__ = ["READ_WHOLE", "BufferScorer", "Buffered", "Parts", "buffer_scorer"]

#: Code points of the longest text that is scored so; a longer one is read in windows, by the model itself.
READ_WHOLE: Final = WINDOW


class Parts(NamedTuple):
    """Parts of texts that speak for harms, as arrays of n.

    Attributes
    ----------
    asked
        Which text and harm it was that was asked about.
    starts, ends
        Code points of the text.
    weights
        What each adds to the log-odds.
    """

    asked: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    weights: NDArray[np.float64]


class BufferScorer(Protocol):
    """Gives what a scorer gives, of texts of at most `READ_WHOLE` code points in a buffer, which is valid UTF-8 there.

    As a scorer it may be called from any thread, and what it gives of a text does not depend on the texts beside it.
    """

    @property
    def harms(self) -> tuple[str, ...]:
        """Names of the harms, in the order of the columns that ``score`` returns."""

    def score(self, texts: Spans) -> NDArray[np.float64]:
        """Return calibrated probabilities, finite and in [0, 1]: shape (n_texts, n_harms)."""

    def strongest(self, texts: Spans, rows: NDArray[np.int64], columns: NDArray[np.int64], limit: int) -> Parts:
        """Return the parts of texts that raised log-odds most, strongest first of each text and harm.

        Parameters
        ----------
        texts
            As in `score`.
        rows, columns
            Which text, and which harm: shape (n,). Those of one text stand together.
        limit
            Parts of each.
        """


@runtime_checkable
class Buffered(Protocol):
    """A scorer that says itself how it scores in a buffer."""

    def buffered(self) -> BufferScorer:
        """Give what scores in a buffer as this scorer does."""


class _CompiledScorer:
    """Scores with the kernel of a linear model, and maps its log-odds by the lines of a later calibration."""

    def __init__(self, model: HashedLinearScorer, lines: Mapping[str, LogitMap]) -> None:
        self._compiled = model.compiled
        self._lines = lines
        self.harms = model.harms
        self._slopes = np.array([lines[harm].slope if harm in lines else 1.0 for harm in model.harms])

    def score(self, texts: Spans) -> NDArray[np.float64]:
        """Return calibrated probabilities: shape (n_texts, n_harms)."""
        probabilities = sigmoid(self._compiled.logits_in(*texts))
        return map_probabilities(self._lines, self.harms, probabilities) if self._lines else probabilities

    def strongest(self, texts: Spans, rows: NDArray[np.int64], columns: NDArray[np.int64], limit: int) -> Parts:
        """Return the parts of texts that raised log-odds most."""
        asked, starts, ends, weights = self._compiled.strongest_in(*texts, rows, columns, limit)
        return Parts(asked, starts, ends, weights * self._slopes[columns[asked]])


def buffer_scorer(scorer: Scorer) -> BufferScorer | None:
    """Return what scores in a buffer as a scorer scores strings; None where it has no kernel, or heeds signals."""
    if isinstance(scorer, Buffered):
        return scorer.buffered()
    lines: Mapping[str, LogitMap] = {}
    if isinstance(scorer, MappedScorer):
        lines, scorer = scorer.lines, scorer.scorer
    if not isinstance(scorer, WindowedScorer):
        return None
    model = scorer.scorer
    if not isinstance(model, HashedLinearScorer) or model.compiled is None or model.signals:
        return None
    return _CompiledScorer(model, lines)
