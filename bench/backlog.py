"""How fast a contestant works a backlog off, seen from the broker: the decisions that were there to be read."""

import asyncio
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from sluicegate.bench.answers import Answers
from sluicegate.bench.cluster import Cluster
from sluicegate.bench.processes import ContestantError, Place, Process

__all__ = ["LADDER", "Rate", "backlog_size", "loop_rate", "run_module", "stream_rate", "timed_part"]

#: Share of the events that a contestant may do before it is timed: start, first fetch and first batches are over.
_WARMING: Final = 0.1
_SECONDS: Final = 180.0
_MODULE_SECONDS: Final = 900.0

#: Sizes of backlogs; each is the beginning of the next.
LADDER: Final = (2_000, 5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000)


class Rate(msgspec.Struct, frozen=True):
    """How fast one run was."""

    events_per_second: float
    events: int
    cpu_microseconds: float
    memory_mb: float | None = None
    loading_seconds: float | None = None
    #: Largest difference of a score from what another contestant gave.
    difference: float | None = None
    #: Microseconds an event of each stage, as the worker's own metrics have them.
    stages: dict[str, float] = {}


def backlog_size(rate: float, seconds: float, most: int) -> int:
    """Give the smallest backlog that keeps a contestant busy for about that long, or the largest there is."""
    return next((size for size in LADDER if size >= rate * seconds or size >= most), LADDER[-1])


def stream_rate(
    cluster: Cluster,
    contestant: str,
    command: Sequence[str],
    place: Place,
    backlog: tuple[str, int],
    settings: dict[str, str],
    answers: Answers,
) -> Rate:
    """Let a stream work a backlog off, and compare what it decided.

    Parameters
    ----------
    cluster
        Where the backlog is.
    contestant
        Name of the contestant.
    command, place
        What Python runs, and where.
    backlog
        Its topic, and how many events that has.
    settings
        Of the contestant, over those of the run.
    answers
        Of the other contestants.

    Raises
    ------
    ContestantError
        If it ends early, is too slow, or does not decide every event as the others did.
    """
    events, count = backlog
    outputs = cluster.open_run(contestant, events)
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            Process(command, {**outputs.environment, **settings}, Path(folder), place) as process,
        ):
            looks = asyncio.run(_first(cluster, process, outputs.decisions, int(count * _WARMING)))
            cpu = process.cpu_seconds()
            try:
                looks += asyncio.run(cluster.watch(outputs.decisions, count, _SECONDS))
            except TimeoutError as late:
                raise process.error(str(late)) from late
            cpu = process.cpu_seconds() - cpu
            memory = process.memory_mb()
            stages = {} if place.peers else _stages(process.metrics())
        began, ended = timed_part(looks, int(count * _WARMING))
        refused = sum(cluster.ends(outputs.dead_letters).values())
        if refused:
            raise ContestantError(f"{contestant} wrote {refused} dead letters of events that can be read")
        difference = answers.compare(contestant, count, asyncio.run(cluster.values(outputs.decisions)))
    finally:
        cluster.close_run(outputs)
    done = ended[1] - began[1]
    per_second, used = done / (ended[0] - began[0]), cpu / done * 1e6
    return Rate(per_second, count, used, memory, difference=difference, stages=stages)


def timed_part(looks: Sequence[tuple[float, int]], warming: int) -> tuple[tuple[float, int], tuple[float, int]]:
    """Give the looks between which a contestant is timed: from the first with so many decisions to the last.

    One that was done by then is timed from the look before, which counts the time before it began against it: its
    backlog is too short.
    """
    last = looks[-1]
    first = next(place for place, look in enumerate(looks) if look[1] >= warming)
    if looks[first][1] >= last[1]:
        first = max(0, first - 1)
    return looks[first], last


async def _first(cluster: Cluster, process: Process, topic: str, wanted: int) -> list[tuple[float, int]]:
    watching = asyncio.create_task(cluster.watch(topic, wanted, _SECONDS, every=0.02))
    while not watching.done():
        if not process.runs:
            watching.cancel()
            raise process.error("ended before it had decided anything")
        await asyncio.wait([watching], timeout=0.5)
    try:
        return await watching
    except TimeoutError as late:
        raise process.error(str(late)) from late


def loop_rate(bundle: Path, texts: Sequence[str], batch: int, place: Place) -> Rate:
    """Let a plain loop score all texts, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "texts.json"
        file.write_text(json.dumps(texts), encoding="utf-8")
        module = "sluicegate.bench.contestants.plain_loop"
        found = run_module([module, str(bundle), str(file), str(batch)], Path(folder), place)
    return Rate(
        len(texts) / found["seconds"],
        len(texts),
        found["cpu_seconds"] / len(texts) * 1e6,
        loading_seconds=found["loading_seconds"],
    )


def run_module(
    module: Sequence[str], folder: Path, place: Place, settings: dict[str, str] | None = None
) -> dict[str, float]:
    """Run a module that prints one JSON object, to its end.

    Raises
    ------
    ContestantError
        If it fails or takes too long.
    """
    process = subprocess.Popen(
        place.command(module),
        cwd=folder,
        env=place.environment(settings or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    place.pin(process.pid)
    try:
        out, errors = process.communicate(timeout=_MODULE_SECONDS)
    except subprocess.TimeoutExpired as late:
        process.kill()
        process.communicate()
        raise ContestantError(f"{module[0]} was not done after {_MODULE_SECONDS:.0f} s") from late
    except BaseException:
        process.kill()
        process.communicate()
        raise
    if process.returncode != 0:
        raise ContestantError(f"{module[0]} failed:\n{errors.decode(errors='replace')[-2000:]}")
    found: dict[str, float] = json.loads(out)
    return found


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
