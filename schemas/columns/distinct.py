"""The distinct strings of a column, so that what depends on a string alone is worked out once for all its rows."""

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from sluicegate.schemas.columns.events import Spans
from sluicegate.schemas.kernels import kernel

__all__ = ["Distinct", "distinct_strings"]

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
    buffer = memoryview(cast(bytes, spans.buffer))
    if _numbering is None:
        places = zip(spans.begins.tolist(), spans.lengths.tolist(), strict=True)
        known: dict[bytes, int] = {}
        found = [
            known.setdefault(bytes(buffer[begin : begin + length]), len(known)) if length >= 0 else -1
            for begin, length in places
        ]
        return Distinct(tuple(string.decode() for string in known), np.array(found, dtype=np.int32))
    numbers, firsts = _numbering.number(spans.buffer, spans.begins, spans.lengths)
    firsts_places = zip(spans.begins[firsts].tolist(), spans.lengths[firsts].tolist(), strict=True)
    return Distinct(tuple(bytes(buffer[begin : begin + length]).decode() for begin, length in firsts_places), numbers)
