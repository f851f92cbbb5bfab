"""Record batches as aiokafka's builder writes them, and what its reader reads in them."""

import struct
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c
from hypothesis import strategies as st

from sluicegate.schemas import Headers

HEADER = 61
CODECS = range(5)


class Written(NamedTuple):
    """A record to be written; `delta` is that of its offset to the base."""

    delta: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


contents = st.none() | st.binary(max_size=20) | st.integers(60, 300).map(lambda size: b"x" * size)
headers = st.lists(st.tuples(st.text(max_size=5), contents), max_size=3)
rows = st.lists(st.tuples(st.integers(1, 100), st.integers(0, 2**40), contents, contents, headers), max_size=12)


def _at_deltas(
    found: list[tuple[int, int, bytes | None, bytes | None, list[tuple[str, bytes | None]]]],
) -> list[Written]:
    deltas = accumulate(step for step, *_ in found)
    return [
        Written(delta - 1, timestamp, key, value, headers)
        for delta, (_, timestamp, key, value, headers) in zip(deltas, found, strict=True)
    ]


written = rows.map(_at_deltas)


def built(records: Sequence[Written], compression: int = 0, base_offset: int = 0, attributes: int = 0) -> bytes:
    """Write a batch, its attributes and base offset set as a broker does."""
    # Of no records aiokafka's snappy writes what it cannot read.
    builder = DefaultRecordBatchBuilder(2, compression if records else 0, 0, 7, 0, 0, 2**30)
    for record in records:
        builder.append(record.delta, record.timestamp, record.key, record.value, list(record.headers))
    raw = builder.build()
    struct.pack_into(">q", raw, 0, base_offset)
    raw[22] |= attributes
    return resealed(raw)


def resealed(raw: bytes | bytearray) -> bytes:
    """Write the checksum of a batch anew."""
    mended = bytearray(raw)
    struct.pack_into(">I", mended, 17, calc_crc32c(bytes(mended[21:])))
    return bytes(mended)


def read_by_aiokafka(raw: bytes) -> list[Any]:
    """Read a batch with aiokafka's compiled reader, in the form of our records."""
    return [
        (record.key, record.value, tuple(record.headers), record.offset, record.timestamp)
        for record in DefaultRecordBatch(raw)
    ]
