"""Straight lines over log-odds: how a calibration, or another prevalence, changes a bundle's probabilities."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.calibrating.recorded import LogitMap
from sluicegate.models.explain import Span
from sluicegate.models.figures import log_odds, sigmoid
from sluicegate.models.scorer import Scorer
from sluicegate.models.signals import Signals

__all__ = ["MappedScorer", "after", "map_probabilities", "mapped"]


def mapped(line: LogitMap, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probabilities that a line over their log-odds gives, of any shape."""
    return sigmoid(line.slope * log_odds(probabilities) + line.intercept)


def after(first: LogitMap | None, second: LogitMap) -> LogitMap:
    """Return the one line that is the second after the first."""
    if first is None:
        return second
    return LogitMap(second.slope * first.slope, second.slope * first.intercept + second.intercept)


def map_probabilities(
    lines: Mapping[str, LogitMap], harms: Sequence[str], probabilities: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Map the columns of harms that there are lines for: shape (n_texts, n_harms), a new array."""
    changed = probabilities.copy()
    for column, harm in enumerate(harms):
        if harm in lines:
            changed[:, column] = mapped(lines[harm], probabilities[:, column])
    return changed


class MappedScorer:
    """Applies lines to the log-odds that another scorer gives, where its weights cannot take them in.

    Parameters
    ----------
    scorer
        Gives the probabilities.
    lines
        Of the harms that are to be mapped.
    """

    def __init__(self, scorer: Scorer, lines: Mapping[str, LogitMap]) -> None:
        self.scorer = scorer
        self.lines = lines
        self.name = scorer.name
        self.version = scorer.version
        self.digest = scorer.digest
        self.harms = scorer.harms
        self.signals = scorer.signals
        self.served = scorer.served

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        """Return calibrated probabilities: shape (n_texts, n_harms)."""
        return map_probabilities(self.lines, self.harms, self.scorer.score(texts, signals))

    def why(self, text: str, harm: str, limit: int = 3) -> tuple[Span, ...]:
        """Return the parts of the text that raised the harm's log-odds most; a line stretches all by its slope."""
        slope = self.lines[harm].slope if harm in self.lines else 1.0
        found = self.scorer.why(text, harm, limit)
        return tuple(Span(span.start, span.end, slope * span.weight) for span in found)
