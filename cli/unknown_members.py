"""Which members of a file's lines no event has: they are ignored, which is told once for the whole file."""

import difflib
from collections import Counter
from collections.abc import Iterable
from typing import Final

from sluicegate.cli.lines import KNOWN_MEMBERS, ReadLine, UnreadLine
from sluicegate.cli.wording import counted
from sluicegate.schemas import quoted

__all__ = ["UnknownMembers"]

_SHOWN: Final = 20
# A file whose lines each have members of their own must not fill the memory.
_KEPT: Final = 10_000


class UnknownMembers:
    """Counts the lines in which each unknown member stands."""

    def __init__(self) -> None:
        self._lines: Counter[str] = Counter()

    def see(self, line: ReadLine | UnreadLine) -> None:
        """Take note of a line."""
        if line.unknown:
            self._lines.update(name for name in line.unknown if name in self._lines or len(self._lines) < _KEPT)

    def sentence(self, file: str) -> str | None:
        """Name the unknown members of a file, those of the most lines first; None where there are none."""
        if not self._lines:
            return None
        shown = [_told(name, lines) for name, lines in self._lines.most_common(_SHOWN)]
        more = len(self._lines) - len(shown)
        return f"{file}: ignored, since no event has them: {', '.join(_and_more(shown, more))}"


def _and_more(shown: list[str], more: int) -> Iterable[str]:
    return [*shown, counted(more, "other")] if more else shown


def _told(name: str, lines: int) -> str:
    close = difflib.get_close_matches(name.removeprefix("data."), KNOWN_MEMBERS, n=1, cutoff=0.7)
    meant = f"; did you mean {close[0]}?" if close and close[0] != name else ""
    return f"{quoted(name)} ({counted(lines, 'line')}{meant})"
