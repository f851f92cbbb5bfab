"""The worker processes of a run: started, stopped, killed, frozen, and replaced when they end, as by a supervisor."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from sluicegate.agents.worker_status import parse_books
from sluicegate.bench.chaos.evidence import Books, Expiry, Stop

__all__ = ["Fleet", "WorkerProcess"]

_PORT: Final = re.compile(r"metrics on port (\d+)")
#: What it took over last, told before it takes up any record of it.
_TAKEN: Final = re.compile(r": consuming (?:partitions (\d[\d, ]*)|no partition)")
_PARTITION: Final = re.compile(r'^sluicegate_lag_records\{partition="(\d+)"\}', re.MULTILINE)
#: How aiokafka says that its membership is gone.
_EXPIRED: Final = re.compile(r"^(\S+ \S+),(\d{3}) .*(?:session expired|member_id was not recognized)", re.MULTILINE)
_SAME_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.1
_ANSWER_SECONDS: Final = 1.0
#: Seconds after SIGTERM that a worker is waited for: several times what it takes where there is a core for it.
_STOP_MOST: Final = 40.0


@dataclass
class WorkerProcess:
    """One worker process.

    Attributes
    ----------
    name
        In the log and the report.
    process, log
        The process, and the file of what it says.
    expected
        Whether its end is somebody's will.
    frozen
        Whether it stands still.
    """

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    expected: bool = False
    frozen: bool = False

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def said(self) -> str:
        """Give its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def metrics(self) -> str:
        """Give its metrics, in the format of Prometheus; empty where it does not answer."""
        port = _PORT.search(self.said())
        if port is None:
            return ""
        with contextlib.suppress(OSError):
            url = f"http://127.0.0.1:{port[1]}/metrics"
            with urllib.request.urlopen(url, timeout=_ANSWER_SECONDS) as answer:
                return str(answer.read().decode())
        return ""

    def expiries(self) -> list[Expiry]:
        """Give when it noticed that it had lost its membership, as it says in its log."""
        said = _EXPIRED.findall(self.said())
        times = sorted(datetime.fromisoformat(f"{second}.{millisecond}").timestamp() for second, millisecond in said)
        # One loss is told in two lines.
        first = [time for before, time in zip([0.0, *times], times, strict=False) if time - before > _SAME_SECONDS]
        return [Expiry(self.name, time) for time in first]

    def taken(self) -> tuple[int, ...]:
        """Give the partitions that it took over last, by its log: exact also for one that is dead or stands still."""
        found = _TAKEN.findall(self.said())
        return tuple(map(int, found[-1].split(", "))) if found and found[-1] else ()

    def partitions(self) -> tuple[int, ...]:
        """Give the partitions of which it tells how far it is: up to a second old."""
        return tuple(sorted({int(number) for number in _PARTITION.findall(self.metrics())}))

    def books(self) -> Books | None:
        """Give its books, as it tells them; None where it does not answer."""
        text = self.metrics()
        return Books(self.name, **parse_books(text)) if text else None


@dataclass
class Fleet:
    """As many workers as are wanted.

    Parameters
    ----------
    command, environment
        Of a worker.
    folder
        For their logs.
    wanted
        How many there are to be.

    Attributes
    ----------
    workers
        All that were started.
    stops
        Ends that were no kills.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    wanted: int
    workers: list[WorkerProcess] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)

    async def keep(self) -> None:
        """Keep as many running as are wanted, until cancelled."""
        while True:
            for worker in self.workers:
                if not worker.alive and not worker.expected:
                    worker.expected = True
                    self.stops.append(Stop(worker.name, time.time(), worker.process.returncode, None))
            while len(self.running()) < self.wanted:
                self._start()
            await asyncio.sleep(_LOOK_SECONDS)

    def running(self) -> list[WorkerProcess]:
        """Give those that run and whose end nobody wills."""
        return [worker for worker in self.workers if worker.alive and not worker.expected]

    def kill(self, worker: WorkerProcess) -> None:
        """End one with SIGKILL."""
        worker.expected = True
        worker.process.kill()
        worker.process.wait()

    async def stop(self, worker: WorkerProcess) -> None:
        """End one with SIGTERM, and wait for it; kill it where it takes far longer than it may."""
        worker.expected = True
        began = time.monotonic()
        worker.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(worker.process.wait, _STOP_MOST)
        except subprocess.TimeoutExpired:
            self.kill(worker)
        seconds = time.monotonic() - began
        self.stops.append(Stop(worker.name, time.time(), worker.process.returncode, seconds))

    def freeze(self, worker: WorkerProcess) -> None:
        """Stop one in its tracks."""
        worker.frozen = True
        worker.process.send_signal(signal.SIGSTOP)

    def thaw(self, worker: WorkerProcess) -> None:
        """Let it go on."""
        worker.frozen = False
        if worker.alive:
            worker.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Kill whatever still runs."""
        for worker in self.workers:
            if worker.alive:
                self.kill(worker)

    def _start(self) -> None:
        name = f"worker-{len(self.workers)}"
        log = self.folder / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                list(self.command),
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self.workers.append(WorkerProcess(name, process, log))
