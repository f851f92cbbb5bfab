"""A process under a supervisor marks its lines, whole ones, and knows which it is."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.cli.process import NumberedLines, Process


def test_every_line_bears_the_number_of_its_process() -> None:
    stream = io.StringIO()
    lines = NumberedLines(stream, 3)
    print("one", file=lines)
    lines.write("two\nthree\n")
    assert stream.getvalue() == "[3] one\n[3] two\n[3] three\n"


@given(st.lists(st.text(alphabet="ab\n")))
def test_only_whole_lines_are_written_however_they_come(parts: list[str]) -> None:
    stream = io.StringIO()
    lines = NumberedLines(stream, 0)
    for part in parts:
        lines.write(part)
    whole = "".join(parts).split("\n")[:-1]
    assert stream.getvalue() == "".join(f"[0] {line}\n" for line in whole)


def test_which_process_it_is_reads_as_it_is_written() -> None:
    assert Process.parse(str(Process(2, 4))) == Process(2, 4)


@pytest.mark.parametrize("text", ["", "1", "2/2", "-1/2", "a/b", "0/0", "1/2/3"])
def test_what_is_no_process_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any
        Process.parse(text)
