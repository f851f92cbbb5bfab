"""``python -m sluicegate.bench.recovery``: how long partitions stand still after a fault, at the default timeouts.

On a Kafka of its own, with real worker processes. The broker's timestamps of the decisions say when a partition moved:
it stood still for the longest time between two of them around the fault, under a load that is always there.
"""

import asyncio
import json
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer

from sluicegate.bench.cluster import OVERRIDES, Cluster
from sluicegate.bench.duplicates import spread
from sluicegate.bench.ending import run as run_bench
from sluicegate.bench.events import Event, make_events
from sluicegate.bench.faults import FaultStream
from sluicegate.bench.processes import ContestantError
from sluicegate.deploy.kafka.node import KafkaNode
from sluicegate.policy import default_policy_path, load_policy

__all__ = ["first_after", "longest_gap"]

_PARTITIONS: Final = 4
_RATE: Final = 200.0
#: Seconds of the load around a fault that are looked at.
_BEFORE: Final = 1.0
#: Events published when a broker is back: enough for every partition.
_PROBES: Final = 200


def longest_gap(stamps: Sequence[int], begin: float, end: float) -> float:
    """Give the longest time in seconds between two timestamps, in milliseconds, of a stretch of time in seconds."""
    within = np.sort(np.array(stamps)) / 1000
    within = within[(within >= begin) & (within <= end)]
    if len(within) < 2:
        raise ContestantError(f"{len(within)} decisions in a stretch of {end - begin:.0f} s")
    return float(np.max(np.diff(within)))


def first_after(stamps: Sequence[int], moment: float) -> float:
    """Give the seconds from a moment to the first timestamp, in milliseconds, after it."""
    later = [stamp for stamp in stamps if stamp > moment * 1000]
    if not later:
        raise ContestantError("no decision in a partition after a broker came back")
    return min(later) / 1000 - moment


class Recovery:
    """What all measurements share."""

    def __init__(self, node: KafkaNode, cluster: Cluster, events: Sequence[Event]) -> None:
        self._node = node
        self._cluster = cluster
        self._events = events

    def worker_kills(self, count: int) -> list[float]:
        """Give how long the partitions of a killed worker, or of the other, stood still, at the default timeouts."""
        moments: list[tuple[float, float]] = []
        with FaultStream(self._cluster, self._events, "worker-kills") as stream:
            workers = [stream.start_worker({}) for _ in range(2)]
            for worker in workers:
                worker.wait_until_ready()
            stream.begin_load(_RATE, 3600)
            stream.wait(lambda counts: sum(counts.decisions.values()) > _RATE, "loaded")
            for _ in range(count):
                time.sleep(3)
                killed = time.time()
                workers.pop(0).kill()
                at_kill = stream.ends(stream.outputs.events)
                stream.wait(
                    lambda counts, at_kill=at_kill: all(  # type: ignore[misc]
                        offset > at_kill[partition] for partition, offset in counts.committed.items()
                    ),
                    "moving again",
                )
                time.sleep(1)
                moments.append((killed - _BEFORE, time.time()))
                if len(moments) < count:
                    workers.append(stream.start_worker({}))
                    workers[-1].wait_until_ready()
            stream.stop_load()
            stamps = asyncio.run(self._cluster.timestamps(stream.outputs.decisions))
        return [max(longest_gap(each, *moment) for each in stamps.values()) for moment in moments]

    def named_restarts(self, count: int) -> dict[str, list[float]]:
        """Give how long partitions stood still where a worker with a name is restarted: its own, and the other's."""
        moments: list[tuple[float, float]] = []
        found: dict[str, list[float]] = {"own": [], "others": []}
        with FaultStream(self._cluster, self._events, "named-restarts") as stream:
            settings = [{"SLUICEGATE_INSTANCE": name, "SLUICEGATE_SESSION_TIMEOUT": "300"} for name in ("one", "two")]
            workers = [stream.start_worker(each) for each in settings]
            for worker in workers:
                worker.wait_until_ready()
            stream.begin_load(_RATE, 3600)
            stream.wait(lambda counts: sum(counts.decisions.values()) > _RATE, "loaded")
            for _ in range(count):
                time.sleep(2)
                began = time.time()
                workers[0].stop()
                workers[0] = stream.start_worker(settings[0])
                workers[0].wait_until_ready()
                time.sleep(2)
                moments.append((began - _BEFORE, time.time()))
            stream.stop_load()
            stamps = asyncio.run(self._cluster.timestamps(stream.outputs.decisions))
        for moment in moments:
            gaps = sorted(longest_gap(each, *moment) for each in stamps.values())
            found["own"].append(gaps[-1])
            found["others"].append(gaps[_PARTITIONS // 2 - 1])
        return found

    def broker_kills(self, count: int, away: float) -> list[float]:
        """Give the seconds from a killed broker's answering again to a decision in every partition."""
        moments: list[float] = []
        with FaultStream(self._cluster, self._events, f"broker-kills-{away:g}") as stream:
            worker = stream.start_worker({})
            worker.wait_until_ready()
            stream.begin_load(_RATE, 3600)
            stream.wait(lambda counts: sum(counts.decisions.values()) > _RATE, "loaded")
            for _ in range(count):
                time.sleep(3)
                self._node.kill()
                time.sleep(away)
                self._node.start()
                moments.append(time.time())
                # Beside the load, whose own producer has to come back as well.
                self._cluster.publish(stream.outputs.events, self._events[:_PROBES])
                time.sleep(8)
                if not worker.runs:
                    raise worker.error("ended")
            stream.stop_load()
            stamps = asyncio.run(self._cluster.timestamps(stream.outputs.decisions))
        return [max(first_after(each, moment) for each in stamps.values()) for moment in moments]


def recovery(
    what: Annotated[str, typer.Option(help="Of worker, broker, restart: separated by commas.")] = (
        "worker,broker,restart"
    ),
    count: Annotated[int, typer.Option(min=1, help="Repetitions of each fault.")] = 5,
    away: Annotated[str, typer.Option(help="Seconds that a broker is gone.")] = "0,10",
) -> None:
    """Measure how long partitions stand still, on a Kafka started for it."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    figures: dict[str, Any] = {}

    def note(name: str, found: Sequence[float]) -> None:
        figures[name] = spread(found)
        print(name, [round(each, 2) for each in found], file=sys.stderr, flush=True)

    with (
        tempfile.TemporaryDirectory(prefix="sluicegate-recovery-") as folder,
        KafkaNode(Path(folder), overrides=OVERRIDES) as node,
    ):
        cluster = Cluster(node.bootstrap, load_policy(default_policy_path()), _PARTITIONS)
        measured = Recovery(node, cluster, make_events(5_000, 1))
        try:
            if "broker" in what:
                for seconds in map(float, away.split(",")):
                    found = measured.broker_kills(count, seconds)
                    note(f"decisions after a broker that was away for {seconds:g} s answers again", found)
            if "restart" in what:
                for whose, found in measured.named_restarts(count).items():
                    note(f"standstill where a worker with a name restarts, {whose} partitions", found)
            if "worker" in what:
                note("standstill after a worker's SIGKILL", measured.worker_kills(count))
        finally:
            cluster.close()
    json.dump(figures, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    run_bench(recovery)
