"""Child processes that end when this process ends, however it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["LeashedProcess", "tail"]

# Run by a small Python of its own, which becomes the command: asking the kernel in a preexec_fn instead is
# unsafe once this process has threads. The second look at the parent closes the gap between fork and prctl.
_LEASH = """
import os, signal, sys
parent, command = int(sys.argv[1]), sys.argv[2:]
try:
    import ctypes
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL)
except (ImportError, OSError, AttributeError):
    pass
if os.getppid() != parent:
    sys.exit(1)
os.execv(command[0], command)
"""


class LeashedProcess:
    """A child process with its output in a file; killed by the kernel when this process dies.

    It is in a session of its own, so that Ctrl-C in the terminal reaches only the parent, which then ends
    its children in the right order. Start it from a thread that lives as long as the process: the kernel
    takes the end of the thread for the end of the parent. Where the kernel cannot do this (not Linux),
    ``stop`` must run.

    Parameters
    ----------
    command
        Absolute path of the program, and its arguments.
    log
        The file that takes both output streams.
    environment
        The child's whole environment.
    folder
        Where it runs.
    """

    def __init__(self, command: Sequence[str], log: Path, environment: Mapping[str, str], folder: Path) -> None:
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - a list, no shell, our own programs
                [sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid()), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=folder,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._process.poll()

    def stop(self, grace: float) -> int:
        """End it with SIGTERM, after ``grace`` seconds with SIGKILL, and return its exit code."""
        if self.exit_code is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(grace)
            except subprocess.TimeoutExpired:
                self._process.kill()
        return self._process.wait()


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log file."""
    text = log.read_bytes()[-64_000:].decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])
