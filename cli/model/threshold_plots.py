"""Plots of the trade between what is caught and what it costs, as one SVG or one HTML page with it inside."""

import io
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure

from sluicegate.cli.model.threshold_tables import goal_words
from sluicegate.models.thresholds.trade import curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sluicegate.models.thresholds.chosen import HarmThresholds
    from sluicegate.models.thresholds.recorded import Estimate

__all__ = ["draw_trade"]

_TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body>{picture}</body></html>
"""


def draw_trade(found: "Sequence[HarmThresholds]", path: Path, seed: int) -> None:
    """Draw each harm's precision, recall and false alarms along its thresholds; the same figures, the same bytes."""
    shown = [of_harm for of_harm in found if of_harm.points]
    with mpl.rc_context({"svg.hashsalt": "sluicegate", "svg.fonttype": "none"}):
        figure = Figure(figsize=(11, max(1, len(shown)) * 3.2), layout="constrained")
        axes = figure.subplots(max(1, len(shown)), 2, squeeze=False)
        for of_harm, (shares, alarms) in zip(shown, axes, strict=False):
            _draw(of_harm, seed, shares, alarms)
        picture = io.StringIO()
        figure.savefig(picture, format="svg", metadata={"Date": None})
    svg = picture.getvalue()
    if path.suffix == ".html":
        title = escape("Thresholds: " + ", ".join(one.harm for one in shown))
        svg = _PAGE.format(title=title, picture=svg[svg.index("<svg") :])
    path.write_text(svg, encoding="utf-8")


def _draw(of_harm: "HarmThresholds", seed: int, shares: "Axes", alarms: "Axes") -> None:
    points = curve(of_harm.stream, of_harm.sample, seed)
    at = [point.probability for point in points]
    for name, colour in (("precision", "C0"), ("recall", "C1")):
        _line(shares, at, [getattr(point.gives, name) for point in points], name, colour)
    _line(alarms, at, [point.gives.false_alarms for point in points], "of 1,000 ordinary posts flagged", "C3")
    for axis in (shares, alarms):
        for threshold in of_harm.chosen:
            label = goal_words(threshold.goal, threshold.value)
            axis.axvline(threshold.probability.value, color="0.3", linestyle=":")
            axis.annotate(label, (threshold.probability.value, 0.02), xycoords=("data", "axes fraction"), rotation=90)
        # Thresholds that matter stand close to 0 or 1.
        axis.set_xscale("logit")
        axis.set_xticks(_TICKS, [f"{tick:g}" for tick in _TICKS])
        axis.set_xticks([], minor=True)
        axis.set_xlabel("threshold")
        axis.set_title(of_harm.harm)
        axis.legend(loc="lower left")
    shares.set_ylim(0, 1.02)
    alarms.set_yscale("symlog", linthresh=1)
    alarms.set_ylim(bottom=0)


def _line(axis: "Axes", at: list[float], estimates: "list[Estimate | None]", name: str, colour: str) -> None:
    known = [(threshold, one) for threshold, one in zip(at, estimates, strict=True) if one is not None]
    if not known:
        return
    where = [threshold for threshold, _ in known]
    axis.plot(where, [one.value for _, one in known], color=colour, label=name)
    lows, highs = [one.low for _, one in known], [one.high for _, one in known]
    axis.fill_between(where, lows, highs, color=colour, alpha=0.2, linewidth=0)
