"""Options that take one number for all harms, or one for each."""

from collections.abc import Sequence

from sluicegate.cli.errors import WRONG_USE, CommandError

__all__ = ["per_harm"]


def per_harm(option: str, values: Sequence[str], harms: Sequence[str]) -> dict[str, float]:
    """Read ``NUMBER`` for all harms and ``HARM=NUMBER`` for one, which goes before the other.

    Raises
    ------
    CommandError
        If a value is neither, or names a harm that there is not.
    """
    everywhere: dict[str, float] = {}
    own: dict[str, float] = {}
    for value in values:
        harm, named, number = value.rpartition("=")
        if named and harm not in harms:
            raise CommandError(f"{option} {value}: the harms are {', '.join(harms)}; name one of them", WRONG_USE)
        try:
            read = float(number)
        except ValueError as error:
            raise CommandError(f"{option} {value} is no number; write NUMBER or HARM=NUMBER", WRONG_USE) from error
        if named:
            own[harm] = read
        else:
            everywhere = dict.fromkeys(harms, read)
    return everywhere | own
