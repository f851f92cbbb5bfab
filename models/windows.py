"""Long texts are read in windows: a harm that stands anywhere in a text counts as if it stood there alone.

A model that sees head and tail only is evaded by what is put around the harm.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.explain import Span
from sluicegate.models.normalise import HEAD, TAIL
from sluicegate.models.scorer import Scorer
from sluicegate.models.signals import Signals

__all__ = ["WINDOW", "WindowedScorer", "window_starts"]

#: Code points of a window: as many as the model reads whole.
WINDOW: Final = HEAD + TAIL

#: Code points that neighbouring windows share, so that no sentence of ordinary length is cut in every window.
_OVERLAP: Final = 200


def window_starts(length: int) -> range:
    """Give where the windows of a text begin, in code points; together they hold all of it."""
    return range(0, max(1, length - _OVERLAP), WINDOW - _OVERLAP)


class WindowedScorer:
    """Scores each window of a text, and gives of each harm the highest probability.

    Parameters
    ----------
    scorer
        Scores texts of up to :data:`WINDOW` code points.
    """

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        self.name = scorer.name
        self.version = scorer.version
        self.digest = scorer.digest
        self.harms = scorer.harms
        self.signals = scorer.signals
        self.served = scorer.served

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        """Return calibrated probabilities: shape (n_texts, n_harms); signals count in every window of their text."""
        if all(len(text) <= WINDOW for text in texts):
            return self.scorer.score(texts, signals)
        windows = [text[start : start + WINDOW] for text in texts for start in window_starts(len(text))]
        counts = [len(window_starts(len(text))) for text in texts]
        beside = signals and [given for given, count in zip(signals, counts, strict=True) for _ in range(count)]
        firsts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp)
        return np.asarray(np.maximum.reduceat(self.scorer.score(windows, beside), firsts, axis=0), dtype=np.float64)

    def why(self, text: str, harm: str, limit: int = 3) -> tuple[Span, ...]:
        """Return the parts of the window with the highest probability, as offsets into the whole text."""
        starts = window_starts(len(text))
        start = 0
        if len(starts) > 1:
            scores = self.scorer.score([text[first : first + WINDOW] for first in starts])
            start = starts[int(scores[:, self.harms.index(harm)].argmax())]
        found = self.scorer.why(text[start : start + WINDOW], harm, limit)
        return tuple(Span(start + span.start, start + span.end, span.weight) for span in found)
