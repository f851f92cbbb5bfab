"""Content events of a batch in columns: their strings one after the other in one buffer, their numbers in arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from sluicegate.schemas.kernels import kernel
from sluicegate.schemas.limits import (
    LANGUAGE_TAG_MAX_CHARACTERS,
    MEMBER_MAX_BYTES,
    RECORD_MAX_BYTES,
    SCORED_TEXT_MAX_BYTES,
    SIGNALS_MAX_COUNT,
)

__all__ = ["FIELDS", "EventColumns", "Spans", "read_events", "spans_of"]

_reading = kernel("sluicegate.schemas.columns.reading")

#: The string members of an event, in the order of the columns.
FIELDS: Final = (
    "id",
    "source",
    "time",
    "content_id",
    "actor_id",
    "surface",
    "text",
    "language",
    "tenant",
    "content_version",
)

#: Longer than any time of the contract's form.
_TIME_MAX_BYTES: Final = 64

_MOST_BYTES: Final = MEMBER_MAX_BYTES | {
    "time": _TIME_MAX_BYTES,
    "text": SCORED_TEXT_MAX_BYTES,
    "language": LANGUAGE_TAG_MAX_CHARACTERS,
}
_LIMITS: Final = np.array(
    [RECORD_MAX_BYTES, SIGNALS_MAX_COUNT, MEMBER_MAX_BYTES["signal name"], *(_MOST_BYTES[name] for name in FIELDS)],
    dtype=np.int64,
)


class Spans(NamedTuple):
    """Parts of a buffer, n of them.

    Attributes
    ----------
    buffer
        Bytes, an array of uint8 or the like.
    begins, lengths
        In bytes, shape (n,); a length of -1 means that there is none.
    """

    buffer: bytes | memoryview | NDArray[np.uint8]
    begins: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.begins)

    def rows(self, rows: NDArray[np.integer[Any]] | NDArray[np.bool_] | list[int] | slice) -> "Spans":
        """Give some of them, in the order in which they are named."""
        return Spans(self.buffer, self.begins[rows], self.lengths[rows])

    def contents(self) -> list[bytes | None]:
        """Give what stands there, None where there is none."""
        buffer = memoryview(cast(bytes, self.buffer))
        places = zip(self.begins.tolist(), self.lengths.tolist(), strict=True)
        return [None if length < 0 else bytes(buffer[begin : begin + length]) for begin, length in places]


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Events of n records.

    Attributes
    ----------
    arena
        UTF-8 of all strings of the events that were read, escapes replaced: uint8, one after the other.
    plain
        Whether the event was read, shape (n,). Of others nothing was; ``decode_event`` says what they are.
    type
        Index into ``EVENT_TYPES``, shape (n,).
    begins, lengths
        Where each of ``FIELDS`` stands in the arena, shape (n, len(FIELDS)); the length is -1 where it is absent.
    text_points
        Code points of the text, -1 where it is absent, shape (n,).
    signals
        Of those that were wanted, NaN where absent, shape (n, n_wanted).
    """

    arena: NDArray[np.uint8]
    plain: NDArray[np.bool_]
    type: NDArray[np.int8]
    begins: NDArray[np.int64]
    lengths: NDArray[np.int64]
    text_points: NDArray[np.int64]
    signals: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.plain)

    def text_of(self, row: int, field: str) -> str | None:
        """Give one of ``FIELDS`` of one event; None where it is absent."""
        column = FIELDS.index(field)
        begin, length = int(self.begins[row, column]), int(self.lengths[row, column])
        return None if length < 0 else self.arena[begin : begin + length].tobytes().decode()

    def spans_of(self, field: str) -> Spans:
        """Give one of ``FIELDS`` of all records."""
        column = FIELDS.index(field)
        begins, lengths = self.begins[:, column], self.lengths[:, column]
        return Spans(self.arena, np.ascontiguousarray(begins), np.ascontiguousarray(lengths))


def read_events(values: Spans, candidates: NDArray[np.bool_], wanted: tuple[str, ...]) -> EventColumns:
    """Read the events of those records that are in no way unusual.

    What it reads is what ``decode_event`` gives, and nothing in it was replaced; it leaves alone all that
    ``decode_event`` refuses, and of what that takes: duplicates of known members, texts that are not scored whole,
    content versions that are numbers, wanted signals that no single division or multiplication gives exactly,
    unknown members deeper than 8.

    Parameters
    ----------
    values
        The records' values, n of them.
    candidates
        Whether the record's headers are of structured mode, as
        :func:`~sluicegate.schemas.columns.is_structured` tells, shape (n,).
    wanted
        Names of the signals that are kept, no name twice.

    Raises
    ------
    ValueError
        Where a record lies outside of the buffer.
    """
    if _reading is None:
        return _unread(len(values), len(wanted))
    names = [name.encode() for name in wanted]
    ends = np.array([*accumulate(map(len, names))], dtype=np.int64)
    return EventColumns(
        *_reading.read(
            values.buffer, values.begins, values.lengths, candidates.view(np.uint8), _LIMITS, b"".join(names), ends
        )
    )


def spans_of(values: Sequence[bytes | None]) -> Spans:
    """Join values to one buffer."""
    lengths = np.array([-1 if value is None else len(value) for value in values], dtype=np.int64)
    sizes = np.maximum(lengths, 0)
    return Spans(b"".join(value or b"" for value in values), np.cumsum(sizes) - sizes, lengths)


def _unread(records: int, wanted: int) -> EventColumns:
    return EventColumns(
        np.zeros(0, dtype=np.uint8),
        np.zeros(records, dtype=np.bool_),
        np.full(records, -1, dtype=np.int8),
        np.zeros((records, len(FIELDS)), dtype=np.int64),
        np.full((records, len(FIELDS)), -1, dtype=np.int64),
        np.full(records, -1, dtype=np.int64),
        np.full((records, wanted), np.nan),
    )
