"""One of several processes under a supervisor: its lines on stderr bear its number, and it ends with its supervisor.

Must import nothing that takes a moment.
"""

import contextlib
import io
import os
import signal
import sys
import threading
import time
from typing import Final, NamedTuple, Self, TextIO, cast

__all__ = ["NumberedLines", "Process", "begin"]

#: Seconds after which a process whose supervisor is gone ends whatever it is doing: a worker drains in less.
_MOST_SECONDS: Final = 10.0


class Process(NamedTuple):
    """Which process this is: its number, from 0, and how many there are."""

    number: int
    processes: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read it as the supervisor writes it.

        Raises
        ------
        ValueError
            Where it is none.
        """
        number, processes = (int(part) for part in text.split("/"))
        if not 0 <= number < processes:
            raise ValueError(f"there is no process {number} of {processes}")
        return cls(number, processes)

    def __str__(self) -> str:
        return f"{self.number}/{self.processes}"


class NumberedLines(io.TextIOBase):
    """Writes whole lines, each with the number of the process before it, so that those of several do not mix.

    Parameters
    ----------
    stream
        Where they go.
    number
        Of the process.
    """

    def __init__(self, stream: TextIO, number: int) -> None:
        self._stream = stream
        self._mark = f"[{number}] "
        self._begun = ""
        self._lock = threading.Lock()

    def write(self, text: str) -> int:
        """Take text; what ends no line waits for the rest of it."""
        with self._lock:
            *lines, self._begun = (self._begun + text).split("\n")
            if lines:
                self._stream.write("".join(f"{self._mark}{line}\n" for line in lines))
                self._stream.flush()
        return len(text)

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True


def begin(process: Process) -> None:
    """Mark what this process says, and have it drain when its supervisor is gone.

    The supervisor holds the other end of standard input, which the system closes however the supervisor ends.
    """
    sys.stderr = cast(TextIO, NumberedLines(sys.stderr, process.number))
    threading.Thread(target=_end_with_supervisor, name="supervisor", daemon=True).start()


def _end_with_supervisor() -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 1):
            pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_MOST_SECONDS)
    os._exit(1)
