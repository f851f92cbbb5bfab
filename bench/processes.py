"""Contestants as processes: started with settings in their environment, watched, and ended by their own process id."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import psutil

__all__ = ["PEERS_PYTHON", "ContestantError", "Place", "Process", "free_port"]

_REPOSITORY: Final = Path(__file__).resolve().parents[1]

#: Python of the environment that has the peers' packages; `make bench` makes it.
PEERS_PYTHON: Final = _REPOSITORY / ".cache" / "bench" / "venv" / "bin" / "python"

_STOP_SECONDS: Final = 20.0
_LOOK_EVERY: Final = 0.01


class ContestantError(Exception):
    """A contestant that did not do its part; the text ends with the last lines of its log."""


class Place(NamedTuple):
    """Where a process runs.

    Attributes
    ----------
    peers
        Whether with the peers' packages.
    cores
        Those that it may use; all that this process may without.
    """

    peers: bool = False
    cores: frozenset[int] | None = None

    def command(self, module: Sequence[str]) -> list[str]:
        """Give the command of a module with its arguments."""
        return [str(PEERS_PYTHON) if self.peers else sys.executable, "-m", *module]

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Give settings over those of this process that are none of Sluicegate's, which must change nothing."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SLUICEGATE_")}
        # The peers' environment has no Sluicegate of its own: folding and settings are those of this tree.
        return {**inherited, **({"PYTHONPATH": str(_REPOSITORY / "src")} if self.peers else {}), **settings}

    def pin(self, pid: int) -> None:
        """Keep a process that has just begun, and the threads that it will have, on the cores."""
        if self.cores is not None:
            os.sched_setaffinity(pid, self.cores)


_HERE: Final = Place()


class Process:
    """One contestant, ended when the block is left.

    Parameters
    ----------
    module
        What Python runs, with its arguments.
    environment
        Settings of the contestant, over those of this process that are none of Sluicegate's.
    folder
        Where it runs and its log goes.
    place
        With which packages, and on which cores.
    """

    def __init__(
        self, module: Sequence[str], environment: Mapping[str, str], folder: Path, place: Place = _HERE
    ) -> None:
        self._command = place.command(module)
        self.port = free_port()
        self._environment = place.environment({**environment, "SLUICEGATE_METRICS_PORT": str(self.port)})
        self._place = place
        self._folder = folder
        self._log = folder / f"contestant-{self.port}.log"
        self._began = 0.0
        self._process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._began = time.monotonic()
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )
        self._place.pin(self._process.pid)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End it with SIGTERM, or, where it takes too long, with SIGKILL."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it with SIGKILL."""
        self._process.kill()
        self._process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop it in its tracks (SIGSTOP) for the block."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def wait_until_ready(self, seconds: float = 240.0) -> float:
        """Wait until ``/readyz`` says so; give the seconds since the start.

        Raises
        ------
        ContestantError
            If it ends or the deadline passes before.
        """
        while time.monotonic() - self._began < seconds and self.runs:
            if self._is_ready():
                return time.monotonic() - self._began
            time.sleep(_LOOK_EVERY)
        raise self.error("did not become ready")

    def cpu_seconds(self) -> float:
        """Give the processor time that it has used, in all its threads and processes."""
        root = psutil.Process(self._process.pid)
        times = [each.cpu_times() for each in (root, *root.children(recursive=True))]
        return float(sum(each.user + each.system for each in times))

    def memory_mb(self) -> float:
        """Give its resident memory."""
        return float(psutil.Process(self._process.pid).memory_info().rss) / 1e6

    def metrics(self) -> str:
        """Give its metrics as Prometheus reads them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
            return str(answer.read().decode())

    def error(self, what: str) -> ContestantError:
        """Make an error with the last lines of the log."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        return ContestantError("\n".join([f"{' '.join(self._command[2:3])} {what}", *lines]))

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.HTTPError):
            return False


def free_port() -> int:
    """Give a port on 127.0.0.1 that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
