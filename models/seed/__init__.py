"""The project's own seed texts: patterns expanded into labelled rows, for what no clean data set covers.

A seed, not a data set: no slurs, no sentence of anyone else's. Each pattern is one group, so that its
expansions are never split between training and measuring.
"""

from sluicegate.models.labelled import Row
from sluicegate.models.seed.expanding import EXPANSIONS, expand
from sluicegate.models.seed.grammar import Grammar, SeedError, grammars, names_groups

__all__ = ["ALONGSIDE", "Grammar", "SeedError", "expand", "grammars", "seed_rows"]

ALONGSIDE = {
    "scam": ("spam",),
    "spam": ("scam",),
    "violence": ("harassment", "hate"),
    "harassment": ("violence", "hate"),
    "hate": ("harassment", "violence"),
}
"""Harms that often come along with another: about these a seed text of that other harm is silent."""

COUNTER_EXPANSIONS = 2 * EXPANSIONS
"""Expansions of an ordinary pattern that names groups of people: no group's name may stand for hate by itself."""


def seed_rows(harms: tuple[str, ...], seed: int) -> list[Row]:
    """Return the expanded rows. A harmful pattern is silent about harms that often go with its own."""
    rows: list[Row] = []
    for language, grammar in grammars().items():
        labelled = [(pattern, harm) for harm in harms for pattern in grammar.harms.get(harm, [])]
        labelled += [(pattern, "") for pattern in grammar.ordinary]
        for pattern, harm in labelled:
            labels = {name: int(name == harm) for name in harms if name == harm or name not in ALONGSIDE.get(harm, ())}
            rows += [
                Row(text=text, labels=labels, source="seed", lang=language, gid=f"{language}:{pattern}")
                for text in expand(pattern, grammar.slots, seed, _expansions(pattern, harm))
            ]
    return rows


def _expansions(pattern: str, harm: str) -> int:
    return EXPANSIONS if harm or not names_groups(pattern) else COUNTER_EXPANSIONS
