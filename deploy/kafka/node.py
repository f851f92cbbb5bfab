"""One Apache Kafka node as a child process that a test can stop, kill, freeze and restart."""

import base64
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from sluicegate.deploy.kafka.classes import shared_classes
from sluicegate.deploy.kafka.jars import installed_jars, missing_requirements
from sluicegate.deploy.kafka.ports import hold_ports, is_free
from sluicegate.deploy.kafka.settings import server_properties

__all__ = ["KafkaNode", "KafkaNodeError", "missing_requirements"]

_JAVA_OPTIONS = (
    "-Xmx512m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
)
# The shell becomes Java, so that a signal to the child reaches Java; its background part holds the other
# end of a pipe from us, and kills Java when we end without having said so, be it by SIGKILL.
_DIES_WITH_PARENT = 'exec 3<&0; (read -r _ <&3 || kill -KILL $$) & exec "$@" 3<&- </dev/null'


class KafkaNodeError(RuntimeError):
    """The node did not do what was asked in time; the text ends with the last lines of its log."""


class KafkaNode:
    """A broker and controller in one process, on 127.0.0.1, with its data in a folder of its own.

    The port is kept over restarts, as is the data. The process ends with
    the Python process that started it, however that ends.

    Parameters
    ----------
    folder
        Where settings, data and log go; made when it is not there.
    port
        For clients; without, one that is free, and that no other node is given while this one lives.
    overrides
        Kafka's own settings by name, over those of `server_properties`.
    deadline
        Seconds that a start or a stop may take.
    java_options
        Beside those that every node has; without, those for classes that nodes share.
    client
        How kafka-python's clients talk to the node, where it is not in plain text.
    format_options
        Options of Kafka's storage tool, as ``--add-scram`` with the first user.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        overrides: Mapping[str, str] | None = None,
        deadline: float = 60.0,
        java_options: Sequence[str] | None = None,
        client: Mapping[str, Any] | None = None,
        format_options: Sequence[str] = (),
    ) -> None:
        self.log = folder / "kafka.log"
        try:
            controller_port, *others = hold_ports(self, 2 if port is None else 1)
        except OSError as error:
            raise KafkaNodeError(f"there are no ports for a node: {error}") from error
        self.port = others[0] if port is None else port
        self._properties = folder / "server.properties"
        self._data = folder / "data"
        self._deadline = deadline
        self._java_options = java_options
        self._client = client or {}
        self._format_options = format_options
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._properties.write_text(
            server_properties(port=self.port, controller_port=controller_port, data=self._data, overrides=overrides),
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def bootstrap(self) -> str:
        """The address for clients, as in ``bootstrap_servers``."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id while the node runs (frozen or not), else None."""
        if self._process is not None and self._process.poll() is not None:
            self._release()
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the node and return once it answers as a broker that takes part in its cluster.

        Raises
        ------
        KafkaNodeError
            If the process ends, or does not answer within the deadline. It is not left running then.
        """
        if self.pid is not None:
            raise KafkaNodeError(f"the node at {self.bootstrap} runs already; stop it first")
        if not is_free(self.port):
            # Whatever answers there would be taken for the node.
            raise KafkaNodeError(f"port {self.port} of 127.0.0.1 is taken; end what listens there, or choose another")
        if not self._data.exists():
            self._format()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed command
                ["/bin/sh", "-c", _DIES_WITH_PARENT, "kafka", *self._java("kafka.Kafka", str(self._properties))],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal is for the tests, which then stop the node in their own order.
                start_new_session=True,
            )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.kill()
            raise

    def wait(self) -> None:
        """Wait until the node ends by itself."""
        if self._process is not None:
            self._process.wait()
            self._release()

    def stop(self) -> None:
        """End the node with SIGTERM, as an operator would; kill it when it does not end in time."""
        if self.pid is None:
            return
        self.thaw()
        self._signal(signal.SIGTERM)
        if not self._ended_within(self._deadline):
            self.kill()

    def kill(self) -> None:
        """End the node with SIGKILL: what it had not written is lost."""
        if self.pid is None:
            return
        self._signal(signal.SIGKILL)
        if not self._ended_within(self._deadline):
            raise self._error("did not end after SIGKILL")

    def freeze(self) -> None:
        """Stop the node in its tracks (SIGSTOP): connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen node go on (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def restart(self) -> None:
        """Stop the node if it runs, and start it on the same port with the same data."""
        self.stop()
        self.start()

    def _format(self) -> None:
        # Behind a letter: an id that began with a hyphen would be taken for an option.
        cluster = "k" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]
        wanted = ("format", "-t", cluster, "-c", str(self._properties), *self._format_options)
        command = self._java("kafka.tools.StorageTool", *wanted)
        try:
            with self.log.open("ab") as log:
                done = subprocess.run(  # noqa: S603 - a fixed command
                    command, stdout=log, stderr=log, timeout=self._deadline, check=False
                )
        except BaseException:
            # What is half made would be taken for whole by the next start.
            shutil.rmtree(self._data, ignore_errors=True)
            raise
        if done.returncode != 0:
            shutil.rmtree(self._data, ignore_errors=True)
            raise self._error("could not format its data folder")

    def _java(self, *arguments: str) -> list[str]:
        missing = missing_requirements()
        java = shutil.which("java")
        if missing is not None or java is None:
            raise KafkaNodeError(missing or "java is not on the PATH")
        jars = installed_jars()
        options = self._java_options
        if options is None:
            options = shared_classes(Path(java), jars.parent, _record_classes)
        return [java, *_JAVA_OPTIONS, *options, "-cp", f"{jars}/*", *arguments]

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + self._deadline
        while time.monotonic() < end:
            if self.pid is None:
                raise self._error("ended while starting")
            if _answers(self.bootstrap, self._client):
                return
            time.sleep(0.05)
        raise self._error(f"did not answer within {self._deadline:.0f} s")

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None or self.pid is None:
            raise self._error(f"does not run, so it cannot be sent {number.name}")
        self._process.send_signal(number)

    def _ended_within(self, seconds: float) -> bool:
        if self._process is not None:
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                return False
            self._release()
        return True

    def _release(self) -> None:
        """Let the watching part of the shell go, now that there is nothing to kill under that process id."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(b"\n")
            self._process.stdin.close()
        self._process = None

    def _error(self, what: str) -> KafkaNodeError:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.exists() else []
        return KafkaNodeError("\n".join([f"the Kafka node at {self.bootstrap} {what}", *lines[-15:]]))


def _record_classes(option: str) -> None:
    """Live the life of a node with an option of Java that has it write down the classes."""
    with (
        tempfile.TemporaryDirectory() as folder,
        suppress(KafkaNodeError),
        KafkaNode(Path(folder), java_options=[option]),
    ):
        pass


def _answers(bootstrap: str, client: Mapping[str, Any]) -> bool:
    host, _, port = bootstrap.partition(":")
    try:
        # A cheap look first: the admin client waits longer than the start takes.
        socket.create_connection((host, int(port)), timeout=1.0).close()
        admin = KafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2_000, **client)
    except (OSError, KafkaError):
        return False
    try:
        # A broker that came back and is still fenced answers, but with no broker in the list.
        return len(admin.describe_cluster()["brokers"]) > 0
    except KafkaError:
        return False
    finally:
        admin.close()
