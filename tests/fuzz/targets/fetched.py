"""The reader of what brokers deliver: records as aiokafka reads them, a batch kept whole, or one of two errors."""

import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.record.util import calc_crc32c, decode_varint
from aiokafka.structs import TopicPartition

from sluicegate.agents.batch import record_size
from sluicegate.agents.log import reading
from sluicegate.agents.log.decompressing import decompressed
from sluicegate.agents.log.fetched import FetchedRuns
from sluicegate.agents.reading import Records
from sluicegate.schemas import UnreadableBatch
from tests.fuzz.bytes_reader import BytesReader
from tests.fuzz.target import Target
from tests.unit.agents.log.record_batches import HEADER, Written, built

__all__ = ["TARGET"]

_TP: Final = TopicPartition("events", 0)
_COUNTED_FROM: Final = 12
_COUNT_AT: Final = 57
_REFUSALS: Final = (CorruptRecordException, UnsupportedCodecError)


class _Answer(NamedTuple):
    """What a broker delivers, and how it is read."""

    raw: bytes
    aborted: list[tuple[int, int]]
    offset: int
    check: bool
    level: int
    most: int | None


class _Read(NamedTuple):
    """Records, the position behind them, and whether anything could not be taken apart."""

    records: list[Any]
    position: int
    refused: bool


def one(data: bytes) -> None:
    """Read an answer to a fetch."""
    assert reading is not None
    answer = _answer_of(data)
    ours = _ours(answer)
    if ours.refused and _is_compressed(answer.raw):
        # aiokafka makes room for whatever a batch says that it stands for, and goes back where a length is negative.
        return
    theirs = _theirs(answer)
    offsets = [record[3] for record in theirs.records]
    # Of records whose offsets go back only those are given that go on, so that none is given twice; and none lies
    # behind the batch that it stands in.
    rising = [answer.offset - 1, *offsets, theirs.position]
    if not theirs.refused and all(before < after for before, after in pairwise(rising)):
        as_they = ours == theirs or _has_odd_attributes(answer.raw)
        assert as_they, "records are read otherwise than aiokafka reads them"


def _answer_of(data: bytes) -> _Answer:
    reader = BytesReader(data)
    flags, offset, most = reader.number(), reader.number(2), reader.number()
    aborted = [(reader.number(), reader.number()) for _ in range(flags >> 4 & 3)]
    level = fetcher.READ_COMMITTED if flags & 1 else fetcher.READ_UNCOMMITTED
    raw = reader.rest()
    return _Answer(_mended(raw) if flags & 4 else raw, aborted, offset, bool(flags & 2), level, most or None)


def _mended(raw: bytes) -> bytes:
    """Make batches of bytes: their lengths and checksums are right, so that what is in them is read."""
    mended, begin = bytearray(raw), 0
    while len(mended) - begin >= HEADER:
        (length,) = struct.unpack_from(">i", mended, begin + 8)
        end = begin + _COUNTED_FROM + length
        if not begin + HEADER <= end <= len(mended):
            end = len(mended)
            struct.pack_into(">i", mended, begin + 8, end - begin - _COUNTED_FROM)
        mended[begin + 16] = 2
        struct.pack_into(">I", mended, begin + 17, calc_crc32c(bytes(mended[begin + 21 : end])))
        begin = end
    return bytes(mended)


def _is_compressed(raw: bytes) -> bool:
    begin = 0
    while len(raw) - begin >= HEADER:
        if raw[begin + 16] < 2 or raw[begin + 22] & 7:
            return True
        (length,) = struct.unpack_from(">i", raw, begin + 8)
        begin += _COUNTED_FROM + max(length, 0)
    return False


def _has_odd_attributes(raw: bytes) -> bool:
    """Tell whether aiokafka takes a record's attributes, one byte by the protocol, for the first of several.

    It reads them as a number of any length, and so all that is behind them from another place.
    """
    begin = 0
    while len(raw) - begin >= HEADER:
        (length,) = struct.unpack_from(">i", raw, begin + 8)
        end = begin + _COUNTED_FROM + max(length, 0)
        section, codec = raw[begin + HEADER : end], raw[begin + 22] & 7
        (count,) = struct.unpack_from(">i", raw, begin + _COUNT_AT)
        try:
            section = decompressed(section, codec) if codec else section
            at = 0
            for _ in range(count):
                size, at = decode_varint(section, at)
                if section[at] & 0x80:
                    return True
                if size <= 0:
                    break
                at += size
        except (*_REFUSALS, IndexError, ValueError):
            pass  # of a batch that is left out, as those of transactions that were broken off are
        begin = end
    return False


def _records(kind: type, answer: _Answer) -> Any:
    return kind(_TP, Records(answer.raw), answer.aborted, answer.offset, None, None, answer.check, answer.level)


def _ours(answer: _Answer) -> _Read:
    found: list[Any] = []
    try:
        records = _records(FetchedRuns, answer)
        while not records.finished:
            taken = records.take(answer.most)
            assert answer.most is None or len(taken) <= answer.most
            assert all(record_size(record) >= 0 for record in taken)
            found += map(_row, taken)
    except _REFUSALS:
        return _Read(found, 0, refused=True)
    kept_whole = [row[1] for row in found if isinstance(row[1], UnreadableBatch)]
    assert all(answer.raw.count(batch) for batch in kept_whole)
    return _Read(found, records.next_fetch_offset, refused=bool(kept_whole))


def _theirs(answer: _Answer) -> _Read:
    try:
        records = _records(FetchedRuns.__base__, answer)
        return _Read([_row(record) for record in records], records.next_fetch_offset, refused=False)
    except Exception:  # noqa: BLE001  # whatever aiokafka makes of what is none of the format
        return _Read([], 0, refused=True)


def _row(record: Any) -> tuple[Any, ...]:
    return (record.key, record.value, tuple(record.headers), record.offset, record.timestamp)


def _seeds() -> Sequence[bytes]:
    records = [
        Written(0, 0, b"key", b"value", (("name", b"content"), ("n", None))),
        Written(1, 5, None, b"", ()),
        Written(9, 2**40, b"", None, (("", b""),)),
    ]
    batches = [built(records, codec, attributes=attributes) for codec in range(5) for attributes in (0, 8, 0x10)]
    marker = built([Written(0, 0, struct.pack(">hh", 0, 0), b"\0" * 6)], attributes=0x30, base_offset=10)
    legacy = LegacyRecordBatchBuilder(1, 1, 2**20)
    for offset in range(3):
        legacy.append(offset, timestamp=7, key=b"k", value=b"%d" % offset)
    old = bytes(legacy.build())
    raws = [
        *batches,
        batches[0] + batches[3] + batches[6],
        batches[2] + marker,
        old,
        old + batches[0],
        b"",
        batches[0][:-1],
    ]
    return [head + raw for raw in raws for head in (b"\x02\0\0\0", b"\x15\0\0\2\7\0", b"\x06\1\0\1")]


TARGET: Final = Target(
    one,
    _seeds,
    (
        b"\x80\x80\x80\x80\x10",
        b"\xff" * 9 + b"\x01",
        b"\x7f\xff\xff\xff",
        b"\x82SNAPPY\0",
        b"\x28\xb5\x2f\xfd",
        b"\x1f\x8b\x08",
    ),
    longest=2_048,
    inputs=4_000,
    modules=("sluicegate.agents.log.reading",),
)
