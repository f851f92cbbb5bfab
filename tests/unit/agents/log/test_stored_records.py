"""Record batches are read as aiokafka reads them, into columns, and malformed ones as aiokafka refuses them."""

import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError
from aiokafka.record.util import calc_crc32c
from hypothesis import example, given
from hypothesis import strategies as st

from sluicegate.agents.batch import record_size, split
from sluicegate.agents.log import reading
from sluicegate.agents.log.fetched import joined, stored_records
from sluicegate.agents.log.records import Column, StoredRecords
from tests.unit.agents.log.record_batches import (
    CODECS,
    HEADER,
    Written,
    built,
    read_by_aiokafka,
    resealed,
    written,
)

pytestmark = pytest.mark.skipif(reading is None, reason="the kernel is not built")


def read(raw: bytes, least_offset: int = 0) -> StoredRecords:
    return stored_records(raw, 0, len(raw), least_offset)


@given(written, st.sampled_from(CODECS), st.integers(0, 2**62), st.sampled_from([0, 8]))
def test_what_aiokafka_writes_is_read_as_aiokafka_reads_it(
    records: list[Written], compression: int, base_offset: int, attributes: int
) -> None:
    raw = built(records, compression, base_offset, attributes)
    found = read(raw)
    expected = read_by_aiokafka(raw)
    assert list(found) == expected
    assert [found[index] for index in range(len(found))] == expected
    assert found.offsets.tolist() == [offset for *_, offset, _ in expected]
    assert found.timestamps.tolist() == [timestamp for *_, timestamp in expected]


@given(written, st.integers(0, 1200), st.integers(0, 100))
def test_records_below_an_offset_are_left_out(records: list[Written], least: int, base_offset: int) -> None:
    raw = built(records, base_offset=base_offset)
    assert list(read(raw, least)) == [record for record in read_by_aiokafka(raw) if record[3] >= least]


@given(written)
def test_sizes_are_those_of_the_records_with_header_names_in_bytes(records: list[Written]) -> None:
    found = read(built(records))
    surplus = [sum(len(name.encode()) - len(name) for name, _ in record.headers) for record in records]
    assert found.sizes.tolist() == [record_size(record) + more for record, more in zip(found, surplus, strict=True)]


@given(st.lists(st.tuples(written, st.booleans()), min_size=1, max_size=4), st.data())
def test_runs_join_to_the_same_records_whether_they_share_a_buffer_or_not(
    batches: list[tuple[list[Written], bool]], data: st.DataObject
) -> None:
    whole = b"".join(built(records) for records, _ in batches)
    runs, place = [], 0
    for records, shares in batches:
        raw = built(records)
        run = stored_records(whole, place, place + len(raw), 0) if shares else read(raw)
        place += len(raw)
        first, last = sorted(data.draw(st.tuples(st.integers(0, len(run)), st.integers(0, len(run)))))
        runs.append(run[first:last])
    together = joined(runs)
    assert isinstance(together, StoredRecords)
    assert list(together) == [record for run in runs for record in run]
    assert together.sizes.tolist() == [size for run in runs for size in run.sizes.tolist()]


def test_runs_of_one_buffer_are_joined_without_a_copy_of_it() -> None:
    raw = built([Written(index, 0, b"k", b"v") for index in range(9)])
    found = read(raw)
    assert StoredRecords.joined([found[:4], found[6:]]).buffer is raw
    assert found[2:3].columns.base is not None


@given(written, st.integers(1, 5), st.integers(1, 400))
def test_stored_records_are_split_as_lists_of_them_are(
    records: list[Written], most_records: int, most_bytes: int
) -> None:
    found = read(built([record._replace(headers=()) for record in records]))
    runs = split(found, most_records, most_bytes)
    assert [(list(run), size) for run, size in runs] == split(list(found), most_records, most_bytes)


def test_wrong_bytes_of_header_names_become_replacement_characters() -> None:
    raw = built([Written(0, 0, None, b"v", [("abc", b"1")])]).replace(b"abc", b"a\xffc")
    assert read(raw)[0].headers == (("a�c", b"1"),)


def test_headers_are_null_or_empty_as_they_were_written() -> None:
    headers = (("", None), ("", b""), ("é", b"x"))
    assert read(built([Written(0, 0, b"", None, headers)]))[0][:3] == (b"", None, headers)


def outcome(read_records: Callable[[bytes], object], raw: bytes) -> object:
    try:
        return read_records(raw)
    except (CorruptRecordException, UnicodeDecodeError):
        return CorruptRecordException


@given(written, st.lists(st.tuples(st.integers(HEADER, 10**4), st.integers(0, 255)), min_size=1, max_size=4))
@example([Written(0, 0, None, None)], [(HEADER, 0x80)])
def test_a_changed_batch_is_refused_or_read_as_aiokafka_reads_it(
    records: list[Written], changes: list[tuple[int, int]]
) -> None:
    changed = bytearray(built(records))
    for place, byte in changes:
        if place < len(changed):
            changed[place] = byte
    raw = resealed(changed)
    theirs = outcome(read_by_aiokafka, raw)
    ours = outcome(lambda raw: list(read(raw)), raw)
    # aiokafka refuses header names that are no UTF-8, and keeps records whose offsets go back.
    assert ours == theirs or theirs is CorruptRecordException or goes_back(theirs)


def goes_back(records: object) -> bool:
    offsets = [record[3] for record in records] if isinstance(records, list) else []
    return offsets[:1] < [0] or any(after <= before for before, after in pairwise(offsets))


@pytest.mark.parametrize("compression", CODECS)
def test_batches_changed_anywhere_never_end_the_process(compression: int) -> None:
    chance = random.Random(compression)
    whole = built(
        [Written(index, index, b"key", b"value" * 9, [("name", b"content"), ("n", None)]) for index in range(5)],
        compression,
    )
    for _ in range(20_000):
        raw = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            raw[chance.randrange(len(raw))] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
        raw = raw[: chance.choice([len(raw), chance.randrange(len(raw))])]
        try:
            for record in read(bytes(raw)):
                assert record_size(record) >= 0
        except (CorruptRecordException, UnsupportedCodecError):
            continue


def test_a_batch_that_announces_more_records_than_it_can_hold_is_refused_before_room_is_made_for_them() -> None:
    raw = bytearray(built([Written(0, 0, b"k", b"v")]))
    raw[HEADER - 4 : HEADER] = b"\x7f\xff\xff\xff"
    with pytest.raises(CorruptRecordException, match="does not hold 2147483647 records"):
        read(bytes(raw))


@given(st.binary(max_size=200), st.integers(0, 40), st.integers(0, 40))
def test_the_checksum_is_that_of_aiokafka_by_instruction_and_by_tables(content: bytes, cut: int, rest: int) -> None:
    begin = min(cut, len(content))
    end = max(begin, len(content) - rest)
    assert reading is not None
    assert reading.crc32c(content, begin, end) == calc_crc32c(content[begin:end])
    assert reading.crc32c_by_tables(content) == calc_crc32c(content)


def test_ranges_outside_of_the_buffer_are_refused() -> None:
    assert reading is not None
    for begin, end in [(-1, 2), (2, 1), (0, 4)]:
        with pytest.raises(IndexError):
            reading.crc32c(b"abc", begin, end)
        with pytest.raises(IndexError):
            reading.columns(b"abc", begin, end, 1, 0, 0, None, 0)
    with pytest.raises(IndexError):
        reading.headers(b"abc", 1, 3, 1)
    with pytest.raises(ValueError, match="does not hold so many headers"):
        reading.headers(b"\x02a\x04b", 0, 4, 1)


def test_the_columns_are_named_as_many_as_the_kernel_fills() -> None:
    assert read(built([Written(0, 0, None, None)])).columns.shape == (len(Column), 1)
