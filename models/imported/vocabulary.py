"""A vocabulary as two arrays, since weights hold numbers only: n-grams in UTF-8 end to end, and where each ends."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


def packed(vocabulary: Mapping[str, int]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the bytes of all n-grams in the order of their columns, and the end of each: shape (n_grams,)."""
    ordered = sorted(vocabulary, key=vocabulary.__getitem__)
    encoded = [gram.encode("utf-8", "surrogatepass") for gram in ordered]
    ends = np.cumsum([len(raw) for raw in encoded], dtype=np.int64)
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), ends


def unpacked(raw: NDArray[np.uint8], ends: NDArray[np.int64]) -> dict[str, int]:
    """Return the column of each n-gram.

    Raises
    ------
    ValueError
        If the arrays hold no vocabulary: ends that do not ascend within the bytes, no UTF-8, an n-gram twice.
    """
    blob, stops = raw.tobytes(), [0, *ends.tolist()]
    if stops[-1] != len(blob) or any(stop < start for start, stop in pairwise(stops)):
        raise ValueError("n-grams do not end where they should")
    vocabulary = {
        blob[start:stop].decode("utf-8", "surrogatepass"): column
        for column, (start, stop) in enumerate(pairwise(stops))
    }
    if len(vocabulary) != len(ends):
        raise ValueError("an n-gram stands twice")
    return vocabulary
