"""One thing that is watched: its bins, and how the reference is distributed over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.manifest import Histogram

__all__ = ["Feature", "categorical", "numeric"]

#: Share of the reference that the highest bin holds at the least: what is flagged lies there.
_TAIL: Final = 0.01
#: Share that every other bin holds at the least, which makes ten of them or so.
_LEAST: Final = 0.08

#: Texts that categories outside the reference are taken to have had in it.
_UNSEEN: Final = 0.5


@dataclass(frozen=True)
class Feature:
    """A feature and its reference distribution.

    Attributes
    ----------
    name
        By which it is reported.
    edges
        Between the bins, not descending: shape (n_bins - 1,). A value at an edge belongs to the bin above it.
    shares
        Of the reference, positive, summing to 1: shape (n_bins,).
    texts
        Of the reference.
    """

    name: str
    edges: NDArray[np.float64]
    shares: NDArray[np.float64]
    texts: int

    @property
    def ranks(self) -> NDArray[np.float64]:
        """How likely a text of each bin lies above one of the reference, shape (n_bins,); their mean over it is 1/2.

        Bross 1958, How to use ridit analysis.
        """
        return np.asarray(np.cumsum(self.shares) - self.shares / 2)


def numeric(name: str, histogram: Histogram) -> Feature | None:
    """Make a feature of a histogram, its bins joined until each holds enough; None where they are all in one."""
    counts = np.array(histogram.counts, dtype=np.float64)
    total = counts.sum()
    if not total:
        return None
    firsts: list[int] = []
    held, least = 0.0, _TAIL
    for place in range(len(counts) - 1, -1, -1):
        held += counts[place] / total
        if held >= least:
            firsts.append(place)
            held, least = 0.0, _LEAST
    # What is left over at the lower end belongs to the lowest bin.
    firsts = [0, *firsts[::-1][1:]]
    if len(firsts) < 2:
        return None
    joined = np.add.reduceat(counts, firsts)
    edges = [histogram.edges[first - 1] for first in firsts[1:]]
    return Feature(name, np.array(edges, dtype=np.float64), np.asarray(joined / total, dtype=np.float64), int(total))


def categorical(name: str, counts: Sequence[int], texts: int) -> Feature | None:
    """Make a feature of the numbers 0, 1, ... of categories, and one more for all others.

    Parameters
    ----------
    counts
        Texts of the reference in each category.
    texts
        Of the reference in all.
    """
    if not counts:
        return None
    held = np.array([*counts, texts - sum(counts) + _UNSEEN], dtype=np.float64)
    edges = np.arange(0.5, len(counts), dtype=np.float64)
    return Feature(name, edges, np.asarray(held / held.sum(), dtype=np.float64), texts)
