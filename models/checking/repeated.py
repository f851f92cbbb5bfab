"""Texts that stand there more than once: with both labels, or in sources that are taken for strangers."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from sluicegate.models.checking.corpus import CheckedRows, used_labels
from sluicegate.models.checking.finding import EXAMPLES, WARNING, Finding
from sluicegate.models.recipe import ANNOTATED, Recipe

__all__ = ["both_labels_findings", "shared_findings"]

#: Texts, and share of the smaller source, from which two sources are kin.
_KIN_TEXTS: Final = 10
_KIN_SHARE: Final = 0.01


def both_labels_findings(recipe: Recipe, checked: CheckedRows) -> Iterator[Finding]:
    """Find texts that are annotated 1 here and 0 there, within each source and across sources.

    Only annotated labels count, those among them that others are derived from: what is derived or assumed gives way to
    them, and what the recipe doubts is known to be called otherwise elsewhere.
    """
    found: dict[tuple[str, str | None], list[list[int]]] = {}
    for indices in _repeated(checked):
        for name in sorted({name for index in indices for name in checked.rows[index].labels}):
            labelled = [index for index in indices if _is_annotated(recipe, checked, index, name)]
            if len({checked.rows[index].labels[name] for index in labelled}) == 2:
                sources = {checked.rows[index].source for index in labelled}
                found.setdefault((name, sources.pop() if len(sources) == 1 else None), []).append(labelled)
    for (name, source), texts in found.items():
        rows = sum(map(len, texts))
        # Pairs that contradict each other stand side by side.
        places = [checked.places[index] for text in texts for index in _contradicting(checked, text, name)]
        told = f"{len(texts):,} {'text has' if len(texts) == 1 else 'texts have'} both labels, in {rows:,} lines"
        yield Finding(
            WARNING, "text.both_labels", told if source is not None else f"{told} of more than one source",
            "decide which label is right; they are kept, as texts that people do not agree on",
            rows, source, name, tuple(places[: EXAMPLES + 1]),
        )  # fmt: skip


def shared_findings(recipe: Recipe, checked: CheckedRows) -> Iterator[Finding]:
    """Find sources that share texts and are of no common family, so that one is no test of a model of the other."""
    shared: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], list[str]] = {}
    for indices in _repeated(checked):
        of_source = {checked.rows[index].source: checked.places[index] for index in indices}
        for pair in combinations(sorted(of_source), 2):
            shared[pair] += 1
            first.setdefault(pair, []).extend(of_source[source] for source in pair)
    for (one, other), count in sorted(shared.items()):
        family = recipe.source(one).family
        smaller = min(len(checked.sources[one]), len(checked.sources[other]))
        kin = family is not None and family == recipe.source(other).family
        if not kin and count >= _KIN_TEXTS and count >= _KIN_SHARE * smaller:
            yield Finding(
                WARNING, "source.shared", f"{count:,} texts are in {other!r} as well",
                "give both sources one family in the recipe: neither is a test of a model trained on the other",
                count, one, None, tuple(first[one, other][: EXAMPLES + 1]),
            )  # fmt: skip


def _repeated(checked: CheckedRows) -> list[list[int]]:
    by_text: dict[str, list[int]] = {}
    for index, text in enumerate(checked.texts):
        by_text.setdefault(text, []).append(index)
    # The empty text is that of links and signs alone: it says nothing about anything.
    return [indices for text, indices in by_text.items() if len(indices) > 1 and text]


def _is_annotated(recipe: Recipe, checked: CheckedRows, index: int, name: str) -> bool:
    row = checked.rows[index]
    if name in recipe.harms:
        return bool(checked.kinds[index, recipe.harms.index(name)] == ANNOTATED)
    return name in row.labels and name in used_labels(recipe, row.source)


def _contradicting(checked: CheckedRows, indices: list[int], name: str) -> tuple[int, int]:
    values = {index: checked.rows[index].labels[name] for index in indices}
    return next((a, b) for a, b in combinations(indices, 2) if values[a] != values[b])
