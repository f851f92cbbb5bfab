"""The distinct strings of a column, so that what depends on a string alone is worked out once for all its rows."""

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from sluicegate.schemas.columns.events import Spans
from sluicegate.schemas.kernels import kernel

__all__ = ["Distinct", "distinct_rows", "distinct_strings"]

_numbering = kernel("sluicegate.schemas.columns.numbering")


class Distinct(NamedTuple):
    """The strings of n rows.

    Attributes
    ----------
    strings
        Each once, in the order of its first row.
    numbers
        Index of each row's string, -1 where it has none: shape (n,).
    """

    strings: tuple[str, ...]
    numbers: NDArray[np.int32]


def distinct_strings(spans: Spans) -> Distinct:
    """Give each string of a column once, and tell which rows have it.

    Parameters
    ----------
    spans
        Where the string of each row stands, as valid UTF-8.
    """
    numbers, firsts = distinct_rows(spans)
    return Distinct(tuple((string or b"").decode() for string in spans.rows(firsts).contents()), numbers)


def distinct_rows(spans: Spans) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Tell which rows of a column have the same string.

    Returns
    -------
    numbers
        Of each row's string, in the order of their first rows, -1 where it has none: shape (n,).
    firsts
        The first row of each number.

    Raises
    ------
    ValueError
        Where a string is not within the buffer.
    """
    if _numbering is not None:
        return cast(
            tuple[NDArray[np.int32], NDArray[np.int64]],
            _numbering.number(spans.buffer, np.ascontiguousarray(spans.begins), np.ascontiguousarray(spans.lengths)),
        )
    known: dict[bytes, int] = {}
    numbers, firsts = np.full(len(spans), -1, dtype=np.int32), []
    for row, string in enumerate(spans.contents()):
        if string is None:
            continue
        if string not in known:
            known[string] = len(known)
            firsts.append(row)
        numbers[row] = known[string]
    return numbers, np.array(firsts, dtype=np.int64)
