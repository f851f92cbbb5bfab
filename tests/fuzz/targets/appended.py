"""The writer of record batches: the kernel writes what Python writes, and what is written is read as it was given."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from sluicegate.agents.log import writing
from sluicegate.agents.log.codec import CODECS, Codec
from sluicegate.agents.log.fetched import stored_records
from sluicegate.agents.log.headers import encoded_headers
from sluicegate.agents.log.plain_appender import PlainAppender
from sluicegate.agents.log.topic_records import TopicRecords
from sluicegate.schemas import Headers
from sluicegate.schemas.columns import Spans, spans_of
from tests.fuzz.bytes_reader import BytesReader
from tests.fuzz.target import Target

__all__ = ["TARGET"]

_TIMESTAMP: Final = 1_790_000_000_000


class _Given(NamedTuple):
    key: bytes | None
    value: bytes | None
    headers: Headers


class _Case(NamedTuple):
    codec: Codec
    most_bytes: int
    singly: list[_Given]
    together: list[_Given]
    rows: list[int]


def one(data: bytes) -> None:
    """Write records one by one and rows of them at once, by the kernel and by Python, and read them again."""
    reader = BytesReader(data)
    codec, most = list(CODECS.values())[reader.number() % len(CODECS)], reader.number(2)
    several = [reader.number() for _ in range(reader.number() % 16)]
    given: list[_Given] = []
    while not reader.ended and len(given) < 40:
        given.append(_Given(reader.content(), reader.content(), _headers(reader)))
    half = len(given) // 2
    together = given[half:]
    rows = [row % len(together) for row in several] if together else []
    case = _Case(codec, most, given[:half], together, rows)
    assert writing is not None
    by_kernel, by_python = _written(case, writing.Appender(most)), _written(case, PlainAppender(most))
    assert by_kernel == by_python, "the kernel writes otherwise"
    found = [record[:3] for raw in by_kernel for record in stored_records(raw, 0, len(raw), 0)]
    alike = [together[row]._replace(headers=(("name", b"content"),)) for row in rows]
    assert found == [tuple(record) for record in [*case.singly, *alike]]


def _written(case: _Case, appender: Any) -> list[bytes]:
    records = TopicRecords(_TIMESTAMP, case.most_bytes)
    records._appender = appender
    for record in case.singly:
        records.append(*record)
    _extend(records, case, case.rows)
    # A row that is not there, and one that lies outside of its buffer: both are refused, and nothing is appended.
    _expect_refusal(records, case, [*case.rows, len(case.together)])
    if case.together and case.together[0].key is not None:
        _expect_refusal(records, case, [*case.rows, 0], beyond=2**40)
    return [bytes(batch._build()) for batch in records.finish(case.codec)]


def _expect_refusal(records: TopicRecords, case: _Case, rows: list[int], beyond: int = 0) -> None:
    try:
        _extend(records, case, rows, beyond)
    except IndexError:
        return
    raise AssertionError("a row was appended that is not there")


def _extend(records: TopicRecords, case: _Case, rows: list[int], beyond: int = 0) -> None:
    keys = spans_of([record.key for record in case.together])
    values = spans_of([record.value for record in case.together])
    if beyond:
        keys = Spans(keys.buffer, keys.begins + beyond, keys.lengths)
    records.extend(keys, values, np.array(rows, dtype=np.int64), encoded_headers((("name", b"content"),)))


def _headers(reader: BytesReader) -> Headers:
    names = [(reader.content() or b"").decode("utf-8", "replace") for _ in range(reader.number() % 4)]
    return tuple((name, reader.content()) for name in names)


def _seeds() -> Sequence[bytes]:
    record = b"\x03key\x05value\x01\x01n\x02cc" + b"\xff\x00\x00" + b"\x00\xff\x02\x01a\x01b\xff\x90x"
    made = [bytes([codec, 0, most, 3, 0, 1, 7]) + record * 6 for codec in range(len(CODECS)) for most in (0, 1, 255)]
    return [*made, b"", b"\1\0\4\0" + b"\xfev\xc0w\0" * 30, b"\3\xff\xff\1\0\x82a\x82b\0"]


TARGET: Final = Target(
    one,
    _seeds,
    (b"\xff\xff\x00", b"\x00\x00\x00", b"\x80a", b"\xfeb", b"\x01\x01n\xff"),
    longest=1_024,
    inputs=2_000,
    modules=("sluicegate.agents.log.writing", "sluicegate.agents.log.reading"),
)
