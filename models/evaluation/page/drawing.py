"""Drawing with matplotlib into SVG that stands in a page: its colours are the page's, its names are its own."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["ACCENT", "FAINT", "INK", "LINES", "Plot", "dots", "panels", "plot"]

#: Colours that stand for the page's own, which differ in light and dark.
INK: Final = "#010101"
ACCENT: Final = "#020202"
FAINT: Final = "#030303"
_COLOURS: Final = {INK: "currentColor", ACCENT: "var(--accent)", FAINT: "var(--faint)"}

#: Of lines that are told apart by their dashes as well: readable on white and on black.
LINES: Final = ("#3b82c4", "#d1651f", "#3f9150", "#c0487a", "#8f6fc4", "#8a7a2b", "#2f9a9a", "#8c8c8c")

_WIDTH: Final = 9.0
# Keyed by matplotlib's own names of settings, some hundreds of literals.
_STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": FAINT,
    "legend.frameon": False,
}


@dataclass(frozen=True)
class Plot:
    """A drawing, and what it shows in words for those who do not see it."""

    svg: str
    alt: str


def panels(names: Sequence[str], height: float, columns: int = 3) -> tuple[Figure, list[Axes]]:
    """Make a figure of equal panels side by side, each with its name.

    Parameters
    ----------
    height
        Of a panel, in inches.
    """
    with mpl.rc_context(_STYLE):
        across = max(1, min(columns, len(names)))
        down = -(-len(names) // across)
        figure = Figure(figsize=(_WIDTH * across / columns if across < columns else _WIDTH, height * down))
        figure.set_layout_engine("constrained")
        grid = figure.subplots(down, across, squeeze=False)
        axes: list[Axes] = list(grid.flat)
        for name, each in zip(names, axes, strict=False):
            each.set_title(name, loc="left")
            each.grid(True, linewidth=0.5)
            each.set_axisbelow(True)
        for unused in axes[len(names) :]:
            unused.set_visible(False)
        return figure, axes


def dots(
    axes: Axes, names: Sequence[str], values: Sequence[float], lows: Sequence[float], highs: Sequence[float]
) -> None:
    """Draw a figure with its interval for each name, the first on top."""
    places = list(range(len(names)))
    axes.hlines(places, lows, highs, color=ACCENT, linewidth=1.5, alpha=0.6)
    axes.plot(values, places, "o", color=ACCENT, markersize=4)
    axes.set_yticks(places, list(names))
    axes.set_ylim(len(names) - 0.4, -0.6)


def plot(figure: Figure, name: str, alt: str) -> Plot:
    """Turn a figure into SVG.

    Parameters
    ----------
    name
        Goes before all names within the drawing, so that two of them can stand in one page.
    """
    written = io.StringIO()
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    svg = written.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(url\(|href=")#', rf"\1#{name}-", svg)
    for stood, colour in _COLOURS.items():
        svg = svg.replace(stood, colour)
    return Plot(svg.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1), alt)
