"""Tables are as wide as they need to be where nobody's terminal bounds them."""

import os
import pty
import sys

import pytest
from rich.table import Table

from sluicegate.cli.tables import message_console, table_console
from tests.commands import ran

WORD = "sha256:" + 64 * "0"


def test_a_table_in_a_pipe_is_cut_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(*(f"column {number}" for number in range(12)))
    table.add_row(*(12 * [WORD]))
    table_console().print(table)
    assert capsys.readouterr().out.count(WORD) == 12


def test_nothing_that_a_file_holds_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("a\x1b[2Jname", "")
    table.add_row("of\u202eone\nand two")
    table.add_row("[link=https://evil.example/]a[/link]", "[/b] :bomb:")
    table_console().print(table)
    message_console().print("harm \x1b]0;t\a [/b]")
    told = capsys.readouterr()
    assert "a\\x1b[2Jname" in told.out
    assert "of\\u202eone" in told.out
    assert "and two" in told.out
    assert "[link=https://evil.example/]a[/link]" in told.out
    assert "[/b] :bomb:" in told.out
    assert told.err == "harm \\x1b]0;t\\x07 [/b]\n"


def test_a_table_keeps_to_the_width_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    controller, terminal = pty.openpty()
    with os.fdopen(controller, "rb"), os.fdopen(terminal, "w", encoding="utf-8") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((71, 20)))
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.delenv("COLUMNS", raising=False)
        assert table_console().width == 71


def test_a_bundle_is_told_whole_in_a_pipe() -> None:
    told = ran("model", "inspect").stdout
    assert "…" not in told
    assert "Röttger et al. 2022" in told
    assert "│ harassment " in told
