"""Writing Markdown: escaped words, points and tables."""

import re
from collections.abc import Iterable, Sequence

from sluicegate.models.evaluation.tables import Table
from sluicegate.schemas import printable

__all__ = ["escaped", "grid", "points", "table"]

_SPECIAL = re.compile(r"([\\`*\[\]<>|])")


def escaped(text: str) -> str:
    """Write a text that is not Markdown on one line, so that nothing in it acts as Markdown, HTML or on a terminal."""
    return _SPECIAL.sub(r"\\\1", printable.escaped(" ".join(text.split())))


def points(texts: Iterable[str]) -> str:
    """Write points, each a text in Markdown."""
    return "\n".join(f"* {text}" for text in texts)


def grid(columns: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> str:
    """Write a table; the first ``texts`` columns stand left, the others right."""
    lines = [
        _line(columns),
        _line(["---"] * min(texts, len(columns)) + ["--:"] * (len(columns) - texts)),
        *(_line([escaped(cell) for cell in row]) for row in rows),
    ]
    return "\n".join(lines)


def table(found: Table) -> str:
    """Write a table of an evaluation, with its note below; a sentence where it has no rows."""
    if not found.rows:
        return "Nothing was measured."
    note = f"\n\n{found.note}" if found.note else ""
    return grid(found.columns, found.rows, found.texts) + note


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
