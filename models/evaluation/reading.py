"""Reading the files of an evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sluicegate.models.evaluation.evaluation import FileMeasured
from sluicegate.models.evaluation.sample import Progress
from sluicegate.models.labelled import BadRow, DataError, LabelledFile, Row, read_labelled
from sluicegate.models.manifest import Manifest
from sluicegate.models.splits import TEST, split

__all__ = ["ReadFiles", "read_files"]


@dataclass(frozen=True)
class ReadFiles:
    """The rows of all files that may be measured, what the files are, and the lines that could not be read."""

    rows: tuple[Row, ...]
    files: tuple[FileMeasured, ...]
    bad: tuple[BadRow, ...]


def read_files(paths: Sequence[Path], manifests: Sequence[Manifest], progress: Progress) -> ReadFiles:
    """Read labelled files; of those that a bundle was trained on, only what it held out.

    Parameters
    ----------
    manifests
        Of the bundles that are measured.

    Raises
    ------
    DataError
        If a file cannot be read, or there is nothing to measure on.
    """
    files = []
    for number, path in enumerate(paths):
        progress("read", number, len(paths))
        files.append(read_labelled(path))
    progress("read", len(paths), len(paths))
    _check_some(files)
    kept = _held_out(files, manifests)
    if not any(kept):
        raise DataError("all texts were trained on and none was held out; give texts that the bundle has not seen")
    return ReadFiles(
        tuple(row for rows in kept for row in rows),
        tuple(
            FileMeasured(file.name, file.sha256, len(file.rows), len(file.bad), len(rows))
            for file, rows in zip(files, kept, strict=True)
        ),
        tuple(row for file in files for row in file.bad),
    )


def _held_out(files: Sequence[LabelledFile], manifests: Sequence[Manifest]) -> list[list[Row]]:
    rows = [row for file in files for row in file.rows]
    origins = [file.sha256 for file in files for _ in file.rows]
    kept = np.ones(len(rows), dtype=np.bool_)
    for manifest in manifests:
        trained_files = {file.sha256 for file in manifest.training_files}
        trained_sources = {source.name for source in manifest.sources if source.train}
        seen = [
            index
            for index, (row, origin) in enumerate(zip(rows, origins, strict=True))
            if origin in trained_files and row.source in trained_sources
        ]
        # The split goes by groups, which sources that were only measured on may join.
        beside = [index for index, origin in enumerate(origins) if origin in trained_files] if seen else []
        parts = dict(zip(beside, split([rows[index] for index in beside], manifest.seed), strict=True))
        for index in seen:
            kept[index] &= parts[index] == TEST
    starts = np.cumsum([0, *(len(file.rows) for file in files)])
    return [
        [row for row, taken in zip(file.rows, kept[start:], strict=False) if taken]
        for file, start in zip(files, starts, strict=False)
    ]


def _check_some(files: Sequence[LabelledFile]) -> None:
    if any(file.rows for file in files):
        return
    bad = next((row for file in files for row in file.bad), None)
    first = f" (line {bad.line} of {bad.file}: {bad.reason})" if bad else ""
    raise DataError(f"no labelled text was read{first}; give JSON lines with the members text and labels")
