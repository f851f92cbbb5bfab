"""Labels that the recipe does not know, that never vary, or that are too few to learn from."""

import difflib
from collections.abc import Iterator
from typing import Final

import numpy as np

from sluicegate.models import splits
from sluicegate.models.checking.corpus import CheckedRows
from sluicegate.models.checking.finding import ERROR, WARNING, Finding, places_of
from sluicegate.models.labelled import Row
from sluicegate.models.recipe import ANNOTATED, TRAINED, Recipe, label
from sluicegate.models.training import MIN_TEXTS

__all__ = ["SCARCE", "constant_findings", "name_findings", "scarcity_findings"]

#: Positives of a harm below which its figures, and the model, hang on single texts.
FEW: Final = 200
SCARCE: Final = "harm.scarce"
_CLOSE: Final = 0.75


def name_findings(recipe: Recipe, checked: CheckedRows) -> Iterator[Finding]:
    """Find labels and sources that the recipe does not list, with what may have been meant."""
    used = {name for known in recipe.sources.values() for name in known.ordinary or {}}
    for known in recipe.sources.values():
        used |= {name for weak in known.derive for name in weak.when} | {
            name for in_ in known.doubt for name in in_.when
        }
    unlisted: dict[tuple[str, str], list[int]] = {}
    for index, row in enumerate(checked.rows):
        for name in row.labels.keys() - used - set(recipe.harms):
            unlisted.setdefault((row.source, name), []).append(index)
    for (source, name), found in sorted(unlisted.items()):
        yield Finding(
            WARNING, "label.unlisted", f"the recipe does not list the label {name!r}{_meant(name, recipe.harms)}",
            "rename the label, or list it under prevalence; it is ignored", len(found), source, name,
            places_of(checked.places, found),
        )  # fmt: skip
    for source in sorted(checked.sources.keys() - recipe.sources.keys()):
        found = checked.sources[source]
        absent = recipe.sources.keys() - checked.sources.keys()
        yield Finding(
            WARNING, "source.unlisted",
            f"the recipe does not list the source {source!r}{_meant(source, sorted(absent))}",
            "list it under sources, with its licence; nothing is assumed of it, and no false alarms are measured on it",
            len(found), source, None, places_of(checked.places, found),
        )  # fmt: skip


def constant_findings(recipe: Recipe, checked: CheckedRows) -> Iterator[Finding]:
    """Find labels that are the same in all texts of a source: what is learned may be the source."""
    for source, rows in checked.sources.items():
        for column, harm in enumerate(recipe.harms):
            annotated = [index for index in rows if checked.kinds[index, column] == ANNOTATED]
            found = {int(checked.values[index, column]) for index in annotated}
            if len(found) == 1 and len(annotated) >= MIN_TEXTS:
                yield Finding(
                    WARNING, "label.constant", f"the label is {found.pop()} in all of {len(annotated):,} texts",
                    "add texts of the other kind from this source, lest the source is learned in place of the harm",
                    len(annotated), source, harm, places_of(checked.places, annotated),
                )  # fmt: skip


def scarcity_findings(recipe: Recipe, rows: list[Row], groups: list[str], seed: int) -> Iterator[Finding]:
    """Find harms with too few texts of a kind: to train on, to calibrate on, or to measure on.

    Parameters
    ----------
    recipe, rows, seed
        As of the training, with the project's own texts where they are trained on.
    groups
        Of the rows.
    """
    values, kinds = label(recipe, rows, seed)
    parts = splits.parts_of(groups, seed)
    measured = np.array([recipe.source(row.source).use == "measure" for row in rows], dtype=np.bool_)
    for column, harm in enumerate(recipe.harms):
        for value, name in ((1, "positive"), (0, "negative")):
            usable = np.isin(kinds[:, column], TRAINED) & (values[:, column] == value) & ~measured
            train, calibrate, test = (int((usable & (parts == part)).sum()) for part in range(3))
            found = train + calibrate + test
            told = (
                f"{found:,} {name} texts ({train:,} to train on, {calibrate:,} to calibrate on, {test:,} to measure on)"
            )
            if found < MIN_TEXTS or not min(train, calibrate, test):
                yield Finding(
                    ERROR, SCARCE, told,
                    f"give at least {MIN_TEXTS}, of more groups (gid, user), or leave the harm out of the recipe",
                    found, None, harm,
                )  # fmt: skip
            elif value and found < FEW:
                yield Finding(
                    WARNING, "harm.few", told,
                    f"give more than {FEW}: figures and thresholds hang on single texts", found, None, harm,
                )  # fmt: skip


def _meant(name: str, known: tuple[str, ...] | list[str]) -> str:
    close = difflib.get_close_matches(name.lower().replace("-", "_").replace(" ", "_"), known, n=1, cutoff=_CLOSE)
    return f"; did you mean {close[0]!r}?" if close else ""
