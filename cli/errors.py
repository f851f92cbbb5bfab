"""How errors reach the user: one sentence on stderr and an exit code; a traceback only with ``--debug``."""

import errno
import os
import sys
import traceback
from typing import Final

from sluicegate.cli.early import INTERRUPTED

__all__ = ["FAILED", "INTERRUPTED", "WRONG_USE", "CommandError", "flush_output", "is_mendable", "report"]

FAILED: Final = 1
WRONG_USE: Final = 2

#: What a write, seldom told with the name of its file, ends with when there is no room.
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class CommandError(Exception):
    """Ends a command.

    Parameters
    ----------
    message
        What is wrong, where, and what to do.
    exit_code
        1 where something failed, 2 where the command or a setting was used wrongly.
    """

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def report(error: BaseException, *, debug: bool) -> int:
    """Tell the user about an error on stderr.

    Parameters
    ----------
    error
        What ended the command.
    debug
        Whether the traceback goes before the sentence.

    Returns
    -------
    int
        The exit code of the process: 2 for wrong settings, that of a `CommandError`, 1 for all other errors.
    """
    # Looked at here, so that commands which read no settings do not wait for what reads them.
    from sluicegate.agents.settings import SettingsError
    from sluicegate.schemas.printable import escaped_lines

    if debug:
        print(escaped_lines("".join(traceback.format_exception(error))), end="", file=sys.stderr)
    if isinstance(error, SettingsError):
        told = escaped_lines(f"these settings cannot be used:\n{error}", indent="  ")
        print(f"sluicegate: {told}", file=sys.stderr)
        return WRONG_USE
    # Names in it may be those of a stranger's bundle or policy: what looks like a line of ours must not begin as one.
    print(f"sluicegate: {escaped_lines(_sentence(error, debug=debug), indent='  ')}", file=sys.stderr)
    return error.exit_code if isinstance(error, CommandError) else FAILED


def flush_output() -> None:
    """Write out what is left of standard output; where that fails, nothing of it is tried again.

    Raises
    ------
    OSError
        Where it cannot be written; `BrokenPipeError` where its reader went away.
    """
    if sys.stdout is None:  # closed by whoever started this process
        return
    try:
        sys.stdout.flush()
    except OSError:
        # The interpreter flushes once more when it ends, and would tell of it in its own words.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def is_mendable(error: BaseException) -> bool:
    """Say whether the user can mend it: an exception that the project itself defines is written for the user."""
    return type(error).__module__.partition(".")[0] == "sluicegate"


def _sentence(error: BaseException, *, debug: bool) -> str:
    if is_mendable(error):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"cannot use {error.filename}: {error.strerror}"
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return f"the output cannot be written ({error.strerror}); make room, or write it elsewhere"
    told = str(error).strip().partition("\n")[0]
    what = "unexpected " + type(error).__name__ + (f": {told}" if told else "")
    return what if debug else f"{what}; run the same command with --debug for the traceback"
