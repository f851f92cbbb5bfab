"""Events arrive at several times what a worker can do: ``python -m sluicegate.bench.overload --seconds 600``.

The worker serves without its compiled kernels unless told otherwise: broker, generator and worker share a machine, and
three times what the kernels can do would be more than the machine can write. What is shown (memory, rebalances,
catching up) is that of the same worker. Fails where one of it is not so.
"""

import asyncio
import logging
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from sluicegate.bench.cluster import OVERRIDES, Cluster, Outputs
from sluicegate.bench.ending import run as run_bench
from sluicegate.bench.events import make_events
from sluicegate.bench.load import Load
from sluicegate.bench.processes import ContestantError, Process
from sluicegate.bench.sampling import Held, Trend, held_by, laid_out, metric, trends_of
from sluicegate.bench.steady import generate, load_records
from sluicegate.deploy.kafka.node import KafkaNode
from sluicegate.policy import default_policy_path, load_policy
from sluicegate.schemas.kernels import SWITCH

__all__ = ["Overloaded", "capacity_of", "verdicts"]

_SAMPLE_EVERY: Final = 1.0
#: Share of a burst that is timed: start and end say less.
_FROM, _UNTIL = 0.2, 0.95
_BURST_SECONDS: Final = 300.0
_BURST_RATE: Final = 20_000.0
#: Seconds at the start of the load whose memory is not looked at, at the most: buffers fill up once.
_WARMING: Final = 60.0
_KEEPS_ALL: Final = {"log.retention.bytes": "-1"}


class Overloaded(msgspec.Struct, frozen=True):
    """What an overload showed.

    Attributes
    ----------
    capacity
        Events a second that the worker did of a backlog.
    rate, seconds, events
        What was sent.
    done_meanwhile
        Events a second that the worker did while they came.
    lag_most
        Events that were not decided, at the most.
    catch_up_seconds
        From the last event sent to the last one decided.
    undecided, repeated
        At the end.
    rebalances
        Times that the worker was given partitions.
    pressure_seconds
        Seconds in which the worker said that it is under pressure.
    during, afterwards
        How memory, handles and threads went while events came, and while the worker caught up.
    """

    measured_at: str
    cores: int
    compiled: bool
    capacity: float
    rate: float
    seconds: float
    events: int
    done_meanwhile: float
    lag_most: int
    catch_up_seconds: float
    undecided: int
    repeated: int
    rebalances: int
    pressure_seconds: float
    during: dict[str, Trend]
    afterwards: dict[str, Trend]


def verdicts(found: Overloaded) -> dict[str, bool]:
    """Say what must be so, and whether it is."""
    during = found.during["memory_mb"]
    return {
        "more came than the worker could do": found.rate > found.done_meanwhile * 1.5,
        "memory flat while they came": during.flat is True,
        "no rebalance": found.rebalances == 1,
        "caught up, each event decided once": found.undecided == found.repeated == 0,
        "the worker knew of the pressure": found.pressure_seconds > 0,
    }


def capacity_of(cluster: Cluster, outputs: Outputs, load: Load, folder: Path) -> float:
    """Give how many events a second a worker does that has a backlog, by sending one that is worked off."""
    before = sum(cluster.ends(outputs.decisions).values())
    count = int(load.rate * load.seconds)
    sent = generate(load, folder)
    looks = asyncio.run(cluster.watch(outputs.decisions, before + int(count * _UNTIL), _BURST_SECONDS))
    timed = [look for look in looks if look[1] >= before + count * _FROM]
    if len(timed) < 2 or timed[-1][1] <= timed[0][1]:
        # It kept up with the burst: that it can do so much is all that is known.
        return sent.count / (time.time() - sent.began)
    (began, first), (ended, last) = timed[0], timed[-1]
    asyncio.run(cluster.watch(outputs.decisions, before + count, _BURST_SECONDS))
    return (last - first) / (ended - began)


class _Watch:
    """Samples a worker while it is loaded."""

    def __init__(self, cluster: Cluster, process: Process, outputs: Outputs) -> None:
        self.samples: list[Held] = []
        self.pressure = 0
        self._cluster = cluster
        self._process = process
        self._outputs = outputs
        self._began = time.monotonic()

    async def run(self, until: Callable[[float], bool]) -> None:
        """Sample until the lag is such."""
        async with self._cluster.counting(self._outputs.decisions, self._outputs.events) as count:
            while True:
                # Decisions first: an event that comes between the two looks counts as undecided.
                decided = await count(self._outputs.decisions)
                lag = await count(self._outputs.events) - decided
                exposition = await asyncio.to_thread(self._process.metrics)
                self.pressure += metric(exposition, "sluicegate_under_pressure") == 1
                held = held_by(self._process.pid, time.monotonic() - self._began, lag)
                if held is None or not self._process.runs:
                    raise self._process.error("ended under load")
                self.samples.append(held)
                if until(lag):
                    return
                await asyncio.sleep(_SAMPLE_EVERY)


async def _loaded(load: Load, folder: Path, watch: _Watch) -> tuple[int, int]:
    """Send a load; give how many events were sent, and how many samples were taken meanwhile."""
    watching = asyncio.create_task(watch.run(lambda _: False))
    sending = asyncio.create_task(asyncio.to_thread(generate, load, folder))
    done, _ = await asyncio.wait([watching, sending], return_when=asyncio.FIRST_COMPLETED)
    watching.cancel()
    if watching in done:
        watching.result()
    return (await sending).count, len(watch.samples)


def _measure(
    cluster: Cluster, folder: Path, events: int, factor: float, seconds: float, burst: int, *, compiled: bool
) -> Overloaded:
    outputs = cluster.open_run("overload")
    records = load_records(make_events(events, 1), cluster.partitions)
    load = Load(cluster.bootstrap, outputs.events, _BURST_RATE, burst / _BURST_RATE, records)
    environment = {**outputs.environment, **({} if compiled else {SWITCH: "off"})}
    with Process(("sluicegate", "worker"), environment, folder) as process:
        process.wait_until_ready()
        capacity = capacity_of(cluster, outputs, load, folder)
        typer.echo(f"the worker does {capacity:,.0f} events/s; {factor * capacity:,.0f}/s follow for {seconds:g} s")
        before = sum(cluster.ends(outputs.decisions).values())
        load = msgspec.structs.replace(load, rate=factor * capacity, seconds=seconds)
        watch = _Watch(cluster, process, outputs)
        count, samples = asyncio.run(_loaded(load, folder, watch))
        ended = time.monotonic()
        done = sum(cluster.ends(outputs.decisions).values()) - before
        typer.echo(f"{count:,} sent, {done:,} of them decided; the worker catches up")
        limit = ended + 60 + 3 * factor * seconds

        def caught_up(lag: float) -> bool:
            if time.monotonic() > limit:
                raise ContestantError(f"{lag:,.0f} events are left, long after the load has ended")
            return lag <= 0

        asyncio.run(watch.run(caught_up))
        catch_up = time.monotonic() - ended
        rebalances = metric(process.metrics(), "sluicegate_rebalances_total")
        decided = sum(cluster.ends(outputs.decisions).values()) - before
    during, afterwards = watch.samples[:samples], watch.samples[samples:]
    return Overloaded(
        measured_at=datetime.now(UTC).date().isoformat(),
        cores=len(os.sched_getaffinity(0)),
        compiled=compiled,
        capacity=round(capacity, 1),
        rate=round(load.rate, 1),
        seconds=seconds,
        events=count,
        done_meanwhile=round(done / seconds, 1),
        lag_most=int(max(each.lag or 0 for each in watch.samples)),
        catch_up_seconds=round(catch_up, 1),
        undecided=max(0, count - decided),
        repeated=max(0, decided - count),
        rebalances=int(rebalances),
        pressure_seconds=watch.pressure * _SAMPLE_EVERY,
        during=trends_of(during, warming=min(_WARMING, seconds / 4)),
        afterwards=trends_of(afterwards),
    )


def overload(
    seconds: Annotated[float, typer.Option(min=20, help="For which events come.")] = 600.0,
    factor: Annotated[float, typer.Option(min=1.5, help="Of what the worker can do.")] = 3.0,
    partitions: Annotated[int, typer.Option(min=1, max=64, help="Of every topic.")] = 4,
    burst: Annotated[int, typer.Option(min=1_000, help="Events by which it is measured what the worker can do.")] = (
        20_000
    ),
    compiled: Annotated[bool, typer.Option(help="Let the worker use its kernels.")] = False,
    out: Annotated[Path | None, typer.Option(help="File for the results as JSON.")] = None,
) -> None:
    """Load a worker with several times what it can do, on a Kafka started for it, and watch it catch up."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    with (
        tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as folder,
        KafkaNode(Path(folder), overrides=OVERRIDES | _KEEPS_ALL) as node,
    ):
        cluster = Cluster(node.bootstrap, load_policy(default_policy_path()), partitions)
        found = _measure(cluster, Path(folder), 20_000, factor, seconds, burst, compiled=compiled)
        cluster.close()
    if out is not None:
        out.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    typer.echo(
        f"{found.rate:,.0f} events/s came, {found.rate / found.done_meanwhile:.1f} times the "
        f"{found.done_meanwhile:,.0f} that were done meanwhile; lag at the most {found.lag_most:,}, "
        f"worked off in {found.catch_up_seconds:,.0f} s; "
        f"under pressure for {found.pressure_seconds:,.0f} s"
    )
    for title, trends in (("while events came", found.during), ("while it caught up", found.afterwards)):
        typer.echo("\n".join([f"\n{title}", *laid_out({k: v for k, v in trends.items() if k != "lag"})]))
    typer.echo("")
    judged = verdicts(found)
    typer.echo("\n".join(f"{'yes' if so else 'NO':<4} {what}" for what, so in judged.items()))
    raise typer.Exit(0 if all(judged.values()) else 1)


if __name__ == "__main__":
    run_bench(overload)
