"""An answer to a fetch is given by runs of records: the same records as aiokafka gives, at the same positions."""

import struct
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import pytest
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.structs import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.agents.log import fetched, reading
from sluicegate.agents.log.decompressing import decompressed
from sluicegate.agents.log.fetched import FetchedRuns, StoredFetchResult, joined
from sluicegate.agents.log.records import StoredRecords
from sluicegate.agents.reading import Records
from sluicegate.schemas import UnreadableBatch
from tests.unit.agents.log.record_batches import Written, built, resealed, written

pytestmark = pytest.mark.skipif(reading is None, reason="the kernel is not built")

_TP = TopicPartition("events", 0)
_TRANSACTIONAL, _CONTROL = 0x10, 0x20


class Kind(NamedTuple):
    """What a batch is, and its producer."""

    attributes: int
    producer: int
    commits: bool = True


kinds = st.builds(
    Kind, st.sampled_from([0, _TRANSACTIONAL, _TRANSACTIONAL | _CONTROL]), st.integers(1, 2), st.booleans()
)
batches = st.lists(st.tuples(kinds, written, st.integers(0, 3), st.integers(0, 4)), max_size=6)


def batch(kind: Kind, records: Sequence[Written], base_offset: int, compacted: int, compression: int) -> bytes:
    """Write a batch of which compaction took the last offsets."""
    if kind.attributes & _CONTROL:
        records, compression = [Written(0, 0, struct.pack(">hh", 0, kind.commits), b"\0" * 6)], 0
    raw = bytearray(built(records, compression, base_offset, kind.attributes))
    struct.pack_into(">q", raw, 43, kind.producer)
    struct.pack_into(">i", raw, 23, last_delta(kind, records) + compacted)
    return resealed(raw)


def last_delta(kind: Kind, records: Sequence[Written]) -> int:
    return records[-1].delta if records and not kind.attributes & _CONTROL else 0


def answer(found: list[tuple[Kind, list[Written], int, int]]) -> bytes:
    raw, offset = b"", 0
    for kind, records, compacted, compression in found:
        raw += batch(kind, records, offset, compacted, compression)
        offset += last_delta(kind, records) + compacted + 1
    return raw


def partition_records(kind: type, raw: bytes, aborted: list[tuple[int, int]], offset: int, level: int) -> Any:
    return kind(_TP, Records(raw), aborted, offset, None, None, True, level)


@given(
    batches,
    st.lists(st.tuples(st.integers(1, 2), st.integers(0, 300)), max_size=2),
    st.integers(0, 300),
    st.lists(st.none() | st.integers(1, 9), min_size=1, max_size=4),
    st.sampled_from([fetcher.READ_UNCOMMITTED, fetcher.READ_COMMITTED]),
)
def test_records_and_positions_are_those_of_aiokafka(
    found: list[tuple[Kind, list[Written], int, int]],
    aborted: list[tuple[int, int]],
    offset: int,
    most: list[int | None],
    level: int,
) -> None:
    raw = answer(found)
    theirs = partition_records(FetchedRuns.__base__, raw, aborted, offset, level)
    expected = [(record.key, record.value, record.headers, record.offset, record.timestamp) for record in theirs]
    ours = partition_records(FetchedRuns, raw, aborted, offset, level)
    given_: list[Any] = []
    while not ours.finished:
        room = most[len(given_) % len(most)]
        taken = ours.take(room)
        assert room is None or len(taken) <= room
        given_ += taken
        assert not taken or ours.next_fetch_offset > taken[-1].offset
        assert len(given_) == len(expected) or ours.next_fetch_offset <= expected[len(given_)][3]
    assert given_ == expected
    assert ours.next_fetch_offset == theirs.next_fetch_offset


def test_small_batches_come_as_one_run_of_the_bytes_that_were_fetched() -> None:
    raw = answer([(Kind(0, 1), [Written(0, 0, b"k", b"v")], 0, 0)] * 5)
    taken = partition_records(FetchedRuns, raw, [], 0, fetcher.READ_COMMITTED).take(500)
    assert isinstance(taken, StoredRecords)
    assert len(taken) == 5
    assert taken.buffer is raw


def test_a_batch_that_was_changed_on_its_way_is_refused_and_fetched_again() -> None:
    raw = bytearray(answer([(Kind(0, 1), [Written(0, 0, b"k", b"v")], 0, 0)] * 2))
    raw[-3] ^= 1
    records = partition_records(FetchedRuns, bytes(raw), [], 0, fetcher.READ_COMMITTED)
    state = _State(0)
    result = StoredFetchResult(_TP, assignment=_Assignment(state), partition_records=records, backoff=0)
    with pytest.raises(CorruptRecordException, match=r"partition 0, at offset \d+ or behind it: Invalid CRC"):
        result.getall(9)
    assert (result.getall(9), result.has_more(), state.position) == ([], False, 0)


@pytest.mark.parametrize("offset", [0, 2])
@pytest.mark.parametrize("codec", [0, 1, 2, 3, 4])
def test_a_batch_that_cannot_be_taken_apart_stands_for_one_record_and_is_gone_on_behind(
    codec: int, offset: int, caplog: pytest.LogCaptureFixture
) -> None:
    sound = [Written(index, 10 + index, None, b"x" * 200) for index in range(4)]
    before, broken, behind = (built(sound, codec, base) for base in (0, 4, 8))
    # It announces a record more than it holds, and its checksum is right.
    cut = bytearray(broken)
    struct.pack_into(">i", cut, 57, 5)
    broken = resealed(cut)
    records = partition_records(FetchedRuns, before + broken + behind, [], offset, fetcher.READ_COMMITTED)
    taken = records.take(None)
    assert [record.offset for record in taken] == [*range(offset, 4), 7, *range(8, 12)]
    whole = taken[-5]
    assert isinstance(whole.value, UnreadableBatch)
    assert (whole.value, whole.key, whole.headers, whole.timestamp) == (broken, None, (), 13)
    assert (whole.value.first, whole.value.last, records.next_fetch_offset) == (4, 7, 12)
    assert "events, partition 0: the record batch of offsets 4 to 7 is passed over as one record" in caplog.text


def test_a_batch_of_too_many_bytes_is_given_whole_and_by_itself_where_few_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetched, "decompressed", partial(decompressed, most=1_000))
    small, large = [Written(0, 1, None, b"x" * 500)], [Written(0, 1, None, b"x" * 2_000)]
    raw = built(small, 4, 0) + built(large, 4, 1) + built(small, 4, 2)
    records = partition_records(FetchedRuns, raw, [], 0, fetcher.READ_COMMITTED)
    assert [type(records.take(1)[0].value) for _ in range(3)] == [bytes, UnreadableBatch, bytes]
    assert records.finished


@pytest.mark.parametrize("level", [fetcher.READ_UNCOMMITTED, fetcher.READ_COMMITTED])
def test_a_marker_that_the_cleaner_has_emptied_is_gone_on_behind(level: int) -> None:
    marker = built([], 0, 1, _TRANSACTIONAL | _CONTROL)
    raw = built([Written(0, 0, None, b"v")]) + marker + built([Written(0, 0, None, b"w")], 0, 2)
    records = partition_records(FetchedRuns, raw, [], 0, level)
    assert [(record.offset, record.value) for record in records.take(None)] == [(0, b"v"), (2, b"w")]


def test_a_batch_that_is_cut_is_gone_on_with_and_the_position_moves_with_it() -> None:
    records = partition_records(
        FetchedRuns, answer([(Kind(0, 1), [Written(index, 0, None, b"v") for index in range(5)], 3, 4)]), [], 1, 1
    )
    state = _State(1)
    result = StoredFetchResult(_TP, assignment=_Assignment(state), partition_records=records, backoff=0)
    assert [record.offset for record in result.getall(3)] == [1, 2, 3]
    assert (state.position, result.has_more()) == (4, True)
    assert [record.offset for record in result.getall(3)] == [4]
    assert (state.position, result.has_more()) == (8, False)


def test_message_sets_of_older_formats_come_as_lists_with_their_records() -> None:
    builder = LegacyRecordBatchBuilder(1, 0, 2**20)
    for offset in range(3):
        builder.append(offset, timestamp=7, key=b"k", value=b"%d" % offset)
    old = bytes(builder.build())
    new = built([Written(0, 0, None, b"3")], base_offset=3)
    taken = partition_records(FetchedRuns, old + new, [], 1, fetcher.READ_COMMITTED).take(None)
    assert isinstance(taken, list)
    assert [(record.offset, record.value, record.headers) for record in taken] == [
        (1, b"1", ()),
        (2, b"2", ()),
        (3, b"3", ()),
    ]


def test_runs_of_nothing_join_to_nothing() -> None:
    assert joined([]) == []


class _State:
    paused = False

    def __init__(self, position: int) -> None:
        self.position = position

    def consumed_to(self, position: int) -> None:
        self.position = position


class _Assignment:
    active = True

    def __init__(self, state: _State) -> None:
        self._state = state

    def state_value(self, _: object) -> _State:
        return self._state
