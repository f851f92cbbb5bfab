import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.schemas.columns import Spans, distinct, distinct_strings, spans_of

strings = st.lists(st.none() | st.text(max_size=20) | st.sampled_from(["", "a", "chat", "review", "x" * 9, "x" * 8]))


@given(strings)
def test_each_row_is_led_to_its_string_and_no_string_stands_twice(rows: list[str | None]) -> None:
    known = [None if row is None else row.encode("utf-8", "replace").decode() for row in rows]
    found = distinct_strings(spans_of([None if row is None else row.encode() for row in known]))
    assert [None if number < 0 else found.strings[number] for number in found.numbers] == known
    assert list(found.strings) == list(dict.fromkeys(row for row in known if row is not None))


@given(strings)
def test_python_gives_the_same(rows: list[str | None]) -> None:
    spans = spans_of([None if row is None else row.encode("utf-8", "replace") for row in rows])
    compiled = distinct_strings(spans)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(distinct, "_numbering", None)
        plain = distinct_strings(spans)
    assert compiled.strings == plain.strings
    assert compiled.numbers.tolist() == plain.numbers.tolist()


def test_many_distinct_strings_are_numbered_in_order() -> None:
    found = distinct_strings(spans_of([str(number % 70_000).encode() for number in range(140_000)]))
    assert found.strings == tuple(map(str, range(70_000)))
    assert (found.numbers == np.tile(np.arange(70_000), 2)).all()


def test_a_string_outside_of_the_buffer_is_refused() -> None:
    spans = spans_of([b"abc"])
    with pytest.raises(ValueError, match="not within the buffer"):
        distinct_strings(Spans(spans.buffer, spans.begins, spans.lengths + 1))
