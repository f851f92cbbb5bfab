"""How fast a contestant works a backlog off, seen from the broker: the decisions that were there to be read."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from sluicegate.bench.cluster import Cluster
from sluicegate.bench.processes import ContestantError, Process

__all__ = ["Rate", "loop_rate", "score_rate", "stream_rate"]

#: Share of the events that a contestant may do before it is timed: start, first fetch and first batches are over.
_WARMING: Final = 0.1
_SECONDS: Final = 300.0


class Rate(msgspec.Struct, frozen=True):
    """How fast one run was."""

    events_per_second: float
    cpu_microseconds: float | None = None
    loading_seconds: float | None = None
    command_seconds: float | None = None
    #: Microseconds an event of each stage, as the worker's own metrics have them.
    stages: dict[str, float] = {}


def stream_rate(
    cluster: Cluster, contestant: str, module: Sequence[str], events: str, wanted: int, settings: dict[str, str]
) -> Rate:
    """Let a stream work a backlog off.

    Parameters
    ----------
    cluster
        Where the backlog is.
    contestant
        Name of the contestant.
    module
        What Python runs.
    events
        Topic of the backlog.
    wanted
        Decisions after which it is enough.
    settings
        Of the contestant, over those of the run.

    Raises
    ------
    ContestantError
        If it ends early, is too slow, or does not decide every event.
    """
    outputs = cluster.open_run(contestant, events)
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            Process(module, {**outputs.environment, **settings}, Path(folder)) as process,
        ):
            asyncio.run(_first(cluster, process, outputs.decisions, int(wanted * _WARMING)))
            cpu = process.cpu_seconds()
            try:
                looks = asyncio.run(cluster.watch(outputs.decisions, wanted, _SECONDS))
            except TimeoutError as late:
                raise process.error(str(late)) from late
            cpu = process.cpu_seconds() - cpu
            stages = _stages(process.metrics()) if "faust" not in contestant else {}
        (began, first), (ended, last) = looks[0], looks[-1]
        refused = sum(cluster.ends(outputs.dead_letters).values())
        if refused:
            raise ContestantError(f"{contestant} wrote {refused} dead letters of events that can be read")
    finally:
        cluster.close_run(outputs)
    return Rate((last - first) / (ended - began), cpu / (last - first) * 1e6, stages=stages)


async def _first(cluster: Cluster, process: Process, topic: str, wanted: int) -> None:
    watching = asyncio.create_task(cluster.watch(topic, wanted, _SECONDS, every=0.02))
    while not watching.done():
        if not process.runs:
            watching.cancel()
            raise process.error("ended before it had decided anything")
        await asyncio.wait([watching], timeout=0.5)
    try:
        await watching
    except TimeoutError as late:
        raise process.error(str(late)) from late


def loop_rate(bundle: Path, texts: Sequence[str], batch: int) -> Rate:
    """Let a plain loop score all texts, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "texts.json"
        file.write_text(json.dumps(texts), encoding="utf-8")
        module = "sluicegate.bench.contestants.plain_loop"
        done = _run([module, str(bundle), str(file), str(batch)], Path(folder))
    found = json.loads(done)
    return Rate(
        len(texts) / found["seconds"], found["cpu_seconds"] / len(texts) * 1e6, loading_seconds=found["loading_seconds"]
    )


def score_rate(bundle: Path, events: Sequence[bytes]) -> Rate:
    """Let ``sluicegate score`` decide a file of events.

    The rate is that of the scoring: what the command takes for a single event is deducted.
    """
    with tempfile.TemporaryDirectory() as folder:
        whole, single = Path(folder) / "events.jsonl", Path(folder) / "event.jsonl"
        whole.write_bytes(b"\n".join(events) + b"\n")
        single.write_bytes(events[0] + b"\n")
        began = time.monotonic()
        _run(["sluicegate", "score", str(single), "--bundle", str(bundle)], Path(folder))
        between = time.monotonic()
        lines = _run(["sluicegate", "score", str(whole), "--bundle", str(bundle)], Path(folder)).count(b"\n")
        ended = time.monotonic()
    if lines != len(events):
        raise ContestantError(f"sluicegate score wrote {lines} lines for {len(events)} events")
    seconds = (ended - between) - (between - began)
    return Rate((len(events) - 1) / seconds, command_seconds=ended - between)


def _run(module: Sequence[str], folder: Path) -> bytes:
    command = [sys.executable, "-m", *module]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=_SECONDS, check=False)
    if done.returncode != 0:
        raise ContestantError(f"{module[0]} failed:\n{done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def _stages(text: str) -> dict[str, float]:
    sums: dict[str, float] = {}
    consumed = 0.0
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == "sluicegate_stage_duration_seconds_sum":
                sums[sample.labels["stage"]] = sample.value
            elif sample.name == "sluicegate_events_consumed_total":
                consumed = sample.value
    return {stage: seconds / consumed * 1e6 for stage, seconds in sums.items()} if consumed else {}
