"""Lowers a linear model over hashed n-grams to the form that the kernel scores with."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.compiled import scoring
from sluicegate.models.features import WORD
from sluicegate.models.manifest import FeatureBlock

__all__ = ["compiled_scorer", "is_compilable"]

#: Floats of a row are a multiple of so many, which one instruction adds.
_LANES: Final = 4
#: What the kernel has room for.
_HARMS_MOST: Final = 63

#: Of which billions may be added in single precision.
_LARGE: Final = 1e28

Weighted = tuple[NDArray[np.generic], NDArray[np.generic]]
"""Inverse document frequencies (size,) and coefficients (size, n_harms) of a block, in any precision."""


def is_compilable(features: Sequence[FeatureBlock], harms: int) -> bool:
    """Tell whether there is a kernel, and it knows these features: words as this project cuts them, and characters."""
    return (
        scoring is not None
        and 1 <= harms <= _HARMS_MOST
        and all(block.analyzer == "char_wb" or block.token_pattern == WORD for block in features)
    )


def compiled_scorer(
    features: Sequence[FeatureBlock], weights: Sequence[Weighted], intercepts: NDArray[np.float64]
) -> Any | None:
    """Return a `LinearScorer` of the kernel; None where weights are so large that sums of them might not be finite.

    Parameters
    ----------
    features
        Blocks of features, as `is_compilable` has them.
    weights
        Of each block; they are copied.
    intercepts
        Shape (n_harms,).
    """
    if scoring is None:
        raise RuntimeError("the kernel was not built")
    blocks = [
        (block.analyzer == "word", block.ngram_min, block.ngram_max, _rows(*each))
        for block, each in zip(features, weights, strict=True)
    ]
    # Written so that what is not a number is left to Python as well.
    if not all(_greatest(rows) < _LARGE for *_, rows in blocks) or not _greatest(intercepts) < _LARGE:
        return None
    return scoring.LinearScorer(blocks, intercepts)


def _greatest(numbers: NDArray[np.floating[Any]]) -> float:
    return float(np.maximum(numbers.max(initial=0.0), -numbers.min(initial=0.0)))


def _rows(frequencies: NDArray[np.generic], coefficients: NDArray[np.generic]) -> NDArray[np.float32]:
    """Put what an n-gram needs side by side, in single precision, so that it is fetched from memory at once."""
    size, harms = coefficients.shape
    rows = np.zeros((size, -(-(harms + 1) // _LANES) * _LANES), dtype=np.float32)
    rows[:, 0] = frequencies
    # Nothing as large as the rows is made beside them: what it took would stay with the process.
    weighed = rows[:, 1 : harms + 1]
    weighed[:] = coefficients
    weighed *= rows[:, :1]
    return rows
