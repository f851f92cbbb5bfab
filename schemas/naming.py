"""Names out of a record that a message may hold: escaped, and cut where they are long."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

__all__ = ["faulty_signal", "quoted"]

_QUOTED_MAX: Final = 66


def quoted(name: str) -> str:
    """Give a name in quotes, in printable ASCII, with at most 66 characters.

    Parameters
    ----------
    name
        Of a member, whatever it holds.
    """
    told = json.dumps(name)
    return told if len(told) <= _QUOTED_MAX else f'{told[: _QUOTED_MAX - 4]}..."'


def faulty_signal(members: Any, where: str) -> str | None:
    """Find the first signal that is no finite number.

    Parameters
    ----------
    members
        An event or its data, decoded without regard to types.
    where
        The place of the signals in it, as in ``$.data.signals``.

    Returns
    -------
    str or None
        The signal's name; None where all are sound, or there are no signals.
    """
    for member in where.split(".")[1:]:
        members = members.get(member) if isinstance(members, Mapping) else None
    if not isinstance(members, Mapping):
        return None
    return next((name for name, value in members.items() if not _is_sound(value)), None)


def _is_sound(value: Any) -> bool:
    if value is None:
        return True
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    except OverflowError:
        return False
