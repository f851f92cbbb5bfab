"""Scores of texts that hold a harm and of texts that do not, and the rates above every threshold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.thresholds.goals import Stream

RULE_OF_THREE = 3.0
"""Where none of n texts was seen, up to 3/n may be there, at 95 % (Hanley and Lippman-Hand 1983)."""


@dataclass(frozen=True)
class Sample:
    """Scores in ascending order: of texts that hold the harm, and of those that stand for the harmless stream.

    ``harmless`` holds the ordinary texts where there are any, otherwise the texts labelled 0: labelled ones
    were often chosen because they are hard to tell, and a stream is not made of them.
    """

    positives: NDArray[np.float64]
    harmless: NDArray[np.float64]

    def candidates(self) -> NDArray[np.float64]:
        """Return all thresholds at which the rates change, ascending. Flagged is what scores as much or more."""
        return np.unique(np.concatenate([self.positives, self.harmless]))

    def caught(self, thresholds: NDArray[np.float64]) -> NDArray[np.intp]:
        """Count the positives that each threshold flags."""
        return np.asarray(len(self.positives) - np.searchsorted(self.positives, thresholds, side="left"))

    def false_alarms(self, thresholds: NDArray[np.float64]) -> NDArray[np.intp]:
        """Count the harmless texts that each threshold flags."""
        return np.asarray(len(self.harmless) - np.searchsorted(self.harmless, thresholds, side="left"))


@dataclass(frozen=True)
class Rates:
    """Shares that thresholds flag of the positives and of the harmless texts, arrays of one shape."""

    caught: NDArray[np.float64]
    false_alarms: NDArray[np.float64]

    def precision(self, stream: Stream) -> NDArray[np.float64]:
        """Return the share of harmful posts among the flagged of a stream; 1 where nothing is flagged."""
        right = stream.prevalence * self.caught
        flagged = right + (1 - stream.prevalence) * self.false_alarms
        return np.where(flagged > 0, right / np.where(flagged > 0, flagged, 1.0), 1.0)

    def flagged(self, stream: Stream) -> NDArray[np.float64]:
        """Return the share of all posts of a stream that is flagged."""
        return np.asarray(stream.prevalence * self.caught + (1 - stream.prevalence) * self.false_alarms)


def sample(
    scores: NDArray[np.float64], labels: NDArray[np.int8], ordinary: NDArray[np.float64] | None = None
) -> Sample:
    """Sort scores by what the texts are.

    Parameters
    ----------
    scores, labels
        Of the texts labelled for the harm: shape (n_texts,), labels 0 or 1.
    ordinary
        Scores of ordinary texts, shape (n_ordinary,); without any the texts labelled 0 stand for them.
    """
    harmless = scores[labels == 0] if ordinary is None or not len(ordinary) else ordinary
    return Sample(
        np.sort(np.asarray(scores[labels == 1], dtype=np.float64)), np.sort(np.asarray(harmless, dtype=np.float64))
    )
