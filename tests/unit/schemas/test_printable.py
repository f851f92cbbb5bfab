"""What strangers wrote reaches a terminal or a log as text, and steers neither."""

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from sluicegate.schemas.printable import escaped, escaped_lines


@given(st.text() | st.binary())
def test_whatever_is_printed_prints(content: str | bytes) -> None:
    assert escaped(content).isprintable()


@given(st.text())
def test_of_what_does_not_print_only_the_ends_of_lines_stay(text: str) -> None:
    lines = escaped_lines(text).split("\n")
    assert all(line.isprintable() for line in lines)
    assert len(lines) == text.count("\n") + 1


def test_what_is_long_is_cut_and_its_length_told() -> None:
    assert escaped(b"x" * 2_000, 3) == "xxx... (2,000 characters)"


def test_a_log_steers_no_terminal_no_message_begins_a_line_and_an_exception_keeps_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", _LOGS], capture_output=True, text=True, check=True)
    first, second, third, *traceback, last, end = done.stderr.split("\n")
    assert first.endswith(" WARNING sluicegate.test: bundle a\\x1b[2J\\x0db")
    assert second == "    2026-01-01 00:00:00 INFO all is well"
    assert third.endswith(" ERROR sluicegate.test: that failed")
    assert traceback[0] == "    Traceback (most recent call last):"
    assert (last, end) == ("    ValueError: \\x1b[2J", "")


_LOGS = """
import logging
from sluicegate.agents.logs import configure_logging

configure_logging()
log = logging.getLogger("sluicegate.test")
log.warning("bundle %s", "a\\x1b[2J\\rb\\n2026-01-01 00:00:00 INFO all is well")
try:
    raise ValueError("\\x1b[2J")
except ValueError:
    log.exception("that failed")
"""
