"""What the headers of a redriven event say is read back, and what stood before it stays."""

from hypothesis import given
from hypothesis import strategies as st

from sluicegate.schemas import (
    Headers,
    Redrive,
    Refusal,
    error_headers,
    read_redrive_headers,
    redrive_headers,
    value_digest,
    without_error_headers,
)
from sluicegate.schemas.dead_letter import HEADER_PREFIX
from sluicegate.schemas.redrive import REDRIVE_PREFIX

NUMBERS = st.integers(-1, 2**63 - 1)
NAMES = st.text(max_size=8) | st.sampled_from([REDRIVE_PREFIX + "id", REDRIVE_PREFIX + "attempt"])
OTHERS = st.lists(st.tuples(NAMES, st.none() | st.binary(max_size=8)), max_size=6)
REDRIVES = st.builds(
    Redrive,
    id=st.text("0123456789abcdef", min_size=1),
    attempt=st.integers(0, 2**31),
    topic=st.just("content.events.dlq"),
    partition=NUMBERS,
    offset=NUMBERS,
    source_topic=st.just("content.events"),
    source_partition=NUMBERS,
    source_offset=NUMBERS,
    source_timestamp=NUMBERS,
    reason=st.just("score.failed"),
)


@given(OTHERS, REDRIVES, REDRIVES)
def test_of_several_redrives_the_last_is_read(others: Headers, first: Redrive, last: Redrive) -> None:
    assert read_redrive_headers([*others, *redrive_headers(first), *redrive_headers(last)]) == last


@given(OTHERS)
def test_any_headers_can_be_read_and_are_none_unless_all_are_there(headers: Headers) -> None:
    assert read_redrive_headers(headers) is None


@given(
    st.lists(
        st.tuples(
            st.text(max_size=8) | st.sampled_from([HEADER_PREFIX + name for name in ("topic", "reason", "value_size")]),
            st.none() | st.binary(max_size=8),
        ),
        max_size=6,
    ),
    st.booleans(),
)
def test_what_stood_before_the_last_refusal_is_given_as_it_was(headers: Headers, is_large: bool) -> None:
    digest = value_digest(b"value") if is_large else []
    letter = [*headers, *error_headers(Refusal("json.invalid"), "content.events", 1, 2, 3), *digest]
    assert list(without_error_headers(letter)) == list(headers)


def test_headers_without_a_refusal_are_left_as_they_are() -> None:
    assert without_error_headers([("trace", b"1")]) == [("trace", b"1")]
