"""``sluicegate worker``: one worker process, until SIGTERM."""

import os
import signal
from enum import StrEnum
from typing import Annotated

import typer

__all__ = ["worker"]


class Role(StrEnum):
    """What a worker does."""

    SCORE = "score"


def worker(role: Annotated[Role, typer.Option(help="What this process does.")] = Role.SCORE) -> None:
    """Run one worker process, until SIGTERM, which drains it.

    Settings come from the environment: see docs/settings.md.

    Examples
    --------
    SLUICEGATE_BROKERS=kafka-1:9092,kafka-2:9092 sluicegate worker
    """
    # Loading takes a moment, in which there is nothing to drain.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    from sluicegate.agents.running import run_score_worker
    from sluicegate.agents.settings import load_settings

    {Role.SCORE: run_score_worker}[role](load_settings())
