"""A contestant under a steady load that does not wait for it: how late it is, what lags, how much memory it has."""

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
from aiokafka.partitioner import DefaultPartitioner
from numpy.typing import NDArray

from sluicegate.bench.cluster import Cluster, Outputs
from sluicegate.bench.contestants.entrants import Entrant, Workload, command_of
from sluicegate.bench.events import Event
from sluicegate.bench.figures import Growth, Latency, growth_of, latency_of
from sluicegate.bench.load import Load, Sent, due_times
from sluicegate.bench.processes import ContestantError, Place, Process

__all__ = ["Lag", "Steady", "lag_of", "placed", "run_steady"]

#: Seconds at the start that are not counted: the first requests and batches.
_WARMING: Final = 5.0
_SAMPLE_EVERY: Final = 1.0
_DRAIN_SECONDS: Final = 60.0
_GROWTH_SECONDS: Final = 70.0
#: Events that each contestant decides before the load, which tell that it is there.
_FIRST: Final = 200
#: Beyond this many decisions their timestamps are not read back.
_TIMESTAMPS_MOST: Final = 3_000_000


class Lag(msgspec.Struct, frozen=True):
    """Events not decided yet, sampled each second: medians of the first and the last quarter, and the most."""

    first: float
    last: float
    most: float


class Steady(msgspec.Struct, frozen=True):
    """What a steady load showed."""

    contestant: str
    #: Of the contestant's own sustained rate; None where the rate was given.
    share: float | None
    events_per_second: float
    seconds: float
    latency: Latency | None
    #: How late the generator itself was, which is part of the latency.
    generator: Latency
    lag: Lag
    memory: Growth | None
    memory_mb: float


class Course(NamedTuple):
    """What was sampled: seconds since the start with the contestant's memory in MB, and events not decided yet."""

    memory: list[tuple[float, float]]
    lag: list[int]


def lag_of(samples: Sequence[int]) -> Lag:
    """Summarise samples of the lag."""
    quarter = max(1, len(samples) // 4)
    return Lag(float(np.median(samples[:quarter])), float(np.median(samples[-quarter:])), float(max(samples)))


class Stage(NamedTuple):
    """What steady loads share: the broker, the events, and settings of the contestant.

    None of them is kept to cores of its own: broker and generator are not done when the contestant is.
    """

    cluster: Cluster
    events: Sequence[Event]
    settings: dict[str, str]


def run_steady(
    stage: Stage,
    entrant: Entrant,
    rate: float,
    seconds: float,
    share: float | None = None,
    workload: Workload = "default",
) -> Steady:
    """Give a contestant events at a rate, and measure.

    The delay of a decision is the broker's timestamp of it less the moment when its event was due to be sent, so
    that a generator or broker that falls behind does not hide what it delayed.

    Raises
    ------
    ContestantError
        If the contestant ends, or decides another number of events.
    """
    cluster = stage.cluster
    outputs = cluster.open_run(f"steady-{entrant.name}")
    records = placed(stage.events, cluster.partitions)
    try:
        with tempfile.TemporaryDirectory() as folder:
            place = Place(entrant.is_peer)
            environment = {**outputs.environment, **stage.settings}
            with Process(command_of(entrant, workload), environment, Path(folder), place) as process:
                first = Load(cluster.bootstrap, outputs.events, 1_000, _FIRST / 1_000, records)
                _generate(first, Path(folder))
                asyncio.run(_decided(cluster, process, outputs, _FIRST))
                load = msgspec.structs.replace(first, rate=rate, seconds=seconds)
                course = Course([], [])
                sent = asyncio.run(_watched(load, Path(folder), stage, process, outputs, course))
                asyncio.run(_decided(cluster, process, outputs, _FIRST + sent.count))
                memory = process.memory_mb()
        latency = None
        if sent.count <= _TIMESTAMPS_MOST:
            due = due_times(sent, rate, [each[0] for each in records], cluster.partitions)
            latency = latency_of(_delays(sent, due, cluster, outputs, records))
    finally:
        cluster.close_run(outputs)
    growth = growth_of(course.memory) if seconds >= _GROWTH_SECONDS else None
    late = latency_of(sent.late[len(sent.late) // 10 :])
    return Steady(entrant.name, share, rate, seconds, latency, late, lag_of(course.lag), growth, memory)


def placed(events: Sequence[Event], partitions: int) -> list[tuple[int, bytes, bytes, list[tuple[str, bytes]]]]:
    """Give events as records of a load, each with its partition."""
    # An actor's events share a partition, that which a producer would choose; known here, so that decisions are
    # matched with events by their order.
    choose, every = DefaultPartitioner(), list(range(partitions))
    return [(choose(each.key, every, every), each.key, each.value, each.headers) for each in events]


def _generate(load: Load, folder: Path) -> Sent:
    file = folder / "load.msgpack"
    file.write_bytes(msgspec.msgpack.encode(load))
    place = Place()
    command = place.command(["sluicegate.bench.load_generator", str(file)])
    done = subprocess.run(command, cwd=folder, env=place.environment({}), capture_output=True, check=False)
    if done.returncode != 0:
        raise ContestantError(f"the generator failed:\n{done.stderr.decode(errors='replace')[-2000:]}")
    return msgspec.json.decode(done.stdout, type=Sent)


async def _decided(cluster: Cluster, process: Process, outputs: Outputs, wanted: int) -> None:
    try:
        await cluster.watch(outputs.decisions, wanted, _DRAIN_SECONDS)
    except TimeoutError as late:
        raise process.error(str(late)) from late


async def _watched(load: Load, folder: Path, stage: Stage, process: Process, outputs: Outputs, course: Course) -> Sent:
    watching = asyncio.create_task(_sample(stage.cluster, process, outputs, course))
    try:
        return await asyncio.to_thread(_generate, load, folder)
    finally:
        watching.cancel()


async def _sample(cluster: Cluster, process: Process, outputs: Outputs, course: Course) -> None:
    began = time.monotonic()
    async with cluster.counting(outputs.decisions, outputs.events) as count:
        while True:
            # Decisions first: an event that comes between the two looks counts as undecided.
            decided = await count(outputs.decisions)
            course.lag.append(await count(outputs.events) - decided)
            course.memory.append((time.monotonic() - began, process.memory_mb()))
            await asyncio.sleep(_SAMPLE_EVERY)


def _delays(
    sent: Sent,
    due: list[NDArray[np.float64]],
    cluster: Cluster,
    outputs: Outputs,
    records: list[tuple[int, bytes, bytes, list[tuple[str, bytes]]]],
) -> list[float]:
    stamps = asyncio.run(cluster.timestamps(outputs.decisions))
    delays: list[float] = []
    for partition, moments in enumerate(due):
        skipped = sum(record[0] == partition for record in records[:_FIRST])
        decided = np.array(stamps[partition][skipped:]) / 1000
        if len(decided) != len(moments):
            raise ContestantError(f"{len(decided)} decisions of {len(moments)} events in partition {partition}")
        delays += (decided - moments)[moments >= sent.began + _WARMING].tolist()
    return delays
