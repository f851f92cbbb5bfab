"""Workers at a steady share of what they can do, one of them killed now and then: ``python -m sluicegate.bench.soak``.

Memory, handles and threads of each worker are sampled from the system, and the lag from the broker; what rises by more
than the stated bounds is not flat, and the run fails. A worker that was killed is started again at once.
"""

import asyncio
import itertools
import logging
import os
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from sluicegate.bench.cluster import OVERRIDES, Cluster, Outputs
from sluicegate.bench.ending import run as run_bench
from sluicegate.bench.events import make_events
from sluicegate.bench.load import Load
from sluicegate.bench.overload import capacity_of
from sluicegate.bench.processes import ContestantError, Process
from sluicegate.bench.sampling import BOUNDS, Bound, Held, Trend, held_by, laid_out, trend_of, trends_of
from sluicegate.bench.steady import generate, load_records
from sluicegate.deploy.kafka.node import KafkaNode
from sluicegate.policy import default_policy_path, load_policy

__all__ = ["Life", "Soaked", "flat", "lives_of"]

_SAMPLE_EVERY: Final = 2.0
#: Seconds of a worker's life that are not looked at: it fills its buffers and compiles its patterns once.
_WARMING: Final = 60.0
#: A life that is shorter than this behind its warming says nothing of a slope.
_LIFE_LEAST: Final = 60.0
_CATCH_UP_SECONDS: Final = 300.0
#: Nobody is killed so shortly before the end of the load: there would be no time to make up for it.
_LAST_SECONDS: Final = 60.0
_BURST_RATE: Final = 40_000.0
#: Long loads write more than is looked at again: a partition's last gigabyte is far more than any lag.
_EVENTS: Final = 20_000


class Life(msgspec.Struct, frozen=True):
    """A worker process from its start to its end: its number, when, whether it was killed, and its trends."""

    worker: int
    began: float
    ended: float
    killed: bool
    trends: dict[str, Trend]


class Soaked(msgspec.Struct, frozen=True):
    """What a soak showed.

    Attributes
    ----------
    workers, capacity, rate
        Workers, what they do together of a backlog, and the load, in events a second.
    minutes, events
        Of the load.
    kills
        Workers that were killed.
    recovered
        Seconds from each kill until the lag was what it was before it.
    decided, repeated
        Decisions beyond what was sent repeat others, as a kill makes them.
    undecided
        At the end.
    lag
        Of the whole stream, but for the time from a kill until it was made up for.
    lives
        Of the workers.
    """

    measured_at: str
    cores: int
    workers: int
    capacity: float
    rate: float
    minutes: float
    events: int
    kills: int
    recovered: list[float]
    decided: int
    repeated: int
    undecided: int
    lag: Trend | None
    lives: list[Life]
    bounds: dict[str, Bound]


def flat(found: Soaked) -> dict[str, bool]:
    """Say what must be so, and whether it is; figures that were watched too short for a slope are left out."""
    told = [(name, trend) for life in found.lives for name, trend in life.trends.items() if trend.flat is not None]
    judged = {name: [trend.flat is True for of, trend in told if of == name] for name in BOUNDS if name != "lag"}
    return {
        **{f"{name} flat in each of {len(each)} lives": bool(each) and all(each) for name, each in judged.items()},
        "lag flat": found.lag is not None and found.lag.flat is True,
        "every event decided": found.undecided == 0,
        "every kill made up for": len(found.recovered) == found.kills,
    }


class _Worker:
    """One of the workers, in as many lives as it takes."""

    def __init__(self, number: int, outputs: Outputs, folder: Path, began: float) -> None:
        self.number = number
        self.samples: list[Held] = []
        self.process: Process
        self._outputs = outputs
        self._folder = folder
        self._began = began

    def start(self, stack: ExitStack) -> None:
        """Begin a life, which ends with the stack at the latest."""
        # A name of its own: a worker that comes back soon under its name takes its partitions up again.
        environment = {**self._outputs.environment, "SLUICEGATE_INSTANCE": f"soak-{self.number}"}
        self.samples = []
        self.process = stack.enter_context(Process(("sluicegate", "worker"), environment, self._folder))
        self.since = time.monotonic() - self._began

    def look(self) -> None:
        """Take a sample."""
        held = held_by(self.process.pid, time.monotonic() - self._began)
        if held is None or not self.process.runs:
            raise self.process.error("ended by itself")
        self.samples.append(held)

    def life(self, *, killed: bool) -> Life:
        """Give what this life was like until now."""
        watched = self.samples[-1].seconds - self.samples[0].seconds if self.samples else 0.0
        trends = trends_of(self.samples, warming=_WARMING) if watched >= _WARMING + _LIFE_LEAST else {}
        return Life(self.number, self.since, time.monotonic() - self._began, killed, trends)


class _Soak:
    """Watches and kills while a load is sent."""

    def __init__(self, cluster: Cluster, outputs: Outputs, workers: list[_Worker], stack: ExitStack) -> None:
        self.lives: list[Life] = []
        self.lag: list[tuple[float, float]] = []
        self.recovered: list[float] = []
        self.kills = 0
        self._cluster = cluster
        self._outputs = outputs
        self._workers = workers
        self._stack = stack
        self._killed_at: float | None = None
        self._usual = 0.0

    async def run(self, kill_every: float, until: float) -> None:
        """Sample until cancelled, and kill a worker in turn every so many seconds, while the load of so many lasts."""
        began, turns = time.monotonic(), itertools.cycle(self._workers)
        next_kill = began + kill_every
        while True:
            for worker in self._workers:
                worker.look()
            # In a thread: a group's offsets are asked for by a client that blocks.
            lag = await asyncio.to_thread(self._cluster.group_lag, self._outputs)
            now = time.monotonic()
            self._note(now - began, lag)
            if now >= next_kill and now - began < until - _LAST_SECONDS and self._killed_at is None:
                next_kill += kill_every
                self._kill(next(turns), now - began)
            await asyncio.sleep(_SAMPLE_EVERY)

    def _note(self, seconds: float, lag: int) -> None:
        if self._killed_at is None:
            self.lag.append((seconds, float(lag)))
            return
        if lag <= self._usual:
            self.recovered.append(round(seconds - self._killed_at, 1))
            self._killed_at = None

    def _kill(self, worker: _Worker, seconds: float) -> None:
        recent = sorted(lag for _, lag in self.lag[-60:])
        self._usual = max(recent[len(recent) * 9 // 10] if recent else 0.0, 1.0)
        self.lives.append(worker.life(killed=True))
        worker.process.kill()
        self.kills, self._killed_at = self.kills + 1, seconds
        worker.start(self._stack)


def lives_of(soak: Soaked) -> list[str]:
    """Give the lines that tell of each life."""
    lines = []
    for life in soak.lives:
        if life.trends:
            ended = "killed" if life.killed else "until the end"
            lines += [f"\nworker {life.worker}, from {life.began:,.0f} to {life.ended:,.0f} s, {ended}"]
            lines += laid_out(life.trends)
    return lines


async def _loaded(load: Load, folder: Path, soak: _Soak, kill_every: float) -> int:
    watching = asyncio.create_task(soak.run(kill_every, load.seconds))
    sending = asyncio.create_task(asyncio.to_thread(generate, load, folder))
    done, _ = await asyncio.wait([watching, sending], return_when=asyncio.FIRST_COMPLETED)
    if watching in done:
        watching.result()
    count = (await sending).count
    watching.cancel()
    return count


def _caught_up(cluster: Cluster, outputs: Outputs) -> int:
    deadline = time.monotonic() + _CATCH_UP_SECONDS
    while (lag := cluster.group_lag(outputs)) and time.monotonic() < deadline:
        time.sleep(_SAMPLE_EVERY)
    return lag


def _measure(
    cluster: Cluster, folder: Path, minutes: float, share: float, kill_every: float, count: int, burst: int
) -> Soaked:
    outputs = cluster.open_run("soak")
    records = load_records(make_events(_EVENTS, 1), cluster.partitions)
    load = Load(cluster.bootstrap, outputs.events, _BURST_RATE, burst / _BURST_RATE, records)
    with ExitStack() as stack:
        workers = [_Worker(number, outputs, folder, time.monotonic()) for number in range(count)]
        for worker in workers:
            worker.start(stack)
        for worker in workers:
            worker.process.wait_until_ready()
        capacity = capacity_of(cluster, outputs, load, folder)
        before = sum(cluster.ends(outputs.decisions).values())
        rate = share * capacity
        typer.echo(f"{count} workers do {capacity:,.0f} events/s; {rate:,.0f}/s follow for {minutes:g} min")
        soak = _Soak(cluster, outputs, workers, stack)
        load = msgspec.structs.replace(load, rate=rate, seconds=minutes * 60)
        sent = asyncio.run(_loaded(load, folder, soak, kill_every))
        lives = [*soak.lives, *(worker.life(killed=False) for worker in workers)]
        undecided = _caught_up(cluster, outputs)
        decided = sum(cluster.ends(outputs.decisions).values()) - before
    return Soaked(
        measured_at=datetime.now(UTC).date().isoformat(),
        cores=len(os.sched_getaffinity(0)),
        workers=count,
        capacity=round(capacity, 1),
        rate=round(rate, 1),
        minutes=minutes,
        events=sent,
        kills=soak.kills,
        recovered=soak.recovered,
        decided=decided,
        repeated=max(0, decided - sent),
        undecided=max(undecided, sent - decided, 0),
        # By how many events it may rise grows with their rate: half a second's worth.
        lag=trend_of(soak.lag, Bound(BOUNDS["lag"].share, max(BOUNDS["lag"].least, rate / 2))),
        lives=lives,
        bounds=dict(BOUNDS),
    )


def soak(
    minutes: Annotated[float, typer.Option(min=1, help="For which events come.")] = 120.0,
    share: Annotated[float, typer.Option(min=0.05, max=1, help="Of what the workers can do.")] = 0.7,
    kill_every: Annotated[float, typer.Option(min=0.5, help="Minutes from one kill of a worker to the next.")] = 60.0,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Worker processes.")] = 2,
    partitions: Annotated[int, typer.Option(min=1, max=64, help="Of every topic.")] = 4,
    burst: Annotated[int, typer.Option(min=1_000, help="Events to measure by what workers can do.")] = 200_000,
    out: Annotated[Path | None, typer.Option(help="File for the results as JSON.")] = None,
) -> None:
    """Load workers steadily on a Kafka started for it, kill one now and then, and say whether anything grows."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    with (
        tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as folder,
        KafkaNode(Path(folder), overrides=OVERRIDES) as node,
    ):
        cluster = Cluster(node.bootstrap, load_policy(default_policy_path()), partitions)
        try:
            found = _measure(cluster, Path(folder), minutes, share, kill_every * 60, workers, burst)
        except ContestantError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error
        finally:
            cluster.close()
    if out is not None:
        out.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    typer.echo("\n".join(lives_of(found)))
    if found.lag is not None:
        typer.echo("\n".join(["\nlag of the group, but for what follows a kill", *laid_out({"lag": found.lag})]))
    typer.echo(
        f"\n{found.events:,} events, {found.kills} kills, made up for after {found.recovered} s; "
        f"{found.repeated:,} decisions repeated, {found.undecided:,} events undecided\n"
    )
    judged = flat(found)
    typer.echo("\n".join(f"{'yes' if so else 'NO':<4} {what}" for what, so in judged.items()))
    raise typer.Exit(0 if all(judged.values()) else 1)


if __name__ == "__main__":
    run_bench(soak)
