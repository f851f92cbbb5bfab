"""Lines that could not be read, and files without any that could."""

from collections.abc import Iterator, Sequence

from sluicegate.models.checking.finding import ERROR, EXAMPLES, WARNING, Finding
from sluicegate.models.labelled import LabelledFile

__all__ = ["line_findings"]


def line_findings(files: Sequence[LabelledFile]) -> Iterator[Finding]:
    """Find files with lines that cannot be read; where that is all of them, it is an error."""
    for file in files:
        if not file.bad:
            continue
        total = len(file.bad) + len(file.rows)
        yield Finding(
            severity=WARNING if file.rows else ERROR,
            kind="lines.unreadable",
            message=f"{len(file.bad):,} of {total:,} lines of {file.name} cannot be read ({file.bad[0].reason})",
            remedy='mend them: a line is {"text": "...", "labels": {"spam": 1}}; they are left out',
            count=len(file.bad),
            places=tuple(f"{bad.file}:{bad.line}" for bad in file.bad[:EXAMPLES]),
        )
