"""What the headers of a dead letter say is read back, whatever else stands beside them."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.schemas import REASONS, DeadLetter, Headers, Refusal, error_headers, read_error_headers, value_digest
from sluicegate.schemas.dead_letter import HEADER_PREFIX

NUMBERS = st.integers(-1, 2**63 - 1)
OTHERS = st.lists(st.tuples(st.text(max_size=8), st.none() | st.binary(max_size=8)), max_size=3)


@given(st.sampled_from(sorted(REASONS)), st.text(max_size=20), NUMBERS, NUMBERS, NUMBERS, OTHERS)
def test_what_is_written_is_read_after_the_headers_of_the_record(
    code: str, where: str, partition: int, offset: int, timestamp: int, others: list[tuple[str, bytes | None]]
) -> None:
    refusal = Refusal(code, where)
    headers = [*others, *error_headers(refusal, "content.events", partition, offset, timestamp)]
    reason = REASONS[code]
    expected = DeadLetter("content.events", partition, offset, timestamp, reason.stage.value, code, refusal.message)
    assert read_error_headers(headers) == expected


def test_a_digest_stands_for_a_value_that_does_not_fit() -> None:
    found = read_error_headers([*error_headers(Refusal("record.too_large"), "t", 0, 1, 2), *value_digest(b"large")])
    assert found is not None
    assert found.value_digest == "sha256:" + sha256(b"large").hexdigest()
    assert found.value_size == 5


def test_of_two_refusals_of_a_record_the_last_counts_whole() -> None:
    first = [*error_headers(Refusal("record.too_large"), "t", 0, 1, 2), *value_digest(b"large")]
    found = read_error_headers([*first, *error_headers(Refusal("json.invalid"), "dlq", 3, 4, 5)])
    assert found == DeadLetter("dlq", 3, 4, 5, "decode", "json.invalid", Refusal("json.invalid").message)


@pytest.mark.parametrize(
    "headers",
    [
        (),
        [("content-type", b"application/json")],
        error_headers(Refusal("json.invalid"), "t", 0, 1, 2)[:-1],
        [*error_headers(Refusal("json.invalid"), "t", 0, 1, 2), (HEADER_PREFIX + "offset", b"many")],
    ],
    ids=["none", "others", "not all", "no number"],
)
def test_headers_that_are_no_dead_letters_are_none(headers: Headers) -> None:
    assert read_error_headers(headers) is None


def test_numbers_are_decimal_text() -> None:
    headers = dict(error_headers(Refusal("json.invalid"), "t", 3, 1042, -1))
    assert headers[HEADER_PREFIX + "partition"] == b"3"
    assert headers[HEADER_PREFIX + "offset"] == b"1042"
    assert headers[HEADER_PREFIX + "timestamp"] == b"-1"


@given(
    st.lists(
        st.tuples(
            st.text(max_size=8) | st.sampled_from([HEADER_PREFIX + n for n in ("topic", "offset")]),
            st.none() | st.binary(),
        )
    )
)
def test_any_headers_can_be_read(headers: list[tuple[str, bytes | None]]) -> None:
    assert read_error_headers(headers) is None
