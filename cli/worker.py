"""``sluicegate worker``: one worker process, or several under a supervisor, until SIGTERM."""

import signal
from enum import StrEnum
from functools import partial
from typing import Annotated, Final, NoReturn

import typer

from sluicegate.cli import early
from sluicegate.cli import process as one_of_several
from sluicegate.cli.errors import report

__all__ = ["worker"]


class Role(StrEnum):
    """What a worker does."""

    SCORE = "score"


#: As many processes as cores.
_AUTO: Final = ("auto", "0")
_MOST_PROCESSES: Final = 1_024


def _read_role(given: str) -> Role:
    """Read a role: what Typer says of a choice that is none begins with words of the library that checks it."""
    try:
        return Role(given)
    except ValueError:
        raise typer.BadParameter(f"{given!r} is no role; there is {', '.join(Role)}") from None


def _read_processes(given: str | int) -> int:
    """Read a number of processes; 0 stands for one a core."""
    text = str(given)
    if text in _AUTO:
        return 0
    if not text.isdecimal() or int(text) > _MOST_PROCESSES:
        raise typer.BadParameter(f"{text!r} is no number of processes; give 1 to {_MOST_PROCESSES}, or auto")
    return int(text)


def _read_process(text: str) -> one_of_several.Process:
    try:
        return one_of_several.Process.parse(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no process of a supervisor") from None


def worker(
    context: typer.Context,
    role: Annotated[
        Role, typer.Option(parser=_read_role, metavar=f"[{'|'.join(Role)}]", help="What this process does.")
    ] = Role.SCORE,
    processes: Annotated[
        int,
        typer.Option(
            parser=_read_processes,
            metavar="N|auto",
            help="Worker processes of this role under one supervisor; auto, or 0: one for each core that may be used.",
        ),
    ] = 1,
    process: Annotated[one_of_several.Process | None, typer.Option(parser=_read_process, hidden=True)] = None,
) -> None:
    """Run a worker until SIGTERM, which drains it: one process, or several that share the partitions.

    Settings are environment variables, or lines of a file .env in the working directory. The main ones:

    SLUICEGATE_BROKERS: where Kafka is, as host:port,host:port

    SLUICEGATE_POLICY, SLUICEGATE_BUNDLE: policy and model, the shipped ones if unset

    SLUICEGATE_TRUSTED_KEYS: public keys, with one of which policy and model must be signed

    SLUICEGATE_METRICS_PORT: of metrics and health; 0 for any, as workers of one host need; of several processes the
    first serves this one, the next the one after it, and so on

    SLUICEGATE_INSTANCE: name in static membership; of several processes NAME-0, NAME-1 and so on

    SLUICEGATE_SECURITY_PROTOCOL: with SASL_SSL, for one, SLUICEGATE_SASL_USERNAME and _PASSWORD

    All of them stand in docs/settings.md of the project's source, with their defaults.

    With --processes, lines of the log begin with the number of the process, from 0. Where one process fails, the
    others are drained, and all end with exit code 1.
    """
    # Until the worker's own take their place: loading takes a moment, in which there is nothing to drain.
    early.end_well_when_terminated()
    early.end_quietly_when_interrupted()
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    debug = bool(context.obj)
    if process is None and processes != 1:
        from sluicegate.agents.supervising import available_cores

        wanted = processes or available_cores()
        if wanted > 1:
            _supervise(role, wanted, debug=debug)
    _work(role, process, debug=debug)


def _supervise(role: Role, processes: int, *, debug: bool) -> NoReturn:
    from sluicegate.agents.supervising import overriding_settings, supervise
    from sluicegate.cli.settings import read_settings

    command = [*(["--debug"] if debug else []), "worker", "--role", role.value, "--process", "{}"]
    supervise(command, overriding_settings(read_settings(), processes), partial(report, debug=debug))


def _work(role: Role, process: one_of_several.Process | None, *, debug: bool) -> NoReturn:
    if process is not None:
        one_of_several.begin(process)
    from sluicegate.agents.running import run_score_worker
    from sluicegate.agents.settings import load_settings
    from sluicegate.cli.settings import read_settings

    # What is set and is no setting the supervisor has told already.
    settings = read_settings() if process is None else load_settings()
    # The first speaks for all where there are fewer partitions than processes.
    processes = process.processes if process is not None and process.number == 0 else 1
    {Role.SCORE: run_score_worker}[role](settings, partial(report, debug=debug), processes)
