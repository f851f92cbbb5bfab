"""The ``sluicegate`` command. Signals are heeded first: what is imported behind it takes a moment."""

import sys
from collections.abc import Sequence

from sluicegate.cli import early

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, and end the process with the command's exit code.

    Parameters
    ----------
    arguments
        The command line without the program's name; that of the process if not given.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    early.end_quietly_when_interrupted()
    if next((argument for argument in given if not argument.startswith("-")), None) == "worker":
        early.end_well_when_terminated()
    from sluicegate.cli.app import run

    run(given)
