"""Records are cut into batches within bounds of records and bytes, and none is left out."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from sluicegate.agents.batch import record_size, split


@dataclass(frozen=True)
class PlainRecord:
    offset: int
    value: bytes | None = b""
    key: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    timestamp: int = 0


@given(st.lists(st.integers(0, 100)), st.integers(1, 10), st.integers(1, 150))
def test_every_record_is_in_one_run_in_order_and_within_the_bounds(
    sizes: list[int], most_records: int, most_bytes: int
) -> None:
    records = [PlainRecord(offset, b"x" * size) for offset, size in enumerate(sizes)]
    runs = split(records, most_records, most_bytes)
    assert [record for run, _ in runs for record in run] == records
    for run, size in runs:
        assert size == sum(map(record_size, run))
        assert 1 <= len(run) <= most_records
        assert size <= most_bytes or len(run) == 1


def test_runs_are_as_long_as_the_bounds_allow() -> None:
    records = [PlainRecord(offset, b"x" * 10) for offset in range(10)]
    assert [len(run) for run, _ in split(records, 4, 1000)] == [4, 4, 2]
    assert [len(run) for run, _ in split(records, 100, 35)] == [3, 3, 3, 1]


def test_the_size_of_a_record_is_that_of_its_key_value_and_headers() -> None:
    assert record_size(PlainRecord(0, None)) == 0
    assert record_size(PlainRecord(0, b"12", b"3", (("ab", b"c"), ("d", None)))) == 7
