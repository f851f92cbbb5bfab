"""``sluicegate worker``: one worker process, until SIGTERM."""

import signal
from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from sluicegate.cli import early
from sluicegate.cli.errors import report

__all__ = ["worker"]


class Role(StrEnum):
    """What a worker does."""

    SCORE = "score"


def worker(
    context: typer.Context, role: Annotated[Role, typer.Option(help="What this process does.")] = Role.SCORE
) -> None:
    """Run one worker process, until SIGTERM, which drains it.

    Settings come from the environment: see docs/settings.md.

    Examples
    --------
    SLUICEGATE_BROKERS=kafka-1:9092,kafka-2:9092 sluicegate worker
    """
    # Until the worker's own take their place: loading takes a moment, in which there is nothing to drain.
    early.end_well_when_terminated()
    early.end_quietly_when_interrupted()
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    from sluicegate.agents.running import run_score_worker
    from sluicegate.cli.settings import read_settings

    tell = partial(report, debug=bool(context.obj))
    {Role.SCORE: run_score_worker}[role](read_settings(), tell)
