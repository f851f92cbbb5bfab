"""A batch that stands for more than a worker takes is refused, however small it is; and so is one that leads astray."""

import gzip
import struct
from typing import Any

import cramjam
import pytest
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.structs import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.agents.log import reading
from sluicegate.agents.log.codec import CODECS
from sluicegate.agents.log.decompressing import DECOMPRESSED_MOST, decompressed
from sluicegate.agents.log.fetched import FetchedRuns, stored_records
from sluicegate.agents.reading import Records
from tests.unit.agents.log.record_batches import HEADER, Written, built, resealed

_GZIP, _SNAPPY, _LZ4, _ZSTD = 1, 2, 3, 4
_SNAPPY_STREAM = b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)
_MOST = 2**20


def compressed(content: bytes, number: int) -> bytes:
    if number == _GZIP:
        return gzip.compress(content)
    return bytes(next(codec for codec in CODECS.values() if codec.number == number).compress(content))


@given(st.binary(max_size=300), st.integers(0, 3_000), st.integers(_GZIP, _ZSTD))
def test_what_was_compressed_comes_out_as_it_was(content: bytes, times: int, number: int) -> None:
    assert decompressed(compressed(content * times + b"x", number), number) == content * times + b"x"


@pytest.mark.parametrize("number", [_GZIP, _SNAPPY, _LZ4, _ZSTD])
def test_what_stands_for_more_than_is_taken_is_refused(number: int) -> None:
    fits, bomb = compressed(b"\0" * _MOST, number), compressed(b"\0" * (_MOST + 1), number)
    assert len(decompressed(fits, number, _MOST)) == _MOST
    with pytest.raises(CorruptRecordException, match="larger than 1,048,576 bytes"):
        decompressed(bomb, number, _MOST)


def test_blocks_of_snappy_count_together() -> None:
    block = bytes(cramjam.snappy.compress_raw(b"\0" * 600_000))
    stream = _SNAPPY_STREAM + (struct.pack(">i", len(block)) + block) * 2
    assert len(decompressed(stream, _SNAPPY)) == 1_200_000
    with pytest.raises(CorruptRecordException, match="larger than"):
        decompressed(stream, _SNAPPY, _MOST)


@pytest.mark.parametrize("length", [-1, -4, -(2**31), 3, 2**31 - 1])
def test_blocks_of_snappy_that_lead_out_of_the_batch_are_refused(length: int) -> None:
    with pytest.raises(CorruptRecordException, match="ends outside"):
        decompressed(_SNAPPY_STREAM + struct.pack(">i", length) + b"\0\0", _SNAPPY)


@pytest.mark.parametrize("number", [_GZIP, _SNAPPY, _LZ4, _ZSTD])
@given(st.binary(max_size=80))
def test_bytes_of_no_codec_are_refused_or_stand_for_something(number: int, section: bytes) -> None:
    try:
        assert len(decompressed(section, number, _MOST)) <= _MOST
    except CorruptRecordException:
        return


def test_an_unknown_codec_is_refused() -> None:
    with pytest.raises(UnsupportedCodecError):
        decompressed(b"", 5)


@pytest.mark.skipif(reading is None, reason="the kernel is not built")
def test_a_batch_of_some_kilobytes_that_stands_for_more_than_a_worker_takes_is_refused() -> None:
    compressor = cramjam.zstd.Compressor(level=1)
    for _ in range(DECOMPRESSED_MOST // 2**20 + 1):
        compressor.compress(b"\0" * 2**20)
    bomb = bytes(compressor.finish())
    raw = bytearray(built([Written(0, 0, None, b"v" * 200)], _ZSTD)[:HEADER]) + bomb
    struct.pack_into(">i", raw, 8, len(raw) - 12)
    assert len(raw) < 16 * 1024
    with pytest.raises(CorruptRecordException, match="larger than"):
        stored_records(resealed(raw), 0, len(raw), 0)


def _read(raw: bytes) -> Any:
    records = FetchedRuns(TopicPartition("t", 0), Records(raw), [], 0, None, None, True, fetcher.READ_COMMITTED)
    return records.take(None)


@pytest.mark.skipif(reading is None, reason="the kernel is not built")
@pytest.mark.parametrize("length", [-1, -12, -49, -62, -152, -1_000, -(2**31), 0, 13, 14, 48])
def test_a_batch_whose_length_leads_back_or_cuts_its_header_is_refused(length: int) -> None:
    good = built([Written(0, 0, b"k", b"v")])
    raw = bytearray(good + built([Written(0, 0, b"k", b"v" * 90)], base_offset=1))
    struct.pack_into(">i", raw, len(good) + 8, length)
    with pytest.raises(CorruptRecordException):
        _read(bytes(raw))
    with pytest.raises(CorruptRecordException):
        _read(bytes(raw[len(good) :]))


@pytest.mark.skipif(reading is None, reason="the kernel is not built")
def test_old_message_sets_that_were_changed_anywhere_are_read_or_refused() -> None:
    builder = LegacyRecordBatchBuilder(1, 0, 2**20)
    for offset in range(2):
        builder.append(offset, timestamp=7, key=b"key", value=b"value")
    whole, refused = bytes(builder.build()), 0
    for place in range(len(whole)):
        for byte in (0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF):
            raw = bytearray(whole)
            raw[place] = byte
            try:
                _read(bytes(raw))
            except (CorruptRecordException, UnsupportedCodecError):
                refused += 1
    assert refused > 100


@pytest.mark.skipif(reading is None, reason="the kernel is not built")
@pytest.mark.parametrize("key", [None, b"", b"\0", b"\0\0\0"])
def test_a_marker_of_a_transaction_that_names_no_kind_is_refused(key: bytes | None) -> None:
    raw = bytearray(built([Written(0, 0, key, b"\0" * 6)], attributes=0x30))
    struct.pack_into(">q", raw, 43, 7)
    with pytest.raises(CorruptRecordException, match="cannot be read"):
        _read(resealed(raw))
