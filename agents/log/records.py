"""Records as they are stored: a buffer, and columns that say where in it everything stands."""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.log import reading
from sluicegate.schemas import Headers
from sluicegate.schemas.columns import Spans

__all__ = ["Column", "ReadRecord", "StoredRecords"]


class Column(IntEnum):
    """The rows of the matrix that the kernel fills, as `parse.h` has them."""

    OFFSET = 0
    TIMESTAMP = 1
    KEY_BEGIN = 2
    KEY_LENGTH = 3
    VALUE_BEGIN = 4
    VALUE_LENGTH = 5
    HEADERS_BEGIN = 6
    HEADERS_LENGTH = 7
    HEADER_COUNT = 8
    SIZE = 9


_BEGINS = (Column.KEY_BEGIN, Column.VALUE_BEGIN, Column.HEADERS_BEGIN)


class ReadRecord(NamedTuple):
    """One record, taken out of its buffer."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    offset: int
    timestamp: int


class StoredRecords(Sequence[ReadRecord]):
    """Records of one partition in their order, none of which is an object until it is asked for.

    Slices are views: they hold on to the same buffer.

    Parameters
    ----------
    buffer
        Where the records stand.
    columns
        As the kernel gives them, shape (n_columns, n).
    """

    __slots__ = ("buffer", "columns")

    def __init__(self, buffer: bytes, columns: NDArray[np.int64]) -> None:
        self.buffer = buffer
        self.columns = columns

    @classmethod
    def joined(cls, runs: "Sequence[StoredRecords]") -> "StoredRecords":
        """Put runs behind each other; their bytes are copied only where they have several buffers."""
        if len(runs) == 1:
            return runs[0]
        runs = [run for run in runs if len(run)] or runs[:1]
        if all(run.buffer is runs[0].buffer for run in runs):
            return cls(runs[0].buffer, np.concatenate([run.columns for run in runs], axis=1))
        extents = [run._extent() for run in runs]
        lengths = [end - begin for begin, end in extents]
        parts = [memoryview(run.buffer)[begin:end] for run, (begin, end) in zip(runs, extents, strict=True)]
        columns = np.concatenate([run.columns for run in runs], axis=1)
        moved = np.cumsum([0, *lengths[:-1]]) - [begin for begin, _ in extents]
        columns[_BEGINS, :] += np.repeat(moved, [len(run) for run in runs])
        return cls(b"".join(parts), columns)

    def _extent(self) -> tuple[int, int]:
        """Give the part of the buffer in which these records stand; there must be some."""
        columns = self.columns
        end = columns[Column.HEADERS_BEGIN, -1] + columns[Column.HEADERS_LENGTH, -1]
        return int(columns[Column.KEY_BEGIN, 0]), int(end)

    def _column(self, column: Column) -> NDArray[np.int64]:
        values: NDArray[np.int64] = self.columns[column]
        return values

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Their offsets in the partition, shape (n,)."""
        return self._column(Column.OFFSET)

    @property
    def timestamps(self) -> NDArray[np.int64]:
        """In milliseconds since the epoch, shape (n,)."""
        return self._column(Column.TIMESTAMP)

    @property
    def keys(self) -> Spans:
        """Where the keys stand."""
        return Spans(self.buffer, self.columns[Column.KEY_BEGIN], self.columns[Column.KEY_LENGTH])

    @property
    def values(self) -> Spans:
        """Where the values stand."""
        return Spans(self.buffer, self.columns[Column.VALUE_BEGIN], self.columns[Column.VALUE_LENGTH])

    @property
    def header_sections(self) -> Spans:
        """Where the headers stand as they were written, without their count."""
        return Spans(self.buffer, self.columns[Column.HEADERS_BEGIN], self.columns[Column.HEADERS_LENGTH])

    @property
    def header_counts(self) -> NDArray[np.int64]:
        """How many headers each has, shape (n,)."""
        return self._column(Column.HEADER_COUNT)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Bytes of each record's key, value and headers, shape (n,).

        Names of headers count by their bytes as they were written; `record_size` counts their characters.
        """
        return self._column(Column.SIZE)

    def __len__(self) -> int:
        return int(self.columns.shape[1])

    @overload
    def __getitem__(self, index: int) -> ReadRecord: ...
    @overload
    def __getitem__(self, index: slice) -> "StoredRecords": ...
    def __getitem__(self, index: int | slice) -> "ReadRecord | StoredRecords":
        """Take a record out, or make a view of a run of them."""
        if isinstance(index, slice):
            return StoredRecords(self.buffer, self.columns[:, index])
        return _taken_out(self.buffer, *self.columns[:, index].tolist())

    def __iter__(self) -> Iterator[ReadRecord]:
        """Take the records out one after the other."""
        return (_taken_out(self.buffer, *row) for row in self.columns.T.tolist())


def _taken_out(
    buffer: bytes,
    offset: int,
    timestamp: int,
    key: int,
    key_length: int,
    value: int,
    value_length: int,
    headers: int,
    headers_length: int,
    header_count: int,
    _: int,
) -> ReadRecord:
    kernel: Any = reading
    return ReadRecord(
        None if key_length < 0 else buffer[key : key + key_length],
        None if value_length < 0 else buffer[value : value + value_length],
        kernel.headers(buffer, headers, headers_length, header_count) if header_count else (),
        offset,
        timestamp,
    )
