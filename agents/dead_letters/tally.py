"""Counts of dead letters by what becomes of them, by reason, and by topic: what is told at the end of a command."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from sluicegate.agents.dead_letters.letter import Letter
from sluicegate.agents.dead_letters.verdict import Verdict

__all__ = ["FOREIGN_REASON", "Group", "Summary", "Tally", "group_of"]

#: Under which records are counted that are no dead letters of a worker's.
FOREIGN_REASON: Final = "-"
#: Under which they are counted whose reasons are too many to be real.
_OTHER_REASON: Final = "(others)"
_GROUPS_MOST: Final = 200


@dataclass(slots=True)
class Tally:
    """Dead letters that were looked at, by verdict; those to be redriven also by reason.

    Attributes
    ----------
    verdicts
        How many of each.
    reasons
        Of those that are to be redriven, or were by now.
    redriven
        How many were put back by this run and are committed.
    """

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    redriven: int = 0

    def add(self, letter: Letter, verdict: Verdict) -> None:
        """Count one."""
        self.verdicts[verdict] += 1
        if verdict is Verdict.REDRIVE:
            reason = group_of(letter)[1]
            self.reasons[reason if reason in self.reasons or len(self.reasons) < _GROUPS_MOST else _OTHER_REASON] += 1

    @property
    def selected(self) -> int:
        """All that were looked at."""
        return self.verdicts.total()


@dataclass(slots=True)
class Group:
    """Dead letters of one stage and reason.

    Attributes
    ----------
    stage, reason
        Their codes.
    letters
        How many there are.
    redriven, returned
        How many of them were redriven, and how many had been redriven and came back as these.
    first, last
        When the earliest and the latest of them were written, in milliseconds since the epoch.
    """

    stage: str
    reason: str
    letters: int = 0
    redriven: int = 0
    returned: int = 0
    first: int = 2**63 - 1
    last: int = -1


class Summary:
    """Dead letters by stage and reason."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], Group] = {}

    def add(self, letter: Letter, *, redriven: bool) -> None:
        """Count one, and whether it was redriven."""
        code = group_of(letter)
        if code not in self._groups:
            if len(self._groups) >= _GROUPS_MOST:
                code = FOREIGN_REASON, _OTHER_REASON
            self._groups.setdefault(code, Group(*code))
        group = self._groups[code]
        group.letters += 1
        group.redriven += redriven
        group.returned += letter.attempts > 0
        group.first = min(group.first, letter.timestamp)
        group.last = max(group.last, letter.timestamp)

    def groups(self) -> list[Group]:
        """Give all groups, the largest first."""
        return sorted(self._groups.values(), key=lambda group: (-group.letters, group.stage, group.reason))

    @property
    def letters(self) -> int:
        """Of all groups."""
        return sum(group.letters for group in self._groups.values())


def group_of(letter: Letter) -> tuple[str, str]:
    """Give the stage and the reason of a letter."""
    return (FOREIGN_REASON, FOREIGN_REASON) if letter.told is None else (letter.told.stage, letter.told.reason)
