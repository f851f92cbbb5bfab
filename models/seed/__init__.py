"""The project's own seed texts: patterns expanded into labelled rows, for what no clean data set covers.

A seed, not a data set: no slurs, no sentence of anyone else's. Each pattern is one group, so that its
expansions are never split between training and measuring.
"""

import re
from pathlib import Path

import msgspec

from sluicegate.models.labelled import Row
from sluicegate.models.splits import draw

EXPANSIONS = 40
_SLOT = re.compile(r"\{(\w+)\}")


class Grammar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Patterns of one language by harm, ordinary ones (near misses among them), and the words of slots."""

    slots: dict[str, list[str]]
    harms: dict[str, list[str]]
    ordinary: list[str]


def grammars() -> dict[str, Grammar]:
    """Return the grammar of each language, by its file's name."""
    folder = Path(__file__).parent
    return {path.stem: msgspec.yaml.decode(path.read_bytes(), type=Grammar) for path in sorted(folder.glob("*.yaml"))}


def expand(pattern: str, slots: dict[str, list[str]], seed: int) -> list[str]:
    """Fill the slots of a pattern, up to ``EXPANSIONS`` different ways."""
    found: dict[str, None] = {}
    for number in range(EXPANSIONS if _SLOT.search(pattern) else 1):
        filled = pattern
        while slot := _SLOT.search(filled):
            choices = slots[slot.group(1)]
            chosen = choices[int(draw(seed, f"{number}:{filled}") * len(choices))]
            filled = filled[: slot.start()] + chosen + filled[slot.end() :]
        found[filled] = None
    return list(found)


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
                for text in expand(pattern, grammar.slots, seed)
            ]
    return rows


ALONGSIDE = {
    "scam": ("spam",),
    "spam": ("scam",),
    "violence": ("harassment", "hate"),
    "harassment": ("violence", "hate"),
    "hate": ("harassment", "violence"),
}
"""Harms that often come along with another: about these a seed text of that other harm is silent."""
