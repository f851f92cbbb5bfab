"""Records are written as aiokafka's builder writes them, and read by it as they were given."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import numpy as np
import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatch
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sluicegate.agents.log import reading, topic_records, writing
from sluicegate.agents.log.codec import CODECS
from sluicegate.agents.log.fetched import stored_records
from sluicegate.agents.log.headers import encoded_headers
from sluicegate.agents.log.plain_appender import PlainAppender
from sluicegate.agents.log.ready_batch import ReadyBatch
from sluicegate.agents.log.topic_records import TopicRecords
from sluicegate.schemas import Headers
from sluicegate.schemas.columns import Spans
from tests.unit.agents.log.record_batches import contents, headers, read_by_aiokafka

TIMESTAMP = 1_700_000_000_000

plain_rows = st.lists(st.tuples(contents, contents, headers), min_size=1, max_size=12)
Row = tuple[bytes | None, bytes | None, Headers]


@pytest.fixture(params=["kernel", "Python"])
def records_of(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], TopicRecords]:
    if request.param == "kernel" and writing is None:
        pytest.skip("the kernel is not built")
    if request.param == "Python":
        monkeypatch.setattr(topic_records, "writing", None)
    return lambda: TopicRecords(TIMESTAMP, 2**20)


def sent(batch: ReadyBatch | BatchBuilder, producer: tuple[int, int, int] = (7, 1, 30)) -> bytes:
    batch._set_producer_state(*producer)
    return bytes(batch._build())


def by_aiokafka(rows: list[Row], most_bytes: int) -> list[bytes]:
    # aiokafka's compiled builder leaves the last byte of a batch free.
    builders = [BatchBuilder(most_bytes + 1, 0)]
    for key, value, their_headers in rows:
        if builders[-1].append(timestamp=TIMESTAMP, key=key, value=value, headers=list(their_headers)) is None:
            builders.append(BatchBuilder(most_bytes + 1, 0))
            builders[-1].append(timestamp=TIMESTAMP, key=key, value=value, headers=list(their_headers))
    return [sent(builder) for builder in builders]


@given(rows=plain_rows, most_bytes=st.integers(0, 2000))
@example(rows=[(None, b"x" * 200, []), (b"k", b"v", [])], most_bytes=279)
def test_the_batches_are_byte_for_byte_those_of_aiokafka(rows: list[Row], most_bytes: int) -> None:
    expected = by_aiokafka(rows, most_bytes)
    for appender in [PlainAppender] if writing is None else [PlainAppender, writing.Appender]:
        records = TopicRecords(TIMESTAMP, most_bytes)
        records._appender = appender(most_bytes)
        for row in rows:
            records.append(*row)
        assert [sent(batch) for batch in records.finish(CODECS["none"])] == expected
        assert records.finish(CODECS["none"]) == []


@pytest.mark.parametrize("codec", CODECS)
@given(rows=plain_rows, repeated=st.integers(1, 60))
def test_what_is_compressed_is_read_as_it_was_given(codec: Any, rows: list[Row], repeated: int) -> None:
    rows = rows * repeated
    records = TopicRecords(TIMESTAMP, 2**20)
    for row in rows:
        records.append(*row)
    (batch,) = records.finish(CODECS[codec])
    raw = sent(batch)
    assert batch.size() == len(raw)
    assert batch.record_count() == len(rows)
    assert DefaultRecordBatch(raw).validate_crc()
    expected = [
        (key, value, tuple(their_headers), offset, TIMESTAMP) for offset, (key, value, their_headers) in enumerate(rows)
    ]
    assert read_by_aiokafka(raw) == expected
    if reading is not None:
        assert list(stored_records(raw, 0, len(raw), 0)) == expected


@given(rows=plain_rows, repeated=st.integers(1, 60), picked=st.lists(st.integers(0, 11), max_size=30))
def test_rows_of_spans_are_appended_as_their_records_one_by_one(
    rows: list[Row], repeated: int, picked: list[int]
) -> None:
    picked = [row % len(rows) for row in picked] * repeated
    encoded = encoded_headers([("content-type", b"x")])
    for appender in [PlainAppender] if writing is None else [PlainAppender, writing.Appender]:
        singly, together = TopicRecords(TIMESTAMP, 900), TopicRecords(TIMESTAMP, 900)
        singly._appender, together._appender = appender(900), appender(900)
        for records in (singly, together):
            records.append(b"first", None, encoded)
        for row in picked:
            singly.append(*rows[row][:2], [("content-type", b"x")])
        keys, values = spans([key for key, *_ in rows]), spans([value for _, value, _ in rows])
        together.extend(keys, values, np.array(picked, np.int64), encoded)
        expected, found = singly.finish(CODECS["snappy"]), together.finish(CODECS["snappy"])
        assert [sent(batch) for batch in found] == [sent(batch) for batch in expected]


def spans(contents_: list[bytes | None]) -> Spans:
    lengths = [-1 if content is None else len(content) for content in contents_]
    begins = np.cumsum([0, *(max(length, 0) for length in lengths[:-1])])
    return Spans(b"".join(content or b"" for content in contents_), begins, np.array(lengths, np.int64))


@pytest.mark.parametrize(
    ("begins", "lengths", "rows"),
    [
        ([0, 0], [1, 1], [0, 2]),
        ([0, 0], [1, 1], [0, -1]),
        ([0, -1], [1, 1], [0, 1]),
        ([0, 4], [1, 1], [0, 1]),
        ([0, 0], [1, 4], [0, 1]),
        ([0, 2**63 - 1], [1, 2**63 - 1], [0, 1]),
    ],
)
def test_rows_that_are_not_there_are_refused_and_nothing_is_appended(
    records_of: Callable[[], TopicRecords], begins: list[int], lengths: list[int], rows: list[int]
) -> None:
    records = records_of()
    wrong = Spans(b"abc", integers(begins), integers(lengths))
    right = Spans(b"abc", integers([0, 1]), integers([1, -1]))
    records.append(None, b"there", ())
    for keys, values in [(wrong, right), (right, wrong)]:
        with pytest.raises(IndexError):
            records.extend(keys, values, integers(rows), encoded_headers(()))
    (batch,) = records.finish(CODECS["none"])
    assert [record[:2] for record in read_by_aiokafka(sent(batch))] == [(None, b"there")]


def integers(numbers: list[int]) -> NDArray[np.int64]:
    return np.array(numbers, np.int64)


def test_columns_that_are_slices_of_a_matrix_are_taken_as_they_are(records_of: Callable[[], TopicRecords]) -> None:
    records = records_of()
    matrix = np.array([[0, 9, 1, 9], [1, 9, -1, 9]])[:, ::2]
    records.extend(Spans(b"ab", *matrix), Spans(b"ab", *matrix), integers([1, 0]), encoded_headers(()))
    (batch,) = records.finish(CODECS["none"])
    assert [record[:2] for record in read_by_aiokafka(sent(batch))] == [(None, None), (b"a", b"a")]


def test_a_batch_is_repeated_as_it_was_sent_and_never_sent_as_another_one() -> None:
    batch = ReadyBatch(b"\x0c\0\0\0\1\1\0", 1, TIMESTAMP, CODECS["none"])
    raw = sent(batch)
    assert batch._build() == raw
    with pytest.raises(RuntimeError, match="cannot be sent as another one"):
        batch._set_producer_state(7, 1, 31)
    assert batch.closed()


def test_what_does_not_get_smaller_is_sent_as_it_is() -> None:
    batch = ReadyBatch(b"\x0c\0\0\0\1\1\0", 1, TIMESTAMP, CODECS["zstd"])
    assert DefaultRecordBatch(sent(batch)).compression_type == 0


@pytest.mark.skipif(writing is None, reason="the kernel is not built")
def test_two_threads_cannot_spoil_a_batch() -> None:
    records = TopicRecords(TIMESTAMP, 2**14)
    keys = spans([b"k"] * 20_000)
    rows = np.arange(20_000)
    refused: list[Exception] = []

    def extend() -> None:
        for _ in range(10):
            try:
                records.extend(keys, keys, rows, b"\0")
            except RuntimeError as error:
                refused.append(error)

    threads = [Thread(target=extend) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = records.finish(CODECS["none"])
    assert sum(batch.record_count() for batch in found) == (20 - len(refused)) * 20_000
    assert len(read_by_aiokafka(sent(found[-1]))) == found[-1].record_count()
