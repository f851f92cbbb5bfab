"""The settings as commands read them: what is set and is no setting is told on stderr, once."""

import functools
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sluicegate.agents.settings import Settings

__all__ = ["read_settings"]


def read_settings() -> "Settings":
    """Read the settings, having told of variables that look like settings and are none.

    Raises
    ------
    SettingsError
        With every wrong setting, by name, and what is allowed.
    """
    from sluicegate.agents.settings import load_settings

    _tell_of_unknown_ones()
    return load_settings()


@functools.cache
def _tell_of_unknown_ones() -> None:
    from sluicegate.agents.unknown_settings import unknown_settings

    for sentence in unknown_settings():
        print(f"sluicegate: {sentence}", file=sys.stderr)
