"""Finds variables that look like settings and are none: a misspelt one would be ignored in silence."""

import difflib
import os
import re
from collections.abc import Mapping
from typing import Final

from pydantic_settings import DotEnvSettingsSource

from sluicegate.agents.settings import PREFIX, Settings

__all__ = ["unknown_settings"]

_CLOSE: Final = 0.9
# Variables with our prefix that are not meant for us: those of the tests, and of Kubernetes for a service of our name.
_OF_OTHERS: Final = re.compile(
    PREFIX + r"(TEST_\w+|SHARED_DATA|(\w+_)?SERVICE_(HOST|PORT(_\w+)?)|(\w+_)?PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)"
)


def unknown_settings(environment: Mapping[str, str | None] | None = None) -> list[str]:
    """Find variables that look like settings and are none, in the environment and the ``.env`` file.

    What Kubernetes sets for a service of our name is left alone, and what the tests read.

    Parameters
    ----------
    environment
        In place of both.

    Returns
    -------
    list of str
        A sentence for each.
    """
    given: Mapping[str, str | None] = environment if environment is not None else {**_env_file(), **os.environ}
    names = [PREFIX + name.upper() for name in Settings.model_fields]
    found = []
    for variable in sorted({name.upper() for name in given}):
        if not variable.startswith(PREFIX) or variable in names:
            continue
        close = difflib.get_close_matches(variable, names, n=1, cutoff=_CLOSE)
        if close:
            found.append(f"{variable} is no setting and is ignored; did you mean {close[0]}?")
        elif not _OF_OTHERS.fullmatch(variable):
            found.append(f"{variable} is no setting and is ignored; docs/settings.md lists them all")
    return found


def _env_file() -> Mapping[str, str | None]:
    try:
        return DotEnvSettingsSource(Settings).env_vars
    except UnicodeDecodeError:
        # Reading the settings themselves tells of it.
        return {}
