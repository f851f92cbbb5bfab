"""Labelled rows as the checks see them: with the line each stands on, its folded text and its group."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.labelled import LabelledFile, Row
from sluicegate.models.recipe import Recipe, label
from sluicegate.models.splits import wording

__all__ = ["CheckedRows", "read_rows", "used_labels"]


@dataclass(frozen=True)
class CheckedRows:
    """Rows of files, in their order.

    Attributes
    ----------
    rows
        As they were read.
    places
        ``file:line`` of each.
    texts
        Their wordings: folded, white space made one.
    values, kinds
        By the recipe (see :func:`sluicegate.models.recipe.label`), shape (n_rows, n_harms).
    sources
        Indices of the rows of each source.
    """

    rows: tuple[Row, ...]
    places: tuple[str, ...]
    texts: tuple[str, ...]
    values: NDArray[np.int8]
    kinds: NDArray[np.int8]
    sources: dict[str, list[int]]


def used_labels(recipe: Recipe, source: str) -> set[str]:
    """Give the labels that a recipe uses of a source: harms, and what others are derived from or doubted by."""
    known = recipe.source(source)
    return {*recipe.harms}.union(*(weak.when for weak in known.derive), *(weak.when for weak in known.doubt))


def read_rows(recipe: Recipe, files: Sequence[LabelledFile], seed: int) -> CheckedRows:
    """Fold and label the rows of files."""
    rows = tuple(row for file in files for row in file.rows)
    values, kinds = label(recipe, rows, seed)
    sources: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        sources.setdefault(row.source, []).append(index)
    return CheckedRows(
        rows=rows,
        places=tuple(f"{file.name}:{line}" for file in files for line in file.lines),
        texts=tuple(wording(row.text) for row in rows),
        values=values,
        kinds=kinds,
        sources=sources,
    )
