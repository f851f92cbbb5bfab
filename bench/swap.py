"""``python -m sluicegate.bench.swap``: what a change of the model costs the stream, in one run on a Kafka of its own.

A steady load goes on while the pointer of a store is moved in every other window of time; the worst delays of windows
with and without a change are compared. Beside it: how long the interpreter is held while a bundle is taken up.
"""

import asyncio
import json
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Event as Flag
from threading import Thread
from typing import Annotated, Final

import msgspec
import typer
from aiokafka import AIOKafkaProducer

from sluicegate.agents.served_bundle import ServedBundle
from sluicegate.bench.cluster import OVERRIDES, Cluster, Outputs
from sluicegate.bench.ending import run as run_bench
from sluicegate.bench.events import Event, make_events, texts_of
from sluicegate.bench.paced import Schedule, send
from sluicegate.bench.processes import Process
from sluicegate.deploy.kafka.node import KafkaNode
from sluicegate.models import default_bundle_path, load_bundle
from sluicegate.models.rewriting import rewrite_manifest
from sluicegate.models.store import POINTER, Pointer, Promotion, Store
from sluicegate.models.store.pointer import encode
from sluicegate.policy import default_policy_path, load_policy

__all__ = ["Window", "alternated"]

_WARMING: Final = 8.0
_POLL: Final = 0.2
_TICK: Final = 0.001


@dataclass(frozen=True)
class Window:
    """Delays of the decisions of events that were due in a stretch of time, in seconds."""

    swapped: bool
    worst: float
    p99: float


class Pointers:
    """A store with a bundle and its twin, which differs in its version only, and the pointer moved between them.

    Moved as `model promote` does, but without proving the bundle first: that would take processor time from the worker.
    """

    def __init__(self, bundle: Path, folder: Path) -> None:
        loaded = load_bundle(bundle)
        twin = rewrite_manifest(loaded, msgspec.structs.replace(loaded.manifest, version="twin"), folder / "twin")
        self.path = folder / "store"
        self.path.mkdir()
        store = Store(self.path)
        self._promotions = [Promotion(store.add(each), each.digest, "") for each in (loaded, twin)]
        self.swaps = -1
        self.move()

    def move(self) -> None:
        """Make the other version the current one."""
        self.swaps += 1
        beside = self.path / ".moved"
        beside.write_bytes(encode(Pointer(self._promotions[self.swaps % 2])))
        beside.replace(self.path / POINTER)


def alternated(
    due: Sequence[Sequence[float]], stamps: Sequence[Sequence[float]], begin: float, window: float, count: int
) -> list[Window]:
    """Put delays into windows of time, every other one with a swap, the first without.

    Parameters
    ----------
    due, stamps
        By partition, when each event was due and when its decision was written, in seconds.
    begin, window
        Where the first window begins, and how long each is.
    count
        Windows.
    """
    delays: list[list[float]] = [[] for _ in range(count)]
    for moments, written in zip(due, stamps, strict=True):
        for moment, stamp in zip(moments, written, strict=True):
            number = int((moment - begin) // window)
            if 0 <= number < count:
                delays[number].append(stamp - moment)
    return [
        Window(number % 2 == 1, max(found), sorted(found)[int(0.99 * (len(found) - 1))])
        for number, found in enumerate(delays)
    ]


def run(
    cluster: Cluster, events: list[Event], rate: float, window: float, count: int, pointers: Pointers
) -> tuple[list[Window], float]:
    """Give the windows of a steady load, and the seconds from the worker's start to its being ready."""
    outputs = cluster.open_run("swap")
    settings = {"SLUICEGATE_BUNDLE": str(pointers.path), "SLUICEGATE_BUNDLE_POLL": str(_POLL)}
    with (
        tempfile.TemporaryDirectory() as folder,
        Process(["sluicegate", "worker"], {**outputs.environment, **settings}, Path(folder)) as process,
    ):
        ready = process.wait_until_ready()
        schedule = Schedule(cluster.partitions)
        seconds = _WARMING + window * count
        began = asyncio.run(_load(cluster, outputs, events, rate, seconds, schedule, window, count, pointers))
        asyncio.run(cluster.watch(outputs.decisions, sum(map(len, schedule.due)), 60.0))
        metrics = process.metrics()
    swapped = f'sluicegate_bundle_swaps_total{{role="main"}} {float(count // 2)}'
    if swapped not in metrics:
        raise process.error(f"did not swap {count // 2} times")
    stamps = asyncio.run(cluster.timestamps(outputs.decisions))
    written = [[stamp / 1000 for stamp in stamps[partition]] for partition in range(cluster.partitions)]
    return alternated(schedule.due, written, began + _WARMING, window, count), ready


async def _load(
    cluster: Cluster,
    outputs: Outputs,
    events: list[Event],
    rate: float,
    seconds: float,
    schedule: Schedule,
    window: float,
    count: int,
    pointers: Pointers,
) -> float:
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, enable_idempotence=True)
    await producer.start()
    began = time.time()
    moving = asyncio.create_task(_move(began + _WARMING, window, count, pointers))
    try:
        await send(producer, outputs.events, events, rate, seconds, schedule)
        await producer.flush()
        await moving
    finally:
        moving.cancel()
        await producer.stop()
    return began


async def _move(begin: float, window: float, count: int, pointers: Pointers) -> None:
    for number in range(1, count, 2):
        # Early in its window: all that follows from the change is to fall into it.
        await asyncio.sleep(begin + number * window + window / 8 - time.time())
        pointers.move()


def held(pointers: Pointers, texts: list[str], repeats: int) -> dict[str, dict[str, float]]:
    """Give the longest gap of an event loop and the slowest batch of a thread, with and without a swap beside."""
    bundle = ServedBundle("main", pointers.path, lambda _: None)
    bundle.load()
    scorer = bundle.scorer
    if scorer is None:
        raise RuntimeError("no bundle was loaded")
    gaps: dict[str, list[float]] = {"without": [], "with": []}
    batches: dict[str, list[float]] = {"without": [], "with": []}
    took: list[float] = []
    for number in range(2 * repeats):
        kind = ("without", "with")[number % 2]
        ended, durations = Flag(), list[float]()

        def score(ended: Flag = ended, durations: list[float] = durations) -> None:
            while not ended.is_set():
                began = time.perf_counter()
                scorer.score(texts[:100])
                durations.append(time.perf_counter() - began)

        scoring = Thread(target=score)
        scoring.start()
        pointers.move() if kind == "with" else None
        gap, seconds = asyncio.run(_gap(bundle, kind == "with"))
        ended.set()
        scoring.join()
        gaps[kind].append(gap)
        batches[kind].append(max(durations))
        if kind == "with":
            took.append(seconds)
    figures = {
        f"{name} {kind} a swap": _spread(found[kind])
        for name, found in (("longest gap of the loop", gaps), ("slowest batch of 100 texts", batches))
        for kind in ("without", "with")
    }
    return {**figures, "a bundle read and proved beside scoring": _spread(took)}


async def _gap(bundle: ServedBundle, swap: bool) -> tuple[float, float]:
    loop, longest = asyncio.get_running_loop(), 0.0
    began = last = time.perf_counter()
    looking = loop.run_in_executor(None, bundle.look) if swap else asyncio.create_task(asyncio.sleep(0.6))
    while not looking.done():
        await asyncio.sleep(_TICK)
        now = time.perf_counter()
        longest, last = max(longest, now - last - _TICK), now
    await looking
    return longest, time.perf_counter() - began


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    return {
        "median_ms": round(1000 * median(seconds), 1),
        "most_ms": round(1000 * max(seconds), 1),
        "count": len(seconds),
    }


def swap(
    bundle: Annotated[Path | None, typer.Option(help="The model; the shipped one without.")] = None,
    rate: Annotated[float, typer.Option(help="Events a second.")] = 400,
    window: Annotated[float, typer.Option(min=2, help="Seconds of a window.")] = 4,
    windows: Annotated[int, typer.Option(min=4, help="Windows, half of them with a change of the model.")] = 30,
) -> None:
    """Measure what a change of the model costs, in one run on a Kafka started for it."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    events = make_events(20_000, 1)
    with tempfile.TemporaryDirectory(prefix="sluicegate-swap-") as folder:
        pointers = Pointers((bundle or default_bundle_path()).resolve(), Path(folder))
        figures: dict[str, object] = dict(held(pointers, texts_of(events[:1000]), 10))
        with KafkaNode(Path(folder) / "kafka", overrides=OVERRIDES) as node:
            cluster = Cluster(node.bootstrap, load_policy(default_policy_path()), 4)
            try:
                pointers.swaps = -1
                pointers.move()
                found, ready = run(cluster, events, rate, window, windows - windows % 2, pointers)
            finally:
                cluster.close()
    for kind, swapped in (("without", False), ("with", True)):
        own = [each for each in found if each.swapped is swapped]
        figures[f"worst delay of a window {kind} a swap"] = _spread([each.worst for each in own])
        figures[f"99th percentile of a window {kind} a swap"] = _spread([each.p99 for each in own])
    pairs = [with_.worst - without.worst for without, with_ in zip(found[::2], found[1::2], strict=True)]
    figures["worst delay with a swap less that of the window before"] = _spread(pairs)
    figures["ready after, seconds"] = round(ready, 2)
    json.dump(figures, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    run_bench(swap)
