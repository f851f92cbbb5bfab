"""The console that tables go to: in a pipe or a file, where there is no width to keep to, nothing of them is cut."""

from typing import Final

from rich.console import Console

__all__ = ["table_console"]

#: Characters of a line, more than any table has.
_UNBOUNDED: Final = 10_000


def table_console() -> Console:
    """Give the console of standard output, as wide as anything where that is no terminal."""
    console = Console()
    return console if console.file.isatty() else Console(width=_UNBOUNDED)
