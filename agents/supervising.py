"""Several worker processes as one unit: started together, drained together, and ended all where one of them fails.

Kafka shares the partitions out among them, as among any workers of a group. One that fails is not started again here:
whoever supervises this process starts the whole, with a delay that grows and a limit, which it has and this has not.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple, NoReturn

from sluicegate.agents.logs import configure_logging
from sluicegate.agents.settings import PREFIX, Settings, SettingsError

__all__ = ["ProcessFailed", "available_cores", "how_it_ended", "overriding_settings", "send", "supervise"]

_LOG: Final = logging.getLogger("sluicegate.supervisor")

#: Seconds after which a process that was told to drain is killed: workers have ended eight seconds after SIGTERM.
_DRAINED_SECONDS: Final = 9.0
_LONGEST_INSTANCE: Final = 200
_LAST_PORT: Final = 65_535


class ProcessFailed(Exception):
    """A worker process failed; the text says which, and how it ended."""


class _Running(NamedTuple):
    number: int
    process: asyncio.subprocess.Process


def available_cores() -> int:
    """Give the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def overriding_settings(settings: Settings, processes: int) -> list[dict[str, str]]:
    """Give the environment variables in which each process differs: its metrics port, and its name in the group.

    Parameters
    ----------
    settings
        Of the whole.
    processes
        How many there are.

    Raises
    ------
    SettingsError
        Where there are not as many ports, or the names become too long.
    """
    if settings.metrics_port and settings.metrics_port + processes - 1 > _LAST_PORT:
        raise SettingsError(
            f"{PREFIX}METRICS_PORT: {processes} processes serve metrics on as many ports from this one on, and "
            f"{_LAST_PORT} is the last there is; set a lower one, or 0 for any"
        )
    longest = f"-{processes - 1}"
    if settings.instance is not None and len(settings.instance) + len(longest) > _LONGEST_INSTANCE:
        raise SettingsError(
            f"{PREFIX}INSTANCE: with the number of the process after it ({longest}) it has more than "
            f"{_LONGEST_INSTANCE} characters; set a shorter one"
        )
    found = []
    for number in range(processes):
        own = {f"{PREFIX}METRICS_PORT": str(settings.metrics_port and settings.metrics_port + number)}
        if settings.instance is not None:
            own[f"{PREFIX}INSTANCE"] = f"{settings.instance}-{number}"
        found.append(own)
    return found


def how_it_ended(code: int, *, told: bool) -> str | None:
    """Say how a process failed, by its exit code; None where it did what it was told.

    Parameters
    ----------
    code
        Its exit code, or a signal's number below 0.
    told
        Whether it had been told to drain.
    """
    # A signal that comes before Python has a handler for it ends a process that has nothing to drain.
    if code in (0, -signal.SIGTERM):
        return None if told else "ended though this process had not told it to"
    if code > 0:
        return f"failed with exit code {code}, for the reason told above"
    known = {each.value: each.name for each in signal.Signals}
    name = known.get(-code, f"signal {-code}")
    return f"was killed by {name}" + (", as when memory runs out" if name == "SIGKILL" else "")


def send(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """Send a signal to a process, unless it has ended.

    The process's own methods look whether it has ended, and thereby take its exit code from the loop, which then gives
    it as 255 (https://github.com/python/cpython/issues/87744).
    """
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)


def supervise(
    command: Sequence[str], environments: Sequence[Mapping[str, str]], report: Callable[[BaseException], int]
) -> NoReturn:
    """Run a process for each environment until SIGTERM or SIGINT, or until one of them fails, then end this one.

    Parameters
    ----------
    command
        Arguments of ``sluicegate`` for every process; ``{}`` among them stands for which it is.
    environments
        Variables of each process over those of this one.
    report
        Tells the user what failed, and gives the exit code.
    """
    configure_logging()
    asyncio.run(_supervise(command, environments, report))
    raise AssertionError("the supervisor ends within its loop")


async def _supervise(
    command: Sequence[str], environments: Sequence[Mapping[str, str]], report: Callable[[BaseException], int]
) -> NoReturn:
    code = 0
    try:
        await _Supervisor(command, environments).run()
        _LOG.info("drained")
    except (ProcessFailed, OSError) as failure:
        code = report(failure)
    # Within the loop: its end would give signals back their own effect, and a second SIGTERM an exit code.
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)


class _Supervisor:
    def __init__(self, command: Sequence[str], environments: Sequence[Mapping[str, str]]) -> None:
        self._command = command
        self._environments = environments
        self._running: dict[asyncio.Task[int], _Running] = {}
        self._told = asyncio.Event()
        self._failure: str | None = None

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, self._drain_after, each)
        # Held as long as this process lives, and by no other: at its end, SIGKILL's too, the processes read the end.
        lifeline, _held = os.pipe()
        try:
            for number, environment in enumerate(self._environments):
                if not self._told.is_set():
                    await self._start(number, environment, lifeline)
        except OSError:
            self._drain()
            await self._wait_for_all()
            raise
        finally:
            os.close(lifeline)
        _LOG.info(
            "%d processes: %s",
            len(self._running),
            ", ".join(f"{each.number} is pid {each.process.pid}" for each in self._running.values()),
        )
        told = loop.create_task(self._told.wait())
        await asyncio.wait({told, *self._running}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        self._look_at_ended()
        self._drain()
        await self._wait_for_all()
        if self._failure is not None:
            raise ProcessFailed(self._failure)

    async def _start(self, number: int, environment: Mapping[str, str], lifeline: int) -> None:
        which = f"{number}/{len(self._environments)}"
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "sluicegate",
            *(argument.format(which) for argument in self._command),
            env={**os.environ, **environment},
            stdin=lifeline,
            # Ctrl-C reaches this process alone, which passes it on: one that still loads would end by it with 130.
            process_group=0,
        )
        self._running[asyncio.create_task(process.wait())] = _Running(number, process)

    def _drain_after(self, number: int) -> None:
        _LOG.info("draining after %s", signal.Signals(number).name)
        self._drain()

    def _drain(self) -> None:
        self._told.set()
        for task, running in self._running.items():
            # Each once more at every signal: a worker told twice ends as well as one told once.
            if not task.done():
                send(running.process, signal.SIGTERM)

    async def _wait_for_all(self) -> None:
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=_DRAINED_SECONDS)
        for task in late:
            send(self._running[task].process, signal.SIGKILL)
            self._fail(self._running[task], f"had not drained within {_DRAINED_SECONDS:.0f} s and was killed")
        if late:
            await asyncio.wait(late)
        self._look_at_ended()

    def _look_at_ended(self) -> None:
        """Note the first that failed, if any did."""
        for task, running in self._running.items():
            if task.done() and (how := how_it_ended(task.result(), told=self._told.is_set())) is not None:
                self._fail(running, how)

    def _fail(self, running: _Running, how: str) -> None:
        if self._failure is None:
            self._failure = (
                f"worker process {running.number} (pid {running.process.pid}) of {len(self._environments)} {how}; "
                "the others were told to drain, and all have ended"
            )
