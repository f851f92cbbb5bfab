"""``python -m sluicegate.bench.duplicates``: what faults repeat, and what a short commit interval costs.

On a Kafka of its own, with real worker processes. What the successor of a killed worker repeats is what was written and
not committed. The broker is asked for both while the worker is frozen, at many moments, and after kills, whose sum must
be what the topic holds more in the end. Everything is counted by offsets: it is raw records that are counted.
"""

import json
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import Annotated, Any, Final

import psutil
import typer
from prometheus_client.parser import text_string_to_metric_families

from sluicegate.bench.cluster import OVERRIDES, Cluster
from sluicegate.bench.ending import run as run_bench
from sluicegate.bench.events import Event, make_events
from sluicegate.bench.faults import FaultStream
from sluicegate.bench.processes import ContestantError, Process
from sluicegate.deploy.kafka.node import KafkaNode
from sluicegate.policy import default_policy_path, load_policy

__all__ = ["spread"]

_PARTITIONS: Final = 4
#: Of a worker that another takes the place of at once, as one that is started again by its supervisor.
_NAMED: Final = {"SLUICEGATE_INSTANCE": "bench", "SLUICEGATE_SESSION_TIMEOUT": "30"}
#: Kills of each case, whose repetitions are compared with those that the topic holds at the end.
_KILLS: Final = 2


class Bench:
    """What all measurements share."""

    def __init__(self, cluster: Cluster, node: KafkaNode, events: Sequence[Event], seed: int) -> None:
        self.cluster = cluster
        self.node = node
        self.events = events
        self.random = Random(seed)
        self.runs = 0

    def stream(self, topic: str | None = None) -> FaultStream:
        """Open a stream."""
        self.runs += 1
        return FaultStream(self.cluster, self.events, f"duplicates-{self.runs}", topic)

    def sleep(self, interval: float) -> None:
        """Let a while pass that ends at any moment between two commits."""
        time.sleep(0.2 + self.random.uniform(0, max(interval, 0.5)))


def kills(bench: Bench, rate: float, interval: float, batch: int, count: int) -> dict[str, list[int]]:
    """Give how many decisions kills at so many moments of a steady load would repeat, and how many two kills did."""
    settings = {**_NAMED, "SLUICEGATE_COMMIT_INTERVAL": str(interval), "SLUICEGATE_BATCH_MAX": str(batch)}
    found: dict[str, list[int]] = {"frozen": [], "killed": []}
    with bench.stream() as stream:
        worker = stream.start_worker(settings)
        worker.wait_until_ready()
        stream.begin_load(rate, 3600)
        stream.wait(lambda counts: sum(counts.committed.values()) > rate, "deciding")
        for _ in range(count):
            bench.sleep(interval)
            with worker.frozen():
                found["frozen"].append(stream.settled().beyond)
        for _ in range(_KILLS):
            bench.sleep(interval)
            worker.kill()
            found["killed"].append(stream.settled().beyond - sum(found["killed"]))
            worker = stream.start_worker(settings)
            begun = sum(stream.ends(stream.outputs.events).values())
            stream.wait(lambda counts, begun=begun: sum(counts.committed.values()) > begun, "caught up")  # type: ignore[misc]
        stream.stop_load()
        _compare(stream, found["killed"])
    return found


def kills_over_backlog(bench: Bench, topic: str, interval: float, batch: int, count: int) -> dict[str, list[int]]:
    """Give the same over a backlog, which a worker reads as fast as it can."""
    settings = {**_NAMED, "SLUICEGATE_COMMIT_INTERVAL": str(interval), "SLUICEGATE_BATCH_MAX": str(batch)}
    found: dict[str, list[int]] = {"frozen": [], "killed": []}
    with bench.stream(topic) as stream:
        worker = stream.start_worker(settings)
        stream.wait(lambda counts: sum(counts.decisions.values()) > 0, "deciding")
        for _ in range(count):
            bench.sleep(interval)
            with worker.frozen():
                found["frozen"].append(stream.settled().beyond)
        bench.sleep(interval)
        worker.kill()
        counts = stream.settled()
        if not counts.lag:
            raise ContestantError("the backlog was done before the last kill; make it larger")
        found["killed"].append(counts.beyond)
        stream.start_worker(settings)
        _compare(stream, found["killed"])
    return found


def _compare(stream: FaultStream, found: list[int]) -> None:
    counts = stream.drained()
    repeated = sum(counts.decisions.values()) - sum(counts.events.values())
    if repeated != sum(found):
        raise ContestantError(f"{repeated} decisions were repeated, of {sum(found)} that were not committed")


def rebalances(bench: Bench, rate: float, count: int) -> dict[str, list[int]]:
    """Give how many decisions a join, a leave and a clean stop repeat, each under a load of its own."""
    found: dict[str, list[int]] = {"a worker joins": [], "a worker leaves": [], "the only worker stops": []}
    with bench.stream() as stream:
        first = stream.start_worker({})
        first.wait_until_ready()
        repeated = 0
        for _ in range(count):
            for what, counted in found.items():
                stream.begin_load(rate, 6)
                stream.wait(lambda counts: counts.lag > 0, "loaded")
                time.sleep(bench.random.uniform(0.5, 1.5))
                if what == "a worker joins":
                    second = stream.start_worker({})
                    second.wait_until_ready()
                elif what == "a worker leaves":
                    second.stop()
                else:
                    first.stop()
                    first = stream.start_worker({})
                    first.wait_until_ready()
                stream.end_load()
                counts = stream.drained()
                counted.append(sum(counts.decisions.values()) - sum(counts.events.values()) - repeated)
                repeated += counted[-1]
    return found


def cost(bench: Bench, rate: float, interval: float, seconds: float) -> dict[str, float]:
    """Give what a commit interval costs under a steady load: processor time, and commits."""
    with bench.stream() as stream:
        worker = stream.start_worker({"SLUICEGATE_COMMIT_INTERVAL": str(interval)})
        worker.wait_until_ready()
        stream.begin_load(rate, seconds + 4)
        stream.wait(lambda counts: sum(counts.decisions.values()) > rate * 2, "warm")
        before, began = _used(bench, stream, worker), time.monotonic()
        time.sleep(seconds)
        after, took = _used(bench, stream, worker), time.monotonic() - began
        stream.end_load()
        events = after["decided"] - before["decided"]
        return {
            "worker_us": (after["cpu"] - before["cpu"]) / events * 1e6,
            "worker_cores": (after["cpu"] - before["cpu"]) / took,
            "broker_cores": (after["broker"] - before["broker"]) / took,
            "commits": (after["commits"] - before["commits"]) / took,
        }


def rate_over_backlog(bench: Bench, topic: str, interval: float) -> dict[str, float]:
    """Give the rate over a backlog, and its cost."""
    with bench.stream(topic) as stream:
        worker = stream.start_worker({"SLUICEGATE_COMMIT_INTERVAL": str(interval)})
        stream.wait(lambda counts: sum(counts.decisions.values()) > 50_000, "warm")
        before, began = _used(bench, stream, worker), time.monotonic()
        wanted = sum(stream.ends(topic).values())
        stream.wait(lambda counts: sum(counts.decisions.values()) >= wanted, "done")
        after, took = _used(bench, stream, worker), time.monotonic() - began
        events = after["decided"] - before["decided"]
        return {
            "events_per_second": events / took,
            "worker_us": (after["cpu"] - before["cpu"]) / events * 1e6,
            "commits": (after["commits"] - before["commits"]) / took,
        }


def _used(bench: Bench, stream: FaultStream, worker: Process) -> dict[str, float]:
    families = text_string_to_metric_families(worker.metrics())
    commits = sum(s.value for family in families for s in family.samples if s.name == "sluicegate_commits_total")
    times = psutil.Process(bench.node.pid).cpu_times()
    return {
        "cpu": worker.cpu_seconds(),
        "broker": times.user + times.system,
        "decided": sum(stream.ends(stream.outputs.decisions).values()),
        "commits": commits,
    }


def spread(found: Sequence[float]) -> dict[str, float]:
    """Give median and most, and how many there were."""
    return {"median": round(median(found), 3), "most": round(max(found), 3), "count": len(found)}


def duplicates(
    what: Annotated[str, typer.Option(help="Of kills, backlog, rebalances, cost: separated by commas.")] = (
        "kills,backlog,rebalances,cost"
    ),
    intervals: Annotated[str, typer.Option(help="Commit intervals in seconds.")] = "0.1,0.25,1,5",
    batches: Annotated[str, typer.Option(help="Records of a batch at the most.")] = "200,2000",
    rates: Annotated[str, typer.Option(help="Events a second of steady loads.")] = "2500,5000",
    count: Annotated[int, typer.Option(min=1, help="Repetitions of each fault.")] = 20,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of all that costs are measured of.")] = 3,
    seed: Annotated[int, typer.Option(help="Of the moments of the kills.")] = 1,
    backlog: Annotated[int, typer.Option(help="Events of the backlog.")] = 1_000_000,
) -> None:
    """Measure what faults repeat, on a Kafka started for it."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    wanted = what.split(",")
    every = [float(each) for each in intervals.split(",")]
    sizes, loads = [int(each) for each in batches.split(",")], [float(each) for each in rates.split(",")]
    figures: dict[str, Any] = {}

    def note(name: str, value: Any) -> None:
        figures[name] = value
        print(name, json.dumps(value), file=sys.stderr, flush=True)

    with (
        tempfile.TemporaryDirectory(prefix="sluicegate-duplicates-") as folder,
        KafkaNode(Path(folder), overrides=OVERRIDES) as node,
    ):
        cluster = Cluster(node.bootstrap, load_policy(default_policy_path()), _PARTITIONS)
        bench = Bench(cluster, node, make_events(20_000, 1), seed)
        try:
            if "kills" in wanted:
                for rate in loads:
                    for batch in sizes:
                        for interval in every:
                            for how, found in kills(bench, rate, interval, batch, count).items():
                                note(f"{how}, {rate:g}/s, batch {batch}, interval {interval:g}", spread(found))
            if "rebalances" in wanted:
                for kind, counted in rebalances(bench, loads[-1], count).items():
                    note(kind, spread(counted))
            if {"backlog", "cost"} & set(wanted):
                with bench.stream() as source:
                    source.begin_load(1e9, backlog / 1e9)
                    source.end_load()
                    topic = source.outputs.events
                    if "backlog" in wanted:
                        for interval in (each for each in every if each <= 1):
                            for batch in sizes:
                                for how, found in kills_over_backlog(bench, topic, interval, batch, count).items():
                                    note(f"{how}, backlog, batch {batch}, interval {interval:g}", spread(found))
                    if "cost" in wanted:
                        _costs(bench, topic, loads, every, rounds, note)
        finally:
            cluster.close()
    json.dump(figures, sys.stdout, indent=1)
    print()


def _costs(bench: Bench, topic: str, loads: Sequence[float], every: Sequence[float], rounds: int, note: Any) -> None:
    runs: dict[str, list[dict[str, float]]] = {}

    def add(name: str, run: dict[str, float]) -> None:
        runs.setdefault(name, []).append(run)
        note(name, {figure: spread([each[figure] for each in runs[name]]) for figure in run})

    for _ in range(rounds):
        for interval in every:
            for rate in loads:
                add(f"cost, {rate:g}/s, interval {interval:g}", cost(bench, rate, interval, 10))
            add(f"cost, backlog, interval {interval:g}", rate_over_backlog(bench, topic, interval))


if __name__ == "__main__":
    run_bench(duplicates)
