"""An evaluation as tables for the terminal."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Column, Table

from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    from sluicegate.models.evaluation.evaluation import Estimate, Evaluation, FalseAlarms, HarmFigures

__all__ = ["evaluation_tables"]

TOO_FEW = "too few"


def evaluation_tables(evaluation: "Evaluation") -> Iterator[Table]:
    """Lay out figures of each harm, what lies above thresholds, slices, and false alarms."""
    yield _harms(evaluation)
    yield _points(evaluation)
    for kind in ("source", "language", "length"):
        yield _slices(evaluation, kind)
    yield _ordinary(evaluation)


def _table(*columns: str, title: str) -> Table:
    head = [Column(name, no_wrap=True) for name in columns]
    return Table(*head, title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)


def _harms(evaluation: "Evaluation") -> Table:
    bundle = evaluation.bundle
    texts = counted(evaluation.rows, "text")
    if evaluation.rows < evaluation.rows_read:
        texts += f" drawn of {evaluation.rows_read:,}"
    title = f"{bundle.name} {bundle.version} on {texts} (figures with 95 % intervals)"
    table = _table("harm", *_COLUMNS, title=title)
    for harm, measured in evaluation.harms.items():
        table.add_row(harm, *_figures(measured.overall))
    return table


_COLUMNS = ("harmful", "not", "AUC", "av. precision", "ECE")


def _figures(figures: "HarmFigures") -> tuple[str, ...]:
    estimates = (figures.auc, figures.average_precision, figures.ece_even_odds)
    return (f"{figures.positives:,}", f"{figures.negatives:,}", *map(shown, estimates[:2]), shown(estimates[2])[:5])


def shown(estimate: "Estimate | None") -> str:
    """Write a figure between 0 and 1 with its interval."""
    if estimate is None:
        return TOO_FEW
    return f"{estimate.value:.3f} {_short(estimate.low)}-{_short(estimate.high)}"


def _short(share: float) -> str:
    return "1" if share >= 0.9995 else f"{share:.3f}"[1:]


def _points(evaluation: "Evaluation") -> Table:
    table = _table("harm", "cut", "flags", "precision", "recall", "F1", "cut is from", title="At thresholds")
    table.caption = "Precision is that among these texts; in a stream with fewer harmful texts it is lower."
    table.caption_justify = "left"
    for harm, measured in evaluation.harms.items():
        for number, point in enumerate(measured.overall.points):
            cut = f"{point.threshold.probability:.3f}"
            estimates = map(shown, (point.precision, point.recall, point.f1))
            table.add_row("" if number else harm, cut, f"{point.flagged:,}", *estimates, point.threshold.basis)
    return table


def _slices(evaluation: "Evaluation", kind: str) -> Table:
    table = _table("harm", kind, *_COLUMNS, title=f"By {kind}")
    for harm, measured in evaluation.harms.items():
        slices: Mapping[str, HarmFigures] = getattr(measured, f"by_{kind}")
        for number, (name, figures) in enumerate(slices.items()):
            table.add_row("" if number else harm, name, *_figures(figures))
    return table


def _ordinary(evaluation: "Evaluation") -> Table:
    most = max((len(found) for found in evaluation.ordinary.values()), default=0)
    cuts = (f"cut {number}" for number in range(1, most + 1))
    table = _table(
        "harm", "source", "texts", *cuts, title="False alarms per thousand ordinary texts, with exact intervals"
    )
    for harm, cut in evaluation.ordinary.items():
        sources = {"all": [each.overall for each in cut]} if cut else {}
        sources |= {name: [each.by_source[name] for each in cut] for name in (cut[0].by_source if cut else ())}
        for number, (name, alarms) in enumerate(sources.items()):
            table.add_row("" if number else harm, name, f"{alarms[0].texts:,}", *map(_per_thousand, alarms))
    return table


def _per_thousand(alarms: "FalseAlarms") -> str:
    rate = alarms.per_thousand
    return f"{rate.value:.1f} {rate.low:.1f}-{rate.high:.1f}"
