"""Sources whose labels have nothing to do with their texts, as after a sort or a shuffle of one column."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from sluicegate.models import splits
from sluicegate.models.checking.corpus import CheckedRows, used_labels
from sluicegate.models.checking.finding import ERROR, WARNING, Finding, places_of
from sluicegate.models.checking.separability import FEWEST, FOLDS, Separability, separability
from sluicegate.models.recipe import Recipe

__all__ = ["Looked", "look", "shuffled_findings"]

#: Texts of each kind that are looked at.
MOST: Final = 1_000

Looked = dict[tuple[str, str], Separability]
"""Source and label, to how well the one kind of texts can be told from the other."""


def look(
    recipe: Recipe, checked: CheckedRows, groups: Sequence[str], seed: int, step: Callable[[int, int], None]
) -> Looked:
    """Look at each label of each source that the recipe makes use of, where there are enough texts of both kinds.

    Parameters
    ----------
    recipe, checked, seed
        As of the training.
    groups
        Name of each row's group.
    step
        Called with the labels looked at and all labels.
    """
    wanted = [(source, name) for source in checked.sources for name in _labels(recipe, checked, source)]
    looked: Looked = {}
    for number, (source, name) in enumerate(wanted):
        step(number, len(wanted))
        rows = _sample(checked, source, name, seed)
        values = np.array([checked.rows[index].labels[name] for index in rows], dtype=np.int8)
        if min(values.sum(), len(values) - values.sum()) >= FEWEST:
            folds = splits.folds_of([groups[index] for index in rows], FOLDS, seed)
            looked[source, name] = separability([checked.texts[index] for index in rows], values, folds)
    step(len(wanted), len(wanted))
    return looked


def shuffled_findings(recipe: Recipe, checked: CheckedRows, looked: Looked) -> Iterator[Finding]:
    """Find labels that texts tell no better than chance; of what is only measured on that stops no training."""
    for (source, name), seen in looked.items():
        if seen.is_chance:
            yield Finding(
                ERROR if recipe.source(source).use == "train" else WARNING,
                "label.shuffled",
                f"the label has nothing to do with the texts: AUC {seen.auc:.3f}, where chance gives .500 and up to "
                f"{seen.chance:.3f} ({seen.positives:,} positive, {seen.negatives:,} negative texts)",
                "look at the file: its labels may be shuffled, or moved by a line",
                len(checked.sources[source]),
                source,
                name,
                places_of(checked.places, checked.sources[source]),
            )


def _labels(recipe: Recipe, checked: CheckedRows, source: str) -> list[str]:
    there = {name for index in checked.sources[source] for name in checked.rows[index].labels}
    return sorted(there & used_labels(recipe, source))


def _sample(checked: CheckedRows, source: str, name: str, seed: int) -> list[int]:
    """Draw rows of each kind, one of each wording."""
    drawn: dict[str, tuple[float, int]] = {}
    for index in checked.sources[source]:
        text = checked.texts[index]
        if text and name in checked.rows[index].labels and text not in drawn:
            drawn[text] = splits.draw(seed, f"look:{text.encode('utf-8', 'replace').hex()}"), index
    in_order = [index for _, index in sorted(drawn.values())]
    return [
        index
        for value in (1, 0)
        for index in [index for index in in_order if checked.rows[index].labels[name] == value][:MOST]
    ]
