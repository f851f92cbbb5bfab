"""What is wrong with a policy: each fault has a place, a message and a hint, and all are reported at once."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

#: More faults than these are counted, not written.
MAX_TOLD = 50


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with a policy.

    Parameters
    ----------
    file
        The document's name, as it was given.
    line, column
        Where it is, both counted from 1; 0 where it is of the file as a whole.
    message
        What is wrong.
    hint
        What to do about it; may be empty.
    """

    file: str
    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        told = f"{place}: {self.message}"
        return f"{told}; {self.hint}" if self.hint else told


class PolicyError(Exception):
    """A policy that must not run.

    Parameters
    ----------
    faults
        Everything that is wrong with it.

    Attributes
    ----------
    faults : tuple of Fault
        Sorted by place, each once. The text of the error holds the first ones, a line each.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        told = [str(fault) for fault in self.faults[:MAX_TOLD]]
        if len(self.faults) > MAX_TOLD:
            told.append(f"... and {len(self.faults) - MAX_TOLD} more")
        super().__init__("\n".join(told))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Give a hint for an unknown name: the nearest known one, or all of them when none is near."""
    names = sorted(known)
    near = difflib.get_close_matches(name[:64], names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(names)}" if names else ""
