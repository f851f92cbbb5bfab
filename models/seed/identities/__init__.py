"""Identity counter-examples: every term in every pattern, so that whom a text names says nothing about harm by itself.

Texts that differ in the named identity alone are one group; what is trained on them is to score a group's texts
alike (see :mod:`sluicegate.models.levelling`). The patterns are the project's own and hold no slurs.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from sluicegate.models.labelled import Row
from sluicegate.models.seed.expanding import SLOT
from sluicegate.models.seed.grammar import SeedError
from sluicegate.models.splits import draw

__all__ = ["IDENTITIES", "Identities", "identities", "identity_rows"]

#: Name of the source of these texts.
IDENTITIES: Final = "identities"

#: What ends a text that has no mark of its own, drawn for a pattern: alike for all terms.
_ENDINGS: Final = ("", "", ".", ".", "!")
_MARKS: Final = (".", "!", "?", "。", "！", "？")
_ATTACK: Final = "hate"
_ABUSE: Final = "harassment"


class Identities(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Patterns of one language with the slot ``{term}`` or ``{group}``, and what fills their slots.

    ``attacks`` are hateful and ``abusive`` patterns insulting whomever they name: with them, no term stands for the
    absence of harm either.
    """

    slots: dict[str, list[str]]
    neutral: list[str]
    abusive: list[str] = []
    attacks: list[str] = []


def identities(folder: Path | None = None) -> dict[str, Identities]:
    """Return the patterns of each language, by the name of its file.

    Raises
    ------
    SeedError
        When a file cannot be read, or a pattern names no identity or a slot that is not filled.
    """
    home = folder or Path(__file__).parent
    return {path.stem: _read(path) for path in sorted(home.glob("*.yaml"))}


def identity_rows(harms: tuple[str, ...], seed: int) -> list[Row]:
    """Return every pattern with every term; neutral ones are free of all harms, others silent about kindred ones."""
    rows: list[Row] = []
    for language, known in identities().items():
        for patterns, harm in ((known.neutral, ""), (known.abusive, _ABUSE), (known.attacks, _ATTACK)):
            if harm and harm not in harms:
                continue
            kindred = ("hate", "harassment", "violence") if harm else ()
            labels = {name: int(name == harm) for name in harms if name == harm or name not in kindred}
            for pattern in patterns:
                group = f"{language}:{pattern}"
                rows += [
                    Row(text, labels, IDENTITIES, language, group) for text in _crossed(pattern, known.slots, seed)
                ]
    return rows


def _crossed(pattern: str, slots: dict[str, list[str]], seed: int) -> Iterator[str]:
    """Fill a pattern with each term in turn; its other slots are drawn for each text, its ending for all."""
    place = "{term}" if "{term}" in pattern else "{group}"
    ending = "" if pattern.endswith(_MARKS) else _ENDINGS[int(draw(seed, f"ending:{pattern}") * len(_ENDINGS))]
    capital = draw(seed, f"capital:{pattern}") < 0.5
    for term in slots[place[1:-1]]:
        text = pattern.replace(place, term) + ending
        while slot := SLOT.search(text):
            choices = slots[slot.group(1)]
            text = text[: slot.start()] + choices[int(draw(seed, text) * len(choices))] + text[slot.end() :]
        yield text[:1].upper() + text[1:] if capital else text


def _read(path: Path) -> Identities:
    try:
        known = msgspec.yaml.decode(path.read_bytes(), type=Identities)
    except (msgspec.DecodeError, OSError) as error:
        raise SeedError(f"identities/{path.name} is no file of identities: {error}.") from error
    for pattern in (*known.neutral, *known.abusive, *known.attacks):
        found = SLOT.findall(pattern)
        for name in found:
            if not known.slots.get(name):
                raise SeedError(
                    f"identities/{path.name}: {pattern!r} names the slot {name!r}, which slots does not fill."
                )
        if ("term" in found) == ("group" in found):
            raise SeedError(
                f"identities/{path.name}: {pattern!r} must name an identity: write one of {{term}}, {{group}}."
            )
    return known
