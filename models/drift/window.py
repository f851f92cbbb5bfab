"""The texts of the last hours by bins, in blocks of time that tell how much the texts of one block are alike."""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCKS_LEAST", "Window", "design_effect"]

#: Blocks of a whole window.
_BLOCKS: Final = 32
#: A window begins with blocks of this part of a whole one's, so that it can tell something before a day is over.
_BEGINS_WITH: Final = 2**5

#: Blocks with texts below which nobody can tell how alike the texts of one block are.
BLOCKS_LEAST: Final = 8


class Window:
    """Counts of a sliding window.

    A young window has short blocks. When it has as many as a window may have, each two of them become one, until they
    are as long as those of a whole window; from then on the oldest is dropped.

    Parameters
    ----------
    size
        Number of bins.
    seconds
        Length of the whole window.
    now
        Seconds since any point.
    """

    def __init__(self, size: int, seconds: float, now: float) -> None:
        self._size = size
        self._seconds = seconds
        self._begin(now)

    def _begin(self, now: float) -> None:
        self._closed: deque[NDArray[np.int64]] = deque()
        self._open = np.zeros(self._size, dtype=np.int64)
        self._length = self._seconds / _BLOCKS / _BEGINS_WITH
        self._ends = now + self._length

    def add(self, counts: NDArray[np.int64], now: float) -> None:
        """Count texts, shape (size,), at a time; one that goes backwards is taken for the last."""
        self.advance(now)
        self._open += counts

    def advance(self, now: float) -> None:
        """Close the blocks that have ended, and drop those that are too old."""
        if now >= self._ends + self._seconds:
            self._begin(now)
        while now >= self._ends:
            self._closed.append(self._open)
            self._open = np.zeros(self._size, dtype=np.int64)
            if len(self._closed) == _BLOCKS:
                if self._length * _BLOCKS < self._seconds * (1 - 1e-9):
                    closed = list(self._closed)
                    self._closed = deque(one + other for one, other in zip(closed[::2], closed[1::2], strict=True))
                    self._length *= 2
                else:
                    self._closed.popleft()
            self._ends += self._length

    def blocks(self) -> NDArray[np.int64]:
        """Give the counts of the blocks that have ended, oldest first: shape (n_blocks, size)."""
        return np.array(self._closed, dtype=np.int64).reshape(len(self._closed), self._size)


def design_effect(blocks: NDArray[np.float64]) -> tuple[float, int]:
    """Tell how many times more the blocks differ than independent texts would make them.

    Parameters
    ----------
    blocks
        Counts of texts: shape (n_blocks, n_bins).

    Returns
    -------
    effect
        1 for independent texts, and never less: dividing the number of texts by it gives what they are worth. Texts
        that come in bursts of a hundred alike have 100.
    used
        Blocks that have texts.

    Notes
    -----
    Pearson's chi-square of the blocks against all of them together, over its degrees of freedom: the correction of the
    first order of Rao and Scott 1981, The analysis of categorical data from complex sample surveys, with blocks of
    time for clusters. Blocks much longer than what makes texts alike are what batch means are to simulations
    (Schmeiser 1982, Batch size effects in the analysis of simulation output).
    """
    blocks = blocks[blocks.sum(axis=1) > 0]
    blocks = blocks[:, blocks.sum(axis=0) > 0]
    used, bins = blocks.shape
    if used < 2 or bins < 2:
        return 1.0, used
    expected = blocks.sum(axis=1, keepdims=True) * (blocks.sum(axis=0) / blocks.sum())
    chi_square = float(((blocks - expected) ** 2 / expected).sum())
    return max(1.0, chi_square / ((used - 1) * (bins - 1))), used
