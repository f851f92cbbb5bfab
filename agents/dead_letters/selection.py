"""Which dead letters are meant: by reason, stage, time, or place in their topic. Pure functions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sluicegate.agents.dead_letters.letter import Letter

__all__ = ["Places", "Selection", "SelectionError", "known", "parse_moment", "parse_place"]

_PLACE: Final = re.compile(r"(?P<partition>\d{1,9}):(?P<first>\d{1,18})(-(?P<last>\d{1,18}))?", re.ASCII)
_AGO: Final = re.compile(r"(?P<number>\d{1,6})(?P<unit>[smhd])", re.ASCII)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class SelectionError(Exception):
    """A place or a time that cannot be read; the text says which, and how it is written."""


@dataclass(frozen=True, slots=True)
class Places:
    """Offsets of one partition of the dead-letter topic, the first and the last of them included."""

    partition: int
    first: int
    last: int

    def __contains__(self, letter: Letter) -> bool:
        return letter.partition == self.partition and self.first <= letter.offset <= self.last


@dataclass(frozen=True, slots=True)
class Selection:
    """Dead letters that are meant: those to which all that is given applies.

    Attributes
    ----------
    reasons, stages
        Codes, any of which a letter must bear; no codes for whatever it bears, none at all included.
    since, until
        When it was written to the dead-letter topic, in milliseconds since the epoch: not before the first, and before
        the second.
    places
        Any of which it must stand at; none for all.
    """

    reasons: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    since: int | None = None
    until: int | None = None
    places: tuple[Places, ...] = ()

    def __contains__(self, letter: Letter) -> bool:
        told = letter.told
        return (
            (not self.reasons or (told is not None and told.reason in self.reasons))
            and (not self.stages or (told is not None and told.stage in self.stages))
            and (self.since is None or letter.timestamp >= self.since)
            and (self.until is None or letter.timestamp < self.until)
            and (not self.places or any(letter in each for each in self.places))
        )

    @property
    def is_everything(self) -> bool:
        """Whether nothing was given."""
        return self == Selection()

    def narrowed(self, extents: Mapping[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
        """Give what of the partitions must be read.

        Parameters
        ----------
        extents
            Of each partition the first offset and the one behind the last.
        """
        if not self.places:
            return dict(extents)
        found = {}
        for partition, (begin, end) in extents.items():
            mine = [each for each in self.places if each.partition == partition]
            first = max(begin, min((each.first for each in mine), default=end))
            behind = min(end, max((each.last + 1 for each in mine), default=begin))
            if first < behind:
                found[partition] = (first, behind)
        return found


def parse_place(text: str) -> Places:
    """Read a place: ``PARTITION:OFFSET`` or ``PARTITION:FIRST-LAST``.

    Raises
    ------
    SelectionError
        Where it is written otherwise.
    """
    found = _PLACE.fullmatch(text)
    if found is None:
        raise SelectionError(
            f"{text!r} is no place; write PARTITION:OFFSET, or PARTITION:FIRST-LAST, as in 3:1204-1210"
        )
    first = int(found["first"])
    last = first if found["last"] is None else int(found["last"])
    if last < first:
        raise SelectionError(f"{text!r} ends before it begins; write the smaller offset first")
    return Places(int(found["partition"]), first, last)


def parse_moment(text: str, now: datetime) -> int:
    """Read a time: RFC 3339 with a zone, or how long ago, as in ``90m``.

    Parameters
    ----------
    text
        What was given.
    now
        From which a time ago is counted.

    Returns
    -------
    int
        In milliseconds since the epoch.

    Raises
    ------
    SelectionError
        Where it is written otherwise.
    """
    ago = _AGO.fullmatch(text)
    try:
        if ago is not None:
            moment = now - timedelta(**{_UNITS[ago["unit"]]: int(ago["number"])})
        else:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise SelectionError(f"{text!r} has no zone; end it with Z for UTC, or with +02:00")
        return max(0, int(moment.timestamp() * 1000))
    except (ValueError, OverflowError):
        raise SelectionError(
            f"{text!r} is no time; write it as 2026-11-26T07:00:00Z, or as how long ago: 45s, 90m, 12h or 7d"
        ) from None


def known(codes: Iterable[str], among: Iterable[str], noun: str) -> frozenset[str]:
    """Take codes that exist.

    Raises
    ------
    SelectionError
        With the first that does not, and all that do.
    """
    given, there = frozenset(codes), sorted(among)
    unknown = sorted(given.difference(there))
    if unknown:
        raise SelectionError(f"{unknown[0]!r} is no {noun}; there are {', '.join(there)}")
    return given
