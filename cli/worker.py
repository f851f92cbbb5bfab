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

    Settings are environment variables, or lines of a file .env in the working directory. The main ones:

    SLUICEGATE_BROKERS: where Kafka is, as host:port,host:port

    SLUICEGATE_POLICY, SLUICEGATE_BUNDLE: policy and model, the shipped ones if unset

    SLUICEGATE_METRICS_PORT: of metrics and health; 0 for any, as workers of one host need

    SLUICEGATE_SECURITY_PROTOCOL: with SASL_SSL, for one, SLUICEGATE_SASL_USERNAME and _PASSWORD

    All of them stand in docs/settings.md of the project's source, with their defaults.
    """
    # Until the worker's own take their place: loading takes a moment, in which there is nothing to drain.
    early.end_well_when_terminated()
    early.end_quietly_when_interrupted()
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    from sluicegate.agents.running import run_score_worker
    from sluicegate.cli.settings import read_settings

    tell = partial(report, debug=bool(context.obj))
    {Role.SCORE: run_score_worker}[role](read_settings(), tell)
