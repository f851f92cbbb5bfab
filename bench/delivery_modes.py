"""``python -m sluicegate.bench.delivery_modes``: what transactions cost in rate, processor time and latency.

On a Kafka of its own, with a real worker. What counts is when a consumer that reads committed records has a decision,
in both modes; so one reads along, and notes when each came. The modes are measured in turns.
"""

import asyncio
import json
import logging
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import numpy as np
import psutil
import typer
from aiokafka import AIOKafkaConsumer, TopicPartition

from sluicegate.bench.cluster import OVERRIDES, Cluster, Outputs
from sluicegate.bench.duplicates import spread
from sluicegate.bench.ending import run as run_bench
from sluicegate.bench.events import Event, make_events
from sluicegate.bench.figures import latency_of
from sluicegate.bench.load import Load, Sent, due_times
from sluicegate.bench.processes import ContestantError, Process
from sluicegate.bench.steady import generate, load_records
from sluicegate.deploy.kafka.node import KafkaNode
from sluicegate.policy import default_policy_path, load_policy

__all__ = ["Arrivals", "delays"]

_PARTITIONS: Final = 4
_SECONDS: Final = 180.0
#: Seconds of a steady load, and share of a backlog, that are not counted: the first requests and batches.
_WARMING: Final = 3.0
_WARMING_SHARE: Final = 0.2


class Arrivals:
    """When the decisions of a topic could be read by a consumer that reads committed records.

    Parameters
    ----------
    bootstrap, topic, partitions
        Which.
    """

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        #: Seconds of the wall clock, in the order of each partition.
        self.times: list[list[float]] = [[] for _ in range(partitions)]
        self._tps = [TopicPartition(topic, number) for number in range(partitions)]
        self._consumer: Any = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, auto_offset_reset="earliest", isolation_level="read_committed"
        )

    async def __aenter__(self) -> "Arrivals":
        await self._consumer.start()
        self._consumer.assign(self._tps)
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self._consumer.stop()

    @property
    def count(self) -> int:
        """How many have come."""
        return sum(map(len, self.times))

    async def until(self, wanted: Callable[[], int | None], runs: Callable[[], bool]) -> None:
        """Read until so many have come; None if it is not known yet how many.

        Raises
        ------
        ContestantError
            At the deadline, or where the worker has ended.
        """
        end = time.monotonic() + _SECONDS
        while (most := wanted()) is None or self.count < most:
            if time.monotonic() > end or not runs():
                raise ContestantError(f"{self.count} decisions of {most} could be read")
            for tp, records in (await self._consumer.getmany(timeout_ms=100)).items():
                self.times[tp.partition] += [time.time()] * len(records)

    def check(self, events: int) -> None:
        """Hold that each event was decided once.

        Raises
        ------
        ContestantError
            Where it was not.
        """
        if self.count != events:
            raise ContestantError(f"{self.count} decisions could be read of {events} events")


def delays(arrivals: Sequence[Sequence[float]], due: Sequence[Any], since: float) -> list[float]:
    """Give by how much each decision came after its event was due, in seconds, for events due since a moment.

    Parameters
    ----------
    arrivals, due
        Seconds of the wall clock by partition, in its order.
    since
        Seconds of the wall clock.
    """
    found: list[float] = []
    for came, moments in zip(arrivals, due, strict=True):
        found += (np.array(came) - moments)[moments >= since].tolist()
    return found


class _Used(NamedTuple):
    """Processor seconds of worker and broker so far, and the time."""

    worker: float
    broker: float
    at: float


class Bench:
    """What the measurements share."""

    def __init__(self, cluster: Cluster, node: KafkaNode, events: Sequence[Event]) -> None:
        self._cluster, self._broker = cluster, psutil.Process(node.pid)
        self._records = load_records(events, cluster.partitions)

    def steady(self, settings: Mapping[str, str], rate: float, seconds: float) -> dict[str, float]:
        """Give delays in milliseconds and processor time under a steady load."""

        async def run(process: Process, outputs: Outputs, arrivals: Arrivals) -> dict[str, float]:
            sent: list[Sent] = []
            reading = asyncio.create_task(arrivals.until(lambda: sent[0].count if sent else None, lambda: process.runs))
            before = self._used(process)
            load = Load(self._cluster.bootstrap, outputs.events, rate, seconds, self._records)
            with tempfile.TemporaryDirectory() as folder:
                sent.append(await asyncio.to_thread(generate, load, Path(folder)))
            await reading
            arrivals.check(sent[0].count)
            after = self._used(process)
            due = due_times(sent[0], rate, [each[0] for each in self._records], self._cluster.partitions)
            late = latency_of(delays(arrivals.times, due, sent[0].began + _WARMING))
            return {
                "p50_ms": late.p50,
                "p99_ms": late.p99,
                "worker_us": (after.worker - before.worker) / sent[0].count * 1e6,
                "broker_us": (after.broker - before.broker) / sent[0].count * 1e6,
            }

        return self._measured(settings, None, run)

    def backlog(self, settings: Mapping[str, str], topic: str, count: int) -> dict[str, float]:
        """Give events a second and processor time over a backlog."""

        async def run(process: Process, _: Outputs, arrivals: Arrivals) -> dict[str, float]:
            await arrivals.until(lambda: int(count * _WARMING_SHARE), lambda: process.runs)
            before, first = self._used(process), arrivals.count
            await arrivals.until(lambda: count, lambda: process.runs)
            arrivals.check(count)
            after = self._used(process)
            done = arrivals.count - first
            return {
                "events_per_second": done / (after.at - before.at),
                "worker_us": (after.worker - before.worker) / done * 1e6,
                "broker_us": (after.broker - before.broker) / done * 1e6,
            }

        return self._measured(settings, topic, run)

    def _measured(
        self,
        settings: Mapping[str, str],
        topic: str | None,
        run: Callable[[Process, Outputs, Arrivals], Awaitable[dict[str, float]]],
    ) -> dict[str, float]:
        outputs = self._cluster.open_run("mode", topic)
        # The defaults, whatever other benchmarks set.
        environment = {**outputs.environment, **settings}
        environment.pop("SLUICEGATE_COMMIT_INTERVAL")

        async def measure(process: Process) -> dict[str, float]:
            async with Arrivals(self._cluster.bootstrap, outputs.decisions, self._cluster.partitions) as arrivals:
                return await run(process, outputs, arrivals)

        try:
            with (
                tempfile.TemporaryDirectory() as folder,
                Process(["sluicegate", "worker"], environment, Path(folder)) as process,
            ):
                if topic is None:
                    process.wait_until_ready()
                return asyncio.run(measure(process))
        finally:
            self._cluster.close_run(outputs)

    def _used(self, process: Process) -> _Used:
        times = self._broker.cpu_times()
        return _Used(process.cpu_seconds(), times.user + times.system, time.monotonic())


def delivery_modes(
    intervals: Annotated[str, typer.Option(help="Transaction intervals in seconds.")] = "0.05,0.1,0.5",
    rates: Annotated[str, typer.Option(help="Events a second of steady loads.")] = "100,1000,3000",
    seconds: Annotated[float, typer.Option(min=5, help="Of a steady load.")] = 15,
    rounds: Annotated[int, typer.Option(min=1, help="Of all modes in turn.")] = 3,
    events: Annotated[int, typer.Option(min=10_000, help="Of the backlog.")] = 200_000,
) -> None:
    """Measure both modes of delivery, on a Kafka started for it."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    modes = {"at_least_once": {"SLUICEGATE_DELIVERY": "at_least_once"}}
    for each in intervals.split(","):
        name = f"exactly_once, {each} s"
        modes[name] = {"SLUICEGATE_DELIVERY": "exactly_once", "SLUICEGATE_TRANSACTION_INTERVAL": each}
    runs: dict[str, list[dict[str, float]]] = {}

    def add(name: str, run: dict[str, float]) -> None:
        runs.setdefault(name, []).append(run)
        print(name, json.dumps({figure: round(value, 2) for figure, value in run.items()}), file=sys.stderr, flush=True)

    with (
        tempfile.TemporaryDirectory(prefix="sluicegate-modes-") as folder,
        KafkaNode(Path(folder), overrides=OVERRIDES) as node,
    ):
        cluster = Cluster(node.bootstrap, load_policy(default_policy_path()), _PARTITIONS)
        try:
            published = make_events(20_000, 1)
            bench = Bench(cluster, node, published)
            topic = cluster.open_run("backlog").events
            for start in range(0, events, len(published)):
                cluster.publish(topic, published[: min(len(published), events - start)])
            for _ in range(rounds):
                for name, settings in modes.items():
                    add(f"{name}: backlog", bench.backlog(settings, topic, events))
                    for rate in map(float, rates.split(",")):
                        add(f"{name}: {rate:g}/s", bench.steady(settings, rate, seconds))
        finally:
            cluster.close()
    figures = {
        name: {figure: spread([run[figure] for run in found]) for figure in found[0]} for name, found in runs.items()
    }
    json.dump(figures, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    run_bench(delivery_modes)
