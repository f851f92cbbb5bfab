"""The page ``docs/benchmarks.md``, made of the results of one run."""

from collections.abc import Sequence
from statistics import median
from typing import Final

from sluicegate.bench.backlog import Rate
from sluicegate.bench.contestants.entrants import WORKLOADS, Workload, entrant
from sluicegate.bench.costs import Point
from sluicegate.bench.figures import Spread, ratios
from sluicegate.bench.method import method
from sluicegate.bench.results import AIMS, Results, best_peers, figures_of
from sluicegate.bench.steady import Steady

__all__ = ["benchmarks_document"]

_INTRODUCTION: Final = """\
# Benchmarks

Written by `make bench`, which measures everything on this page in one run, side by side, on one Apache Kafka node that
it starts for it. What counts are the ratios: rates are those of one machine. Every contestant is one process, delivers
at least once, and decides every event as the others do.
"""

_HEADINGS: Final[dict[Workload, str]] = {
    "default": "The shipped bundle: folding, words and characters, all harms",
    "words": "Words only",
    "none": "No model",
}


def benchmarks_document(results: Results, plots: Sequence[str] = ()) -> str:
    """Write the page; plots are files as seen from it."""
    drawn = {plot.rpartition("/")[2].removesuffix(".svg"): plot for plot in plots}
    sections = (
        _INTRODUCTION,
        _machine(results),
        _figures(results),
        "## Rates over a backlog\n\n"
        + _picture(drawn, "rates", "Events a second of all contestants").removesuffix("\n"),
        *(_rates(results, workload) for workload in WORKLOADS),
        _trials(results),
        _stages(results),
        _latency(results, drawn),
        _memory(results),
        _starts(results),
        _costs(results, drawn),
        method(results),
    )
    return "\n".join(section for section in sections if section)


def _machine(results: Results) -> str:
    machine, cores = results.machine, results.cores
    packages = ", ".join(f"{name} {version}" for name, version in {**machine.packages, **machine.peers}.items())
    pinned = (
        "nothing is pinned: broker, generator and contestant share the cores"
        if cores.contestant is None
        else "the contestant has one core for itself, the broker and all else the rest, but under steady loads, where "
        "nothing is pinned"
    )
    differing = "".join(f" The peers have {name} {version}." for name, version in machine.differing.items())
    return (
        f"Measured on {results.measured_at[:10]}: {machine.cores} cores ({machine.processor}, {machine.architecture}, "
        f"{machine.system}), {machine.memory_gb} GB of memory; {pinned}. Python {machine.python}, Apache Kafka "
        f"{machine.kafka} on the same machine, {packages}; model {results.model}, texts of {results.characters:.0f} "
        f"characters on average.{differing}\n"
    )


def _figures(results: Results) -> str:
    rows = []
    for name, spread in figures_of(results).items():
        aim = AIMS[name]
        held = spread.median >= aim.bound if aim.more else spread.median <= aim.bound
        asked = f"{'at least' if aim.more else 'at most'} {aim.bound:,g} {aim.unit}"
        hoped = f"; hoped {aim.hoped:g}" if aim.hoped else ""
        median_ = f"{_number(spread.median)} {aim.unit}"
        rows.append((aim.meaning, median_, _range(spread), asked + hoped, "yes" if held else "**no**"))
    missed = "".join(f"\nNot held: {line}.\n" for line in results.missed)
    return "## Figures\n\n" + _table(("figure", "median", "least to most", "aim", "held"), rows) + missed


def _rates(results: Results, workload: Workload) -> str:
    found = results.rates.get(workload, {})
    if not found:
        return ""
    own = [run.events_per_second for run in found["sluicegate"]]
    names = sorted(found, key=lambda name: -_middle(found[name]))
    rows = []
    for name in names:
        runs = found[name]
        speeds = [run.events_per_second for run in runs]
        ratio = ratios(own, speeds)
        memory = [run.memory_mb for run in runs if run.memory_mb is not None]
        rows.append(
            (
                entrant(name).title,
                f"{_middle(runs):,.0f}",
                _range(Spread.of(speeds)),
                "" if name == "sluicegate" else f"{ratio.median:.2f} ({_range(ratio)})",
                f"{median(run.cpu_microseconds for run in runs):,.1f}",
                f"{median(memory):,.0f}" if memory else "-",
                f"{runs[-1].events:,}",
            )
        )
    columns = (
        "contestant",
        "events a second",
        "least to most",
        "Sluicegate to it, within a round",
        "processor time an event, us",
        "resident, MB",
        "events",
    )
    best = best_peers(results, workload)
    note = f"\nThe best peer is {entrant(best[0]).title}.\n" if best else ""
    return f"### {_HEADINGS[workload]}\n\n{_table(columns, rows)}{note}"


def _trials(results: Results) -> str:
    if not results.trials:
        return ""
    compiled, python = (_middle(results.trials[name]) for name in ("compiled", "python"))
    chosen = "with the compiled kernels" if results.peers_compiled else "with the folding in Python"
    return (
        f"The peers' pipeline folds texts as the project does: a plain confluent-kafka loop made {compiled:,.0f} "
        f"events a second with the compiled kernels and {python:,.0f} with `SLUICEGATE_COMPILED=off`. The peers above "
        f"ran {chosen}.\n"
    )


def _stages(results: Results) -> str:
    rows = []
    columns = sorted({stage for found in results.rates.values() for run in found["sluicegate"] for stage in run.stages})
    for workload, found in results.rates.items():
        runs = found["sluicegate"]
        means = [median(run.stages.get(stage, 0.0) for run in runs) for stage in columns]
        rows.append((_HEADINGS[workload], *(f"{mean:,.1f}" for mean in means)))
    return (
        "## Where the worker's time goes\n\nMicroseconds an event that a batch spent in each stage, by the worker's "
        "own metrics; stages of different batches overlap.\n\n" + _table(("workload", *columns), rows)
    )


def _latency(results: Results, drawn: dict[str, str]) -> str:
    rows = []
    for run in results.steady:
        share = "given" if run.share is None else f"{run.share:.0%} of its own"
        late = run.latency
        shown = (late.p50, late.p95, late.p99, late.most) if late else ()
        cells = [f"{value:,.0f}" for value in shown] or ["-"] * 4
        rows.append(
            (entrant(run.contestant).title, f"{run.events_per_second:,.0f}", share, *cells, f"{run.generator.p99:,.0f}")
        )
    columns = (
        "contestant",
        "events a second",
        "rate",
        "p50, ms",
        "p95, ms",
        "p99, ms",
        "most, ms",
        "generator's p99, ms",
    )
    picture = _picture(drawn, "latency", "Latency of decisions under steady loads")
    return "## Latency under a steady load\n\n" + picture + _table(columns, rows)


def _memory(results: Results) -> str:
    run = results.memory
    if run is None:
        return ""
    shorter = ' A shorter run than the ten minutes of `make bench ARGS="--long"`.' if run.seconds < 590 else ""
    return f"## Memory and lag\n\n{_course(run)}{shorter}\n"


def _course(run: Steady) -> str:
    lag = (
        f"{run.lag.first:,.0f} events were undecided in the median of the first quarter, {run.lag.last:,.0f} in that "
        f"of the last, {run.lag.most:,.0f} at the most"
    )
    span = (
        f"Over {run.seconds / 60:.1f} minutes at 90 % of the sustained rate ({run.events_per_second:,.0f} events/s): "
        f"{lag}."
    )
    growth = run.memory
    if growth is None:
        return f"{span} {run.memory_mb:,.0f} MB were resident at the end."
    return (
        f"{span} {growth.at_one_minute:,.1f} MB were resident after the first minute, {growth.at_the_end:,.1f} MB at "
        f"the end ({growth.grown:+.1f} MB; slope {growth.slope:+.2f} MB a minute), {growth.most:,.1f} MB at the most."
    )


def _starts(results: Results) -> str:
    if not results.starts:
        return ""
    first, second = (Spread.of([getattr(each, name) for each in results.starts]) for name in ("first", "second"))
    return (
        f"## Start\n\nFrom the start of the process to ready: {first.median:.2f} s ({_range(first)}) where no compiled "
        f"Python is kept yet, {second.median:.2f} s ({_range(second)}) from then on. The kernels are compiled when the "
        "package is built.\n"
    )


def _costs(results: Results, drawn: dict[str, str]) -> str:
    costs = results.costs
    if costs is None:
        return ""
    tables = (
        ("Scoring a text, us, by its characters", costs.length),
        ("Scoring a text, us, by the number of harms", costs.harms),
        ("An event through the pipeline, us, by the number of rules", costs.rules),
        ("An event through the pipeline, us, by the events of a batch", costs.batch),
    )
    shown = "\n".join(f"{title}:\n\n{_curve(points)}" for title, points in tables)
    return "## Growth of cost\n\n" + _picture(drawn, "costs", "How cost grows") + shown


def _curve(points: Sequence[Point]) -> str:
    return _table(tuple(f"{point.at:,}" for point in points), [tuple(_number(point.microseconds) for point in points)])


def _picture(drawn: dict[str, str], name: str, title: str) -> str:
    return f"![{title}]({drawn[name]})\n\n" if name in drawn else ""


def _middle(runs: Sequence[Rate]) -> float:
    return median(run.events_per_second for run in runs)


def _table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = [f"| {' | '.join(columns)} |", f"| {' | '.join('---' for _ in columns)} |"]
    return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _range(spread: Spread) -> str:
    if spread.count == 1:
        return "one run"
    return f"{_number(spread.least)} to {_number(spread.most)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
