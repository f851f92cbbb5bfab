"""What two worker processes make of a backlog beside one: ``python -m sluicegate.bench.processes_scaling``.

The backlog is there before a worker starts, so that no producer takes part. Broker and workers share the cores: what
the broker takes is told, and what the workers had left.
"""

import asyncio
import logging
import os
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from typing import Annotated, Final

import msgspec
import psutil
import typer
from prometheus_client.parser import text_string_to_metric_families

from sluicegate.bench.cluster import OVERRIDES, Cluster, Outputs
from sluicegate.bench.ending import run as run_bench
from sluicegate.bench.events import make_events
from sluicegate.bench.processes import Process
from sluicegate.deploy.kafka.node import KafkaNode
from sluicegate.policy import default_policy_path, load_policy

__all__ = ["ProcessesMeasured", "ProcessesRun", "Written", "summary"]

#: Seconds in which all processes must have their partitions, and in which the backlog must be done.
_SECONDS: Final = 300.0
#: Share of the backlog up to which is timed: at the end some process has none left.
_UNTIL: Final = 0.9
#: Share that may be done before all processes have their partitions.
_BEGUN: Final = 0.6
#: Cores that others may take without being told of.
_QUIET: Final = 0.1


class ProcessesRun(msgspec.Struct, frozen=True):
    """One run: events a second, and cores in use by the workers and by the broker."""

    processes: int
    events_per_second: float
    worker_cores: float
    broker_cores: float

    @property
    def worker_microseconds(self) -> float:
        """Processor time of the workers, an event."""
        return self.worker_cores / self.events_per_second * 1e6

    @property
    def broker_microseconds(self) -> float:
        """Processor time of the broker, an event."""
        return self.broker_cores / self.events_per_second * 1e6


class Written(msgspec.Struct, frozen=True):
    """Bytes an event in the broker's log, which are those on the wire, and tasks an event."""

    event_bytes: float
    decision_bytes: float
    task_bytes: float
    tasks: float


class ProcessesMeasured(msgspec.Struct, frozen=True):
    """All runs, and what they were made on."""

    measured_at: str
    cores: int
    events: int
    partitions: int
    #: Cores that other processes of the machine took meanwhile, on average.
    others: float
    written: Written
    runs: list[ProcessesRun]


def summary(measured: ProcessesMeasured) -> list[str]:
    """Give the lines that say what one process makes, what two make, and what kept two from twice as much."""
    by_count = {
        count: [run for run in measured.runs if run.processes == count]
        for count in sorted({run.processes for run in measured.runs})
    }
    lines = []
    for count, runs in by_count.items():
        lines.append(
            f"{count} process{'es' * (count > 1)}: {median(run.events_per_second for run in runs):,.0f} events/s, "
            f"{median(run.worker_microseconds for run in runs):.1f} us an event in the workers, "
            f"{median(run.broker_microseconds for run in runs):.1f} us in the broker, "
            f"cores: workers {median(run.worker_cores for run in runs):.2f}, "
            f"broker {median(run.broker_cores for run in runs):.2f}"
        )
    if {1, 2} <= by_count.keys():
        rates = {count: median(run.events_per_second for run in by_count[count]) for count in (1, 2)}
        costs = {count: median(run.worker_microseconds for run in by_count[count]) for count in (1, 2)}
        ratio = rates[2] / rates[1]
        left = measured.cores - median(run.broker_cores for run in by_count[2])
        lines.append(
            f"two to one: {ratio:.2f} times; the broker left the two {left:.2f} cores, with two of their own: "
            f"{ratio * 2 / min(left, 2.0):.2f} times; by processor time an event alone: {2 * costs[1] / costs[2]:.2f}"
        )
    return lines


def _assigned(port: int) -> float:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
            text = answer.read().decode()
    except OSError:
        return 0.0
    families = text_string_to_metric_families(text)
    samples = [sample for family in families for sample in family.samples]
    return sum(sample.value for sample in samples if sample.name == "sluicegate_assigned_partitions")


def _written(cluster: Cluster, data: Path, backlog: str, events: int, outputs: Outputs) -> Written:
    """Weigh the logs of a run's topics."""
    topics = {folder.name.rpartition("-")[0] for folder in data.iterdir() if folder.is_dir()}
    review = [topic for topic in topics if topic.startswith(outputs.environment["SLUICEGATE_REVIEW_PREFIX"])]

    def size(topic: str) -> int:
        return sum(file.stat().st_size for file in data.glob(f"{topic}-*/*.log"))

    decided = sum(cluster.ends(outputs.decisions).values())
    return Written(
        event_bytes=round(size(backlog) / events, 1),
        decision_bytes=round(size(outputs.decisions) / decided, 1),
        task_bytes=round(sum(map(size, review)) / decided, 1),
        tasks=round(sum(sum(cluster.ends(topic).values()) for topic in review) / decided, 4),
    )


def _run(
    cluster: Cluster, broker: psutil.Process, data: Path, backlog: str, events: int, processes: int
) -> tuple[ProcessesRun, Written]:
    outputs = cluster.open_run(f"p{processes}", backlog)
    command = ("sluicegate", "worker", "--processes", str(processes))
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            Process(command, outputs.environment, Path(folder)) as process,
        ):
            deadline = time.monotonic() + _SECONDS
            wanted = cluster.partitions / processes
            while any(_assigned(process.port + number) != wanted for number in range(processes)):
                if time.monotonic() > deadline or not process.runs:
                    raise process.error("did not share the partitions out")
                time.sleep(0.05)
            (looked,) = asyncio.run(cluster.watch(outputs.decisions, 0, _SECONDS))
            if looked[1] > events * _BEGUN:
                raise process.error(f"had decided {looked[1]} events before all had their partitions; take more events")
            used, taken = process.cpu_seconds(), _cpu(broker)
            looks = asyncio.run(cluster.watch(outputs.decisions, int(events * _UNTIL), _SECONDS))
            used, taken = process.cpu_seconds() - used, _cpu(broker) - taken
            written = _written(cluster, data, backlog, events, outputs)
    finally:
        cluster.close_run(outputs)
    (began, first), (ended, last) = looks[0], looks[-1]
    seconds = ended - began
    return ProcessesRun(processes, (last - first) / seconds, used / seconds, taken / seconds), written


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def bench(
    out: Annotated[Path | None, typer.Option(help="File for the results as JSON.")] = None,
    events: Annotated[int, typer.Option(min=1_000, help="Events of the backlog.")] = 120_000,
    partitions: Annotated[int, typer.Option(min=2, max=64, help="Of every topic.")] = 4,
    repeats: Annotated[int, typer.Option(min=1, help="Rounds.")] = 3,
    processes: Annotated[list[int] | None, typer.Option(help="Numbers of processes; 1 and 2 without.")] = None,
    seed: Annotated[int, typer.Option(help="Of the events and the order.")] = 1,
) -> None:
    """Measure one process and two on a backlog, on a Kafka started for it."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    random = Random(seed)
    counts = processes or [1, 2]
    with (
        tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as folder,
        KafkaNode(Path(folder), overrides=OVERRIDES) as node,
    ):
        broker = psutil.Process(node.pid)
        cluster = Cluster(node.bootstrap, load_policy(default_policy_path()), partitions)
        backlog = cluster.open_run("backlog").events
        cluster.publish(backlog, make_events(events, seed))
        runs: list[ProcessesRun] = []
        busy, began = psutil.cpu_times(), time.monotonic()
        own = 0.0
        for _ in range(repeats):
            for count in random.sample(counts, k=len(counts)):
                since = time.monotonic()
                run, written = _run(cluster, broker, Path(folder) / "data", backlog, events, count)
                runs.append(run)
                own += (runs[-1].worker_cores + runs[-1].broker_cores) * (time.monotonic() - since)
                print(f"{count}: {runs[-1].events_per_second:,.0f}/s", file=sys.stderr, flush=True)
        after = psutil.cpu_times()
        cluster.close()
    seconds = time.monotonic() - began
    total = (after.user + after.system - busy.user - busy.system) / seconds
    measured = ProcessesMeasured(
        measured_at=datetime.now(UTC).date().isoformat(),
        cores=len(os.sched_getaffinity(0)),
        events=events,
        partitions=partitions,
        others=round(max(0.0, total - own / seconds), 2),
        written=written,
        runs=runs,
    )
    if out is not None:
        out.write_bytes(msgspec.json.format(msgspec.json.encode(measured), indent=1) + b"\n")
    print("\n".join(summary(measured)))
    print(f"others took {measured.others:.2f} of {measured.cores} cores meanwhile")
    if measured.others > _QUIET:
        print("rates, and the ratio of them, say little on a machine that is not idle; processor times say more")


if __name__ == "__main__":
    run_bench(bench)
