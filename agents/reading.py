"""Reads record batches as aiokafka does, but for header names that are no UTF-8, on which it would stop for ever.

Clients in C and Go can write such names; here their wrong bytes become U+FFFD.
"""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final

import cramjam
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy
from aiokafka.record.util import decode_varint_py

__all__ = ["ReadBatch", "Records", "read_any_header_name", "refusing_what_is_wrong"]

#: The format of batches since Kafka 0.11, and how long their header is.
_MAGIC: Final = 2
_HEADER_BYTES: Final = 61
_NEGATIVE_FROM: Final = 0x80
_OF_WRONG_BYTES: Final = (
    *(SystemError, ValueError, TypeError, IndexError, OverflowError, AssertionError, EOFError, OSError),
    *(struct.error, zlib.error, cramjam.DecompressionError),
)


@contextmanager
def refusing_what_is_wrong() -> Iterator[None]:
    """Have what aiokafka's extension raises at wrong lengths, those of old message sets above all, be one error.

    Raises
    ------
    CorruptRecordException
        In place of it.
    """
    try:
        yield
    except _OF_WRONG_BYTES as error:
        raise CorruptRecordException(f"a record batch cannot be read ({type(error).__name__}: {error})") from error


def read_any_header_name() -> None:
    """Have all consumers of this process read records with :class:`Records`."""
    fetcher.MemoryRecords = Records


class _Name(bytes):
    def decode(self, *_: Any) -> str:
        return super().decode("utf-8", "replace")


class _Buffer(bytes):
    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return _Name(found) if isinstance(place, slice) else found


class _MendedBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # aiokafka is not typed for mypy
    """A batch that is read in Python, slowly, with any header names.

    In Python alone: the compiled reader of numbers looks wherever the length before it leads, beyond the batch as well.
    """

    def __iter__(self) -> Any:
        super().__iter__()
        self._buffer: Any = _Buffer(self._buffer)
        return self

    def _read_msg(self) -> Any:
        return super()._read_msg(decode_varint_py)


class ReadBatch:
    """A batch that is read by the compiled reader as far as that comes.

    Attributes
    ----------
    buffer, begin, end
        Where it stands.
    """

    def __init__(self, batch: Any, buffer: bytes, begin: int, end: int) -> None:
        self._batch = batch
        self.buffer = buffer
        self.begin = begin
        self.end = end

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._batch:
                read += 1
                yield record
        except UnicodeDecodeError:
            with refusing_what_is_wrong():
                yield from islice(_MendedBatch(self.buffer[self.begin : self.end]), read, None)


class Records(_MemoryRecordsPy):  # type: ignore[misc]  # its final methods are left alone
    """The record batches of one answer to a fetch."""

    @property
    def place(self) -> tuple[bytes, int]:
        """The buffer, and where in it the next batch begins; there must be one."""
        return self._buffer, self._pos - len(self._next_slice)

    def skip_to(self, place: int) -> None:
        """Go on with the batch that begins there."""
        self._pos = place
        self._cache_next()

    def _cache_next(self) -> None:
        """Look at the next batch. One of a negative length would lead back: it is cut to what refuses it."""
        begin = self._pos
        cut = begin + self.LOG_OVERHEAD
        # Its sign is the uppermost bit of the first byte.
        if cut <= len(self._buffer) and self._buffer[begin + self.LENGTH_OFFSET] >= _NEGATIVE_FROM:
            self._next_slice, self._pos = memoryview(self._buffer)[begin:cut], cut
        else:
            super()._cache_next()

    def next_batch(self, *arguments: Any) -> Any:
        """Give the next batch, or None after the last.

        Raises
        ------
        CorruptRecordException
            Where a batch is shorter than its header, which the compiled reader would read past its end.
        """
        # The place of the batch that is given now; the call below moves on to the one behind it.
        end = self._pos
        buffer, begin = self.place
        if self.MAGIC_OFFSET < end - begin < _HEADER_BYTES and buffer[begin + self.MAGIC_OFFSET] >= _MAGIC:
            raise CorruptRecordException(f"a record batch of {end - begin} bytes is shorter than its header")
        with refusing_what_is_wrong():
            batch = super().next_batch(*arguments)
        return ReadBatch(batch, buffer, begin, end) if isinstance(batch, DefaultRecordBatch) else batch
