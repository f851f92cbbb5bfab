"""Byte strings by their places in one buffer."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Spans"]


class Spans(NamedTuple):
    """Byte strings that stand in one buffer.

    Attributes
    ----------
    buffer
        Where they stand.
    begins
        Where each begins, int64 of shape (n,).
    lengths
        Bytes of each, int64 of shape (n,); -1 for null.
    """

    buffer: bytes | bytearray | memoryview
    begins: NDArray[np.int64]
    lengths: NDArray[np.int64]
