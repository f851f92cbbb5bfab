"""The consoles that tables and messages go to: in a pipe or a file, where there is no width, no table is cut."""

from typing import Any, Final

from rich.console import Console
from rich.text import Text

from sluicegate.schemas.printable import escaped_lines

__all__ = ["message_console", "table_console"]

#: Characters of a line, more than any table has.
_UNBOUNDED: Final = 10_000


class _PrintableConsole(Console):
    """Takes strings as they are, but for what does not print: names, labels and texts come from anywhere."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Make a text of a string, as of a cell or a message."""
        return super().render_str(escaped_lines(text), **{**options, "markup": False, "emoji": False})


def table_console() -> Console:
    """Give the console of standard output, as wide as anything where that is no terminal."""
    console = _PrintableConsole()
    return console if console.file.isatty() else _PrintableConsole(width=_UNBOUNDED)


def message_console() -> Console:
    """Give the console of standard error: what a command has to say beside its output."""
    return _PrintableConsole(stderr=True)
