"""A stream on which faults are measured: a load in the background, workers, and what the topics show of both."""

import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import msgspec
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from sluicegate.agents.group_status import committed_offsets
from sluicegate.bench.cluster import Cluster, Outputs
from sluicegate.bench.events import Event
from sluicegate.bench.load import Load
from sluicegate.bench.processes import ContestantError, Place, Process
from sluicegate.bench.steady import load_records

__all__ = ["Counts", "FaultStream"]

_LATEST: Final = -1
_LOOK_EVERY: Final = 0.05
#: Seconds after which a broker has written what a killed process had sent.
_SETTLED: Final = 0.3
_SECONDS: Final = 120.0


class Counts(NamedTuple):
    """Records by partition: events, decisions, and events below the committed offset."""

    events: Mapping[int, int]
    decisions: Mapping[int, int]
    committed: Mapping[int, int]

    @property
    def lag(self) -> int:
        """Events that are not committed."""
        return sum(self.events.values()) - sum(self.committed.values())

    @property
    def beyond(self) -> int:
        """Decisions more than committed events: those of before that were repeated, and those to be repeated."""
        return sum(self.decisions.values()) - sum(self.committed.values())


class FaultStream:
    """Topics and a group of one measurement; all that was started ends with the block.

    Parameters
    ----------
    cluster
        Where it is.
    events
        Of the load, over and over.
    name
        Of the measurement.
    topic
        The events' where they are there already.
    """

    def __init__(self, cluster: Cluster, events: Sequence[Event], name: str, topic: str | None = None) -> None:
        self.outputs: Outputs = cluster.open_run(name, topic)
        self._cluster = cluster
        self._records = load_records(events, cluster.partitions)
        self._admin: Any = KafkaAdminClient(bootstrap_servers=cluster.bootstrap)
        self._folder = tempfile.TemporaryDirectory()
        self._workers: list[Process] = []
        self._load: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._load is not None and self._load.poll() is None:
            self._load.kill()
            self._load.wait()
        for worker in self._workers:
            if worker.runs:
                worker.kill()
        self._admin.close()
        self._cluster.close_run(self.outputs)
        self._folder.cleanup()

    def start_worker(self, settings: Mapping[str, str]) -> Process:
        """Start a worker with settings over those of the stream; the caller waits until it is ready."""
        worker = Process(["sluicegate", "worker"], {**self.outputs.environment, **settings}, Path(self._folder.name))
        self._workers.append(worker.__enter__())
        return worker

    def begin_load(self, rate: float, seconds: float) -> None:
        """Have events sent in the background."""
        load = Load(self._cluster.bootstrap, self.outputs.events, rate, seconds, self._records)
        file = Path(self._folder.name) / "load.msgpack"
        file.write_bytes(msgspec.msgpack.encode(load))
        place = Place()
        with (Path(self._folder.name) / "load.log").open("wb") as log:
            self._load = subprocess.Popen(
                place.command(["sluicegate.bench.load_generator", str(file)]),
                env=place.environment({}),
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def end_load(self) -> None:
        """Wait until all of it is sent.

        Raises
        ------
        ContestantError
            Where it failed.
        """
        if self._load is not None and self._load.wait(_SECONDS) != 0:
            raise ContestantError("the generator failed:\n" + (Path(self._folder.name) / "load.log").read_text())

    def stop_load(self) -> None:
        """End it at once."""
        if self._load is not None:
            self._load.kill()
            self._load.wait()

    def counts(self) -> Counts:
        """Look at the topics and at the group."""
        found = committed_offsets(self._admin, self.outputs.environment["SLUICEGATE_GROUP"])
        committed = {tp.partition: offset for tp, offset in found.items() if tp.topic == self.outputs.events}
        return Counts(self.ends(self.outputs.events), self.ends(self.outputs.decisions), committed)

    def ends(self, topic: str) -> dict[int, int]:
        """Give the end of each partition of a topic."""
        wanted = {TopicPartition(topic, number): _LATEST for number in range(self._cluster.partitions)}
        return {tp.partition: found.offset for tp, found in self._admin.list_partition_offsets(wanted).items()}

    def settled(self) -> Counts:
        """Look when nothing changes any more, no worker being there."""
        before, since = self.counts(), time.monotonic()
        while time.monotonic() - since < _SETTLED:
            time.sleep(_LOOK_EVERY)
            now = self.counts()
            if (now.decisions, now.committed) != (before.decisions, before.committed):
                before, since = now, time.monotonic()
        return before

    def wait(self, condition: Callable[[Counts], bool], what: str, seconds: float = _SECONDS) -> Counts:
        """Look until something holds.

        Raises
        ------
        ContestantError
            At the deadline, or where all workers have ended.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            counts = self.counts()
            if condition(counts):
                return counts
            if not any(worker.runs for worker in self._workers):
                break
            time.sleep(_LOOK_EVERY)
        raise self._workers[-1].error(f"not {what} within {seconds:g} s")

    def drained(self) -> Counts:
        """Wait until all events are decided and committed."""
        return self.wait(lambda counts: counts.lag == 0 and bool(counts.committed), "drained")
