"""Writes records as the kernel does, where it is not built."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.log.headers import varint

__all__ = ["PlainAppender"]

Made = TypeVar("Made")

_HEADER_BYTES = 61


class PlainAppender:
    """Writes records behind each other, and begins another batch where one is full.

    Parameters
    ----------
    most_bytes
        Of a batch with its header; a larger record goes alone.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._sections: list[tuple[bytearray, int]] = []

    def append(self, key: bytes | None, value: bytes | None, headers: bytes) -> None:
        """Append a record; `headers` are encoded."""
        section, count = self._sections[-1] if self._sections else (bytearray(), 0)
        record = _record(count, key, value, headers)
        if not self._sections or _HEADER_BYTES + len(section) + len(record) > self._most_bytes:
            section, count, record = bytearray(), 0, _record(0, key, value, headers)
            self._sections.append((section, 0))
        section += record
        self._sections[-1] = (section, count + 1)

    def extend(
        self,
        key_buffer: bytes,
        key_begins: NDArray[np.int64],
        key_lengths: NDArray[np.int64],
        value_buffer: bytes,
        value_begins: NDArray[np.int64],
        value_lengths: NDArray[np.int64],
        rows: NDArray[np.int64],
        headers: bytes,
    ) -> None:
        """Append a record for each row, with its key and its value."""
        keys = (memoryview(key_buffer), key_begins.tolist(), key_lengths.tolist())
        values = (memoryview(value_buffer), value_begins.tolist(), value_lengths.tolist())
        records = [(_row(*keys, row), _row(*values, row)) for row in rows.tolist()]
        for key, value in records:
            self.append(key, value, headers)

    def finish(self, make: Callable[[memoryview, int], Made]) -> list[Made]:
        """Give what `make` gives of the records of each batch and their number; then there are none."""
        found, self._sections = self._sections, []
        return [make(memoryview(section), count) for section, count in found]


def _record(number: int, key: bytes | None, value: bytes | None, headers: bytes) -> bytes:
    body = b"".join([b"\0\0", varint(number), _nullable(key), _nullable(value), headers])
    return varint(len(body)) + body


def _nullable(content: bytes | None) -> bytes:
    return varint(-1) if content is None else varint(len(content)) + content


def _row(buffer: memoryview, begins: list[int], lengths: list[int], row: int) -> bytes | None:
    if not 0 <= row < len(begins):
        raise IndexError("there is no such row of keys and values")
    begin, length = begins[row], lengths[row]
    if length < 0:
        return None
    if begin < 0 or begin + length > len(buffer):
        raise IndexError("a row of keys or values lies outside of its buffer")
    return bytes(buffer[begin : begin + length])
