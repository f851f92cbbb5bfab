"""Which dead letters are meant, and what must be read to find them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.agents.dead_letters.letter import Letter
from sluicegate.agents.dead_letters.selection import (
    Places,
    Selection,
    SelectionError,
    known,
    parse_moment,
    parse_place,
)
from sluicegate.schemas import DeadLetter

NOW = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
HOUR_MS = 3_600_000

TOLD = DeadLetter("content.events", 1, 2, 3, "score", "score.failed", "why")


def letter(partition: int = 0, offset: int = 0, timestamp: int = 0, told: DeadLetter | None = TOLD) -> Letter:
    return Letter(partition, offset, timestamp, None, None, (), told, 0)


def test_all_that_is_given_must_apply() -> None:
    selection = Selection(frozenset({"score.failed"}), frozenset({"score"}), 10, 20, (Places(0, 5, 7),))
    assert letter(0, 5, 10) in selection
    assert letter(0, 7, 19) in selection
    assert letter(0, 8, 19) not in selection
    assert letter(1, 5, 10) not in selection
    assert letter(0, 5, 9) not in selection
    assert letter(0, 5, 20) not in selection
    assert letter(0, 5, 10, None) not in selection


def test_where_nothing_is_given_all_are_meant_also_those_that_are_no_dead_letters() -> None:
    assert Selection().is_everything
    assert letter(told=None) in Selection()
    assert not Selection(until=1).is_everything


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, 5)), max_size=4),
    st.dictionaries(st.integers(0, 3), st.tuples(st.integers(0, 10), st.integers(11, 40)), max_size=3),
)
def test_what_is_read_holds_all_that_is_selected_and_lies_within_what_is_there(
    given_places: list[tuple[int, int, int]], extents: dict[int, tuple[int, int]]
) -> None:
    selection = Selection(places=tuple(Places(each, first, first + more) for each, first, more in given_places))
    read = selection.narrowed(extents)
    for partition, (begin, end) in extents.items():
        first, behind = read.get(partition, (0, 0))
        assert partition not in read or begin <= first < behind <= end
        for offset in range(begin, end):
            assert letter(partition, offset) not in selection or first <= offset < behind


@pytest.mark.parametrize(
    ("text", "places"), [("3:1204", Places(3, 1204, 1204)), ("0:0-9", Places(0, 0, 9)), ("7:5-5", Places(7, 5, 5))]
)
def test_a_place_is_a_partition_with_an_offset_or_a_range(text: str, places: Places) -> None:
    assert parse_place(text) == places


@pytest.mark.parametrize("text", ["", "3", "3:", ":4", "3:9-4", "-1:4", "3:4:5", "a:b", "3:4-", "٣:4", "3:" + "9" * 40])
def test_other_places_are_refused_with_their_form(text: str) -> None:
    with pytest.raises(SelectionError, match=r"PARTITION:OFFSET|smaller offset first"):
        parse_place(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-26T07:00:00Z", NOW_MS),
        ("2026-11-26T09:00:00.5+02:00", NOW_MS + 500),
        ("1h", NOW_MS - HOUR_MS),
        ("7d", NOW_MS - 7 * 24 * HOUR_MS),
        ("90m", NOW_MS - 90 * 60_000),
        ("0s", NOW_MS),
    ],
)
def test_a_time_is_a_moment_with_a_zone_or_how_long_ago(text: str, moment: int) -> None:
    assert parse_moment(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-26T07:00:00", "10:30", "1w", "-3h", "999999d9", "1.5h"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(SelectionError, match=r"is no time|has no zone"):
        parse_moment(text, NOW)


def test_a_code_that_does_not_exist_is_refused_with_those_that_do() -> None:
    assert known(["score"], ["score", "decode"], "stage") == {"score"}
    with pytest.raises(SelectionError, match="'scor' is no stage; there are decode, score"):
        known(["scor"], ["score", "decode"], "stage")
