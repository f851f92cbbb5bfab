"""A worker under a steady load that does not wait for it: how late its decisions are, and how much memory it takes."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import msgspec
from aiokafka import AIOKafkaProducer

from sluicegate.bench.cluster import Cluster
from sluicegate.bench.events import Event
from sluicegate.bench.figures import Growth, Latency, growth_of, latency_of
from sluicegate.bench.processes import Process

__all__ = ["Paced", "Schedule", "run_paced", "send"]

#: Seconds at the start that are not counted: the producer's first requests and the worker's first batches.
_WARMING: Final = 5.0
_STEP: Final = 0.002
_SAMPLE_EVERY: Final = 1.0
_DRAIN_SECONDS: Final = 60.0
_GROWTH_SECONDS: Final = 70.0


class Paced(msgspec.Struct, frozen=True):
    """What a steady load showed."""

    events_per_second: float
    seconds: float
    ready_seconds: float
    latency: Latency
    #: How late the producer itself was, which is part of the latency.
    producer: Latency
    memory: Growth | None


class Schedule:
    """When each event was due and when it was sent, by partition, in the order of the partition."""

    def __init__(self, partitions: int) -> None:
        self.due: list[list[float]] = [[] for _ in range(partitions)]
        self.late: list[float] = []


def run_paced(
    cluster: Cluster, events: Sequence[Event], rate: float, seconds: float, settings: dict[str, str]
) -> Paced:
    """Give a worker events at a rate, and measure.

    The delay of a decision is the broker's timestamp of it less the moment when its event was due to be sent, so
    that a producer or broker that falls behind does not hide what it delayed.

    Parameters
    ----------
    cluster
        Where the worker runs.
    events
        Sent over and over.
    rate, seconds
        Events a second, and for how long.
    settings
        Of the worker, over those of the run.

    Raises
    ------
    ContestantError
        If the worker ends, or decides another number of events.
    """
    outputs = cluster.open_run("paced")
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            Process(["sluicegate", "worker"], {**outputs.environment, **settings}, Path(folder)) as process,
        ):
            ready = process.wait_until_ready()
            schedule = Schedule(cluster.partitions)
            samples: list[tuple[float, float]] = []
            asyncio.run(_load(cluster, process, outputs.events, events, rate, seconds, schedule, samples))
            wanted = sum(map(len, schedule.due))
            try:
                asyncio.run(cluster.watch(outputs.decisions, wanted, _DRAIN_SECONDS))
            except TimeoutError as late:
                raise process.error(str(late)) from late
        delays = _delays(schedule, asyncio.run(cluster.timestamps(outputs.decisions)), process)
    finally:
        cluster.close_run(outputs)
    memory = growth_of(samples) if seconds >= _GROWTH_SECONDS else None
    return Paced(rate, seconds, ready, latency_of(delays), latency_of(schedule.late), memory)


async def _load(
    cluster: Cluster,
    process: Process,
    topic: str,
    events: Sequence[Event],
    rate: float,
    seconds: float,
    schedule: Schedule,
    samples: list[tuple[float, float]],
) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, enable_idempotence=True)
    await producer.start()
    watching = asyncio.create_task(_watch_memory(process, samples))
    try:
        await send(producer, topic, events, rate, seconds, schedule)
        await producer.flush()
    finally:
        watching.cancel()
        await producer.stop()


async def send(
    producer: Any, topic: str, events: Sequence[Event], rate: float, seconds: float, schedule: Schedule
) -> None:
    """Send events at a rate, over and over, and note when each was due."""
    partitions = len(schedule.due)
    # Due times on the wall clock, as the broker's timestamps are; the steps between them on the monotonic one.
    wall, began = time.time(), time.monotonic()
    for count in range(int(rate * seconds)):
        due = count / rate
        while due > time.monotonic() - began:  # noqa: ASYNC110 - it is the clock that is waited for
            await asyncio.sleep(_STEP)
        event = events[count % len(events)]
        # An actor's events share a partition; which one is known here, so that decisions are matched by order.
        partition = crc32(event.key) % partitions
        await producer.send(topic, event.value, key=event.key, headers=event.headers, partition=partition)
        schedule.due[partition].append(wall + due)
        if due >= _WARMING:
            schedule.late.append(time.monotonic() - began - due)


async def _watch_memory(process: Process, samples: list[tuple[float, float]]) -> None:
    began = time.monotonic()
    while True:
        samples.append((time.monotonic() - began, process.memory_mb()))
        await asyncio.sleep(_SAMPLE_EVERY)


def _delays(schedule: Schedule, stamps: dict[int, list[int]], process: Process) -> list[float]:
    start = min(times[0] for times in schedule.due if times) + _WARMING
    delays: list[float] = []
    for partition, due in enumerate(schedule.due):
        decided = stamps[partition]
        if len(decided) != len(due):
            raise process.error(f"wrote {len(decided)} decisions of {len(due)} events in partition {partition}")
        delays += [stamp / 1000 - moment for moment, stamp in zip(due, decided, strict=True) if moment >= start]
    return delays
