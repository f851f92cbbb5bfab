"""Runs a bench so that whatever ends it also ends the processes that it started."""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import typer

__all__ = ["run"]


def run(bench: Callable[..., Any]) -> None:
    """Run a bench as a command; ended by SIGTERM it leaves its blocks as it does by an interrupt.

    Parameters
    ----------
    bench
        As for :func:`typer.run`.

    Raises
    ------
    SystemExit
        At its end; with 143 behind a SIGTERM, as shells have it.
    """
    signal.signal(signal.SIGTERM, _end)
    typer.run(bench)


def _end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    # Once: what ends the processes is not to be ended itself. Ignored, it would be by what is still started, too.
    signal.signal(signal.SIGTERM, lambda *_: None)
    sys.exit(128 + number)
