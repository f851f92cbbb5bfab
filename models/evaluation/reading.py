"""Reading the files of an evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sluicegate.models.evaluation.evaluation import FileMeasured
from sluicegate.models.evaluation.sample import Progress
from sluicegate.models.labelled import BadRow, DataError, Row, read_labelled

__all__ = ["ReadFiles", "read_files"]


@dataclass(frozen=True)
class ReadFiles:
    """The rows of all files, what the files are, and the lines that could not be read."""

    rows: tuple[Row, ...]
    files: tuple[FileMeasured, ...]
    bad: tuple[BadRow, ...]


def read_files(paths: Sequence[Path], progress: Progress) -> ReadFiles:
    """Read labelled files.

    Raises
    ------
    DataError
        If one cannot be read, or none has a row.
    """
    files = []
    for number, path in enumerate(paths):
        progress("read", number, len(paths))
        files.append(read_labelled(path))
    progress("read", len(paths), len(paths))
    rows = tuple(row for file in files for row in file.rows)
    if not rows:
        bad = next((row for file in files for row in file.bad), None)
        first = f" (line {bad.line} of {bad.file}: {bad.reason})" if bad else ""
        raise DataError(f"no labelled text was read{first}; give JSON lines with the members text and labels")
    return ReadFiles(
        rows,
        tuple(FileMeasured(file.name, file.sha256, len(file.rows), len(file.bad)) for file in files),
        tuple(row for file in files for row in file.bad),
    )
