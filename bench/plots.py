"""The plots of the page, as SVG: the same bytes for the same results."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from sluicegate.bench.contestants.entrants import WORKLOADS, entrant
from sluicegate.bench.costs import Point
from sluicegate.bench.results import Results

__all__ = ["write_plots"]

_OWN: Final = "#1b6ca8"
_OTHER: Final = "#a9b4bd"
_TITLES: Final = {"default": "the shipped bundle", "words": "words only", "none": "no model"}


def write_plots(results: Results, folder: Path) -> list[Path]:
    """Write all plots that the results have something for; give their files in the order of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    plots: list[tuple[str, Callable[[Results], Figure]]] = [("rates", _rates)]
    if any(each.latency is not None for each in results.steady):
        plots.append(("latency", _latency))
    if results.costs is not None:
        plots.append(("costs", _costs))
    written = []
    # A fixed salt makes the ids of an SVG, and so the file, depend on nothing but what is drawn.
    with mpl.rc_context({"svg.hashsalt": "sluicegate", "font.size": 8, "svg.fonttype": "path"}):
        for name, draw in plots:
            file = folder / f"{name}.svg"
            draw(results).savefig(file, format="svg", metadata={"Date": None}, bbox_inches="tight")
            written.append(file)
    return written


def _rates(results: Results) -> Figure:
    figure = Figure(figsize=(11, 3.4), layout="constrained")
    for place, workload in enumerate(WORKLOADS):
        axes = figure.add_subplot(1, len(WORKLOADS), place + 1)
        runs = {name: [run.events_per_second for run in found] for name, found in results.rates[workload].items()}
        names = sorted(runs, key=lambda name: median(runs[name]))
        middles = [median(runs[name]) for name in names]
        least = [middle - min(runs[name]) for name, middle in zip(names, middles, strict=True)]
        most = [max(runs[name]) - middle for name, middle in zip(names, middles, strict=True)]
        colours = [_OTHER if entrant(name).is_peer else _OWN for name in names]
        axes.barh(names, middles, color=colours, xerr=(least, most), error_kw={"lw": 0.8, "capsize": 2})
        axes.set_title(_TITLES[workload])
        axes.set_xlabel("events a second")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value / 1000:.0f}k")
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _latency(results: Results) -> Figure:
    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.add_subplot()
    runs = [each for each in results.steady if each.latency is not None]
    labels = [f"{each.contestant}\n{each.events_per_second:,.0f}/s" for each in runs]
    for shade, name in zip(("#c7dcec", "#6fa8d0", _OWN), ("p50", "p95", "p99"), strict=True):
        axes.plot(labels, [getattr(each.latency, name) for each in runs], "o", color=shade, label=name)
    axes.set_yscale("log")
    axes.set_ylabel("milliseconds from due to decided")
    axes.legend(frameon=False)
    axes.tick_params(axis="x", labelsize=6)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _costs(results: Results) -> Figure:
    figure = Figure(figsize=(11, 2.8), layout="constrained")
    costs = results.costs
    curves: list[tuple[str, str, list[Point]]] = []
    if costs is not None:
        curves = [
            ("scoring", "characters of a text", costs.length),
            ("scoring", "harms", costs.harms),
            ("the whole pipeline", "rules", costs.rules),
            ("the whole pipeline", "events of a batch", costs.batch),
        ]
    for place, (what, label, points) in enumerate(curves):
        axes: Any = figure.add_subplot(1, len(curves), place + 1)
        axes.plot([point.at for point in points], [point.microseconds for point in points], "o-", color=_OWN, ms=3)
        axes.set_xscale("log")
        if label == "characters of a text":
            axes.set_yscale("log")
        else:
            axes.set_ylim(bottom=0)
        axes.set_xlabel(label)
        axes.set_ylabel(f"us: {what}")
        axes.spines[["top", "right"]].set_visible(False)
    return figure
