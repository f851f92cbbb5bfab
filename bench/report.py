"""The page ``docs/benchmarks.md``, made of the results of one run."""

from collections.abc import Sequence
from statistics import median
from typing import Final

from sluicegate.bench.figures import Spread
from sluicegate.bench.results import AIMS, Results, figures_of

__all__ = ["benchmarks_document"]

_INTRODUCTION: Final = """\
# Benchmarks

Written by `make bench`, which measures everything on this page in one run, side by side, on one Apache Kafka node that
it starts for it. What counts are the ratios: rates are those of one machine. Every contestant is one process.
"""

_NAMES: Final = {
    "silent": "Sluicegate's worker, scoring nothing",
    "faust": "stock Faust, one event at a time, scoring nothing",
    "worker": "Sluicegate's worker with the bundle",
    "loop": "a plain loop that only scores the same texts, without Kafka",
    "score": "`sluicegate score`",
}

_FIGURES: Final = {
    "silent_to_faust": ("the stream without scoring, to stock Faust", "times"),
    "worker_to_loop": ("the worker with the bundle, to a plain loop that only scores", "times"),
    "latency_p99_ms": ("p99 end to end at half the sustained rate", "ms"),
    "memory_growth_mb": ("growth of the worker's memory after the first minute", "MB"),
    "score_to_worker": ("`sluicegate score` to the worker", "times"),
    "ready_seconds": ("from the start of a worker to ready", "s"),
    "loading_seconds": ("loading the bundle", "s"),
}


def benchmarks_document(results: Results) -> str:
    """Write the page."""
    sections = (
        _INTRODUCTION,
        _machine(results),
        _figures(results),
        _rates(results),
        _stages(results),
        _latency(results),
        _memory(results),
        _method(results),
    )
    return "\n".join(sections)


def _machine(results: Results) -> str:
    machine = results.machine
    packages = ", ".join(f"{name} {version}" for name, version in machine.packages.items())
    return (
        f"Measured on {results.measured_at[:10]}: {machine.cores} cores ({machine.architecture}, {machine.system}), "
        f"{machine.memory_gb} GB of memory, Python {machine.python}, Apache Kafka {machine.kafka} on the same machine, "
        f"{packages}; model {results.model}, texts of {results.characters:.0f} characters on average.\n"
    )


def _figures(results: Results) -> str:
    found = figures_of(results)
    rows = []
    for name, (meaning, unit) in _FIGURES.items():
        if name not in found:
            continue
        bound, more = AIMS[name]
        spread = found[name]
        held = spread.median >= bound if more else spread.median <= bound
        aim = f"{'at least' if more else 'at most'} {bound:g} {unit}"
        rows.append((meaning, f"{_number(spread.median)} {unit}", _range(spread), aim, "yes" if held else "**no**"))
    return "## Figures\n\n" + _table(("figure", "median", "least to most", "aim", "held"), rows)


def _rates(results: Results) -> str:
    rows = []
    for name, runs in results.rates.items():
        spread = Spread.of([run.events_per_second for run in runs])
        cpu = [run.cpu_microseconds for run in runs if run.cpu_microseconds is not None]
        used = f"{median(cpu):,.0f}" if cpu else "-"
        rows.append((_NAMES[name], f"{spread.median:,.0f}", _range(spread), used))
    columns = ("contestant", "events a second", "least to most", "processor time an event, us")
    command = median(run.command_seconds or 0 for run in results.rates["score"])
    return (
        "## Rates over a backlog\n\n"
        + _table(columns, rows)
        + f"\nThe whole command `sluicegate score` took {command:.2f} s for {results.plan.score_events:,} events, its "
        "start included; the rate above is that of the scoring, what a single event takes deducted.\n"
    )


def _stages(results: Results) -> str:
    rows = []
    for name in ("silent", "worker"):
        stages = results.rates[name][0].stages
        means = {stage: median(run.stages.get(stage, 0.0) for run in results.rates[name]) for stage in stages}
        rows.append((_NAMES[name], *(f"{means[stage]:,.1f}" for stage in sorted(means))))
    columns = sorted(results.rates["worker"][0].stages)
    return (
        "## Where the worker's time goes\n\nMicroseconds an event that a batch spent in each stage, by the worker's "
        "own metrics; stages of different batches overlap.\n\n" + _table(("contestant", *columns), rows)
    )


def _latency(results: Results) -> str:
    rows = [
        (
            f"{run.events_per_second:,.0f}",
            f"{run.seconds:.0f} s",
            *(f"{value:,.0f}" for value in (run.latency.p50, run.latency.p95, run.latency.p99, run.latency.most)),
            f"{run.producer.p99:,.0f}",
        )
        for run in (*results.paced, results.memory)
    ]
    columns = (
        "events a second",
        "for",
        "p50, ms",
        "p95, ms",
        "p99, ms",
        "most, ms",
        "p99 of the producer's own delay, ms",
    )
    return "## Latency at half the sustained rate\n\n" + _table(columns, rows)


def _memory(results: Results) -> str:
    growth = results.memory.memory
    if growth is None:
        return "## Memory\n\nNot measured in this run, which was too short.\n"
    span = (
        f"Over {growth.seconds / 60:.0f} minutes at half the sustained rate: {growth.at_one_minute:.1f} MB resident "
        f"after the first minute, {growth.at_the_end:.1f} MB at the end ({growth.grown:+.1f} MB; slope "
        f"{growth.slope:+.2f} MB a minute), {growth.most:.1f} MB at the most."
    )
    shorter = ' A shorter run than the ten minutes of `make bench ARGS="--long"`.' if growth.seconds < 590 else ""
    return f"## Memory\n\n{span}{shorter}\n"


def _method(results: Results) -> str:
    plan = results.plan
    return f"""\
## How it is measured

* `make bench ARGS="--seed {plan.seed}"` runs it again; `--help` lists what can be chosen. Kafka needs Java
  and Maven.
* {plan.repeats} rounds; in each every contestant runs once, in an order shuffled with the seed. A ratio is taken of two
  runs of the same round; the tables show medians, and the least and the most. Growth of memory is of one run.
* The events are the demo's, made with the seed, without unreadable ones: {plan.events:,} in {plan.partitions}
  partitions, there before a contestant starts. Stock Faust is stopped after {plan.faust_events:,} of them. Each run has
  topics and a group of its own, deleted after it.
* The rate of a stream is that of its decisions at the broker, from a tenth of the events on, so that starts do not
  count. Every event must be decided, and none dead-lettered, or the run fails.
* Stock Faust decodes JSON, makes a decision of the same members and awaits `topic.send` before the event is
  acknowledged. It does not wait for the broker's acknowledgement, as Sluicegate does.
* The plain loop scores batches of {plan.batch_max} texts, which is also what the worker's batches hold at the most.
* Under the steady load events are sent when they are due, whether or not the worker keeps up. The latency of a decision
  is the broker's timestamp of it less the moment its event was due; the first 5 seconds do not count.
* Broker, producer and contestant share the cores.
"""


def _table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = [f"| {' | '.join(columns)} |", f"| {' | '.join('---' for _ in columns)} |"]
    return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _range(spread: Spread) -> str:
    if spread.count == 1:
        return "one run"
    return f"{_number(spread.least)} to {_number(spread.most)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
