"""A finding: what is wrong with training data, where, and what to do. It never holds a text."""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

__all__ = ["ERROR", "EXAMPLES", "WARNING", "Finding", "Severity"]

Severity = Literal["error", "warning"]
ERROR: Final = "error"
WARNING: Final = "warning"

#: Places that a finding names at the most.
EXAMPLES: Final = 5


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is wrong.

    Attributes
    ----------
    severity
        ``error`` stops a training, ``warning`` does not.
    kind
        A stable name, such as ``text.both_labels``.
    message
        What is wrong.
    remedy
        What to do about it.
    count
        Texts (or lines) concerned.
    source, harm
        Which of them; None where it is about all.
    places
        Some of the lines, as ``file:line``.
    """

    severity: Severity
    kind: str
    message: str
    remedy: str
    count: int
    source: str | None = None
    harm: str | None = None
    places: tuple[str, ...] = ()


def places_of(places: Sequence[str], chosen: Sequence[int]) -> tuple[str, ...]:
    """Give the first places among chosen rows."""
    return tuple(places[index] for index in chosen[:EXAMPLES])
