"""The seed grammar as read from its files, one folder a language, and the checks that it must pass when read."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from sluicegate.models.labelled import DataError
from sluicegate.models.seed.expanding import SLOT

IDENTITY_SLOT = "groups"
"""Prefix of the slots that name groups of people: their terms stand in hate and in ordinary patterns alike."""

_BRACE = re.compile(r"[{}]")
_T = TypeVar("_T")


class SeedError(DataError):
    """A file of the seed grammar that cannot be used, with the file, the pattern and the remedy."""


class Patterns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Patterns of one file: harmful ones, and ordinary ones that share their words."""

    near_misses: list[str]
    harmful: list[str] = []


class Grammar(msgspec.Struct, frozen=True):
    """Patterns of one language by harm, ordinary ones (near misses among them), and the words of slots."""

    slots: dict[str, list[str]]
    harms: dict[str, list[str]]
    ordinary: list[str]
    near_misses: dict[str, list[str]]


def names_groups(pattern: str) -> bool:
    """Return whether a pattern has a slot for groups of people."""
    return any(name.startswith(IDENTITY_SLOT) for name in SLOT.findall(pattern))


def grammars(folder: Path | None = None) -> dict[str, Grammar]:
    """Return the grammar of each language, by the name of its folder.

    Parameters
    ----------
    folder
        Holds one folder a language; by default the grammar that comes with the project.

    Raises
    ------
    SeedError
        When a file cannot be read, a slot is unknown or empty, or a pattern stands there twice.
    """
    home = folder or Path(__file__).parent
    return {path.parent.name: _grammar(path.parent) for path in sorted(home.glob("*/slots.yaml"))}


def _grammar(folder: Path) -> Grammar:
    slots = _read(folder / "slots.yaml", dict[str, list[str]])
    harms: dict[str, list[str]] = {}
    near: dict[str, list[str]] = {}
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.stem == "slots":
            continue
        patterns = _read(path, Patterns)
        for role, pattern in _roles(patterns):
            where = f"{folder.name}/{path.name} ({role})"
            _check(pattern, slots, where)
            key = pattern.casefold()
            if key in seen:
                raise SeedError(f"{where}: the pattern {pattern!r} stands already in {seen[key]}; remove one of them.")
            seen[key] = where
        near[path.stem] = patterns.near_misses
        if patterns.harmful:
            harms[path.stem] = patterns.harmful
    return Grammar(slots=slots, harms=harms, ordinary=[one for many in near.values() for one in many], near_misses=near)


def _roles(patterns: Patterns) -> Iterator[tuple[str, str]]:
    yield from (("harmful", pattern) for pattern in patterns.harmful)
    yield from (("near_misses", pattern) for pattern in patterns.near_misses)


def _check(pattern: str, slots: dict[str, list[str]], where: str) -> None:
    for name in SLOT.findall(pattern):
        if not slots.get(name):
            raise SeedError(
                f"{where}: {pattern!r} names the slot {name!r}, which slots.yaml does not fill; add it there."
            )
    if _BRACE.search(SLOT.sub("", pattern)):
        raise SeedError(f"{where}: {pattern!r} has a brace that is no slot; write slots as {{name}}.")


def _read(path: Path, kind: type[_T]) -> _T:
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=kind)
    except (msgspec.DecodeError, OSError) as error:
        raise SeedError(f"{path.parent.name}/{path.name} is no file of the seed grammar: {error}.") from error
