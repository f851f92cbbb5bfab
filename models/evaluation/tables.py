"""An evaluation as plain tables of words, which the terminal, the page and the model card lay out each in its way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sluicegate.models.evaluation.evaluation import (
    KINDS,
    Comparison,
    Difference,
    Estimate,
    Evaluation,
    FalseAlarms,
    HarmFigures,
    IdentityBias,
    IdentityFigures,
)
from sluicegate.models.figures import shown_probability

__all__ = [
    "TOO_FEW",
    "Table",
    "alarm_table",
    "comparison_tables",
    "harm_table",
    "identity_table",
    "point_table",
    "robustness_table",
    "shown",
    "signed",
    "slice_table",
    "tables",
    "term_table",
    "transfer_table",
]

TOO_FEW = "too few"

_FIGURES = ("harmful", "not", "AUC", "av. precision", "ECE")


@dataclass(frozen=True)
class Table:
    """A table of words; the first ``texts`` columns name what the others give figures of."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: int = 1
    note: str = ""


def tables(evaluation: Evaluation) -> Iterator[Table]:
    """Lay out all of an evaluation but the single identity terms."""
    yield harm_table(evaluation)
    points = point_table(evaluation)
    if points.rows:
        yield points
    for kind in KINDS:
        yield slice_table(evaluation, kind)
    for kind in KINDS:
        yield alarm_table(evaluation, kind)
    if evaluation.robustness:
        yield robustness_table(evaluation)
    if evaluation.identity:
        yield identity_table(evaluation.identity, evaluation.comparison.identity if evaluation.comparison else None)
    if evaluation.transfer:
        yield transfer_table(evaluation)
    if evaluation.comparison:
        yield from comparison_tables(evaluation.comparison)


def shown(estimate: Estimate | None) -> str:
    """Write a figure between 0 and 1 with its interval."""
    if estimate is None:
        return TOO_FEW
    return f"{estimate.value:.3f} {_short(estimate.low)}-{_short(estimate.high)}"


def harm_table(evaluation: Evaluation) -> Table:
    """Lay out the figures of each harm over all texts."""
    rows = ((harm, *_figures(measured.overall)) for harm, measured in evaluation.harms.items())
    note = (
        "All texts measured, those of sources and languages that were not trained on among them. ECE: expected "
        "calibration error at even odds. Behind a figure stands its 95 % interval (.5 is a coin's AUC)."
    )
    return Table("Each harm", ("harm", *_FIGURES), tuple(rows), note=note)


def point_table(evaluation: Evaluation) -> Table:
    """Lay out what lies above each threshold."""
    rows = (
        (
            harm,
            point.threshold.basis,
            shown_probability(point.threshold.probability),
            f"{point.flagged:,}",
            shown(point.precision),
            shown(point.recall),
            TOO_FEW if point.f1 is None else f"{point.f1.value:.3f}",
        )
        for harm, measured in evaluation.harms.items()
        for point in measured.overall.points
    )
    columns = ("harm", "from", "cut", "flagged", "precision", "recall", "F1")
    note = "Precision is that among these texts; in a stream with fewer harmful texts it is lower."
    return Table("At thresholds", columns, tuple(rows), 2, note)


def slice_table(evaluation: Evaluation, kind: str) -> Table:
    """Lay out the figures of each harm by ``source``, ``language`` or ``length``."""
    rows = [
        (harm, name, *_figures(figures))
        for harm, measured in evaluation.harms.items()
        for name, figures in measured.by(kind).items()
    ]
    note = "Length in characters." if kind == "length" else ""
    return Table(f"By {kind}", ("harm", kind, *_FIGURES), tuple(rows), 2, note)


def alarm_table(evaluation: Evaluation, kind: str) -> Table:
    """Lay out false alarms by ``source``, ``language`` or ``length``, those over all texts first."""
    most = max((len(found) for found in evaluation.ordinary.values()), default=0)
    rows = []
    for harm, cuts in evaluation.ordinary.items():
        if cuts:
            slices = [{"all": cut.overall, **cut.by(kind)} for cut in cuts]
            for name, first in slices[0].items():
                rates = [_per_thousand(each[name]) for each in slices]
                rows.append((harm, name, f"{first.texts:,}", *rates, *[""] * (most - len(rates))))
    columns = ("harm", kind, "texts", *(f"cut {number}" for number in range(1, most + 1)))
    title = f"False alarms per thousand ordinary texts, by {kind}"
    return Table(title, columns, tuple(rows), 2, "Behind a rate stands its exact 95 % interval; cuts as above.")


def robustness_table(evaluation: Evaluation) -> Table:
    """Lay out what each disguise costs each harm."""
    harms = dict.fromkeys(harm for drops in evaluation.robustness.values() for harm in drops)
    rows = [
        (harm, name.replace("_", " "), f"{drop.auc:.3f}", f"{drop.disguised:.3f}", signed(drop.drop))
        for harm in harms
        for name, drops in evaluation.robustness.items()
        for drop in [drops[harm]]
    ]
    return Table("What disguises cost", ("harm", "disguise", "AUC", "disguised", "falls by"), tuple(rows), 2)


def identity_table(bias: IdentityBias, other: IdentityBias | None = None) -> Table:
    """Lay out, for each harm, how far apart the identity terms are."""
    rows = []
    for harm, figures in bias.harms.items():
        rates = {each.term: each.rate.value for each in figures.terms if each.rate}
        ranked = sorted(rates, key=lambda term: -rates[term])
        words = [", ".join(f"{term} {rates[term]:.1%}" for term in part) for part in (ranked[:3], ranked[-2:])]
        gaps = [_gap(each.harms.get(harm)) for each in (bias, other) if each]
        rows.append((harm, *words, *gaps))
    columns = ("harm", "most flagged", "least flagged", "gap", *(("other's gap",) if other else ()))
    note = (
        f"On {bias.texts:,} texts of {bias.file}. Gap: largest less smallest share of harmless texts that is flagged, "
        "at the cut where 5 % of all harmless texts are; any: the largest of all harms."
    )
    return Table("Identity terms", columns, tuple(rows), 3, note)


def term_table(figures: IdentityFigures, harm: str) -> Table:
    """Lay out every identity term of one harm."""
    rows = (
        (
            each.term,
            f"{each.harmless:,}",
            shown(each.rate),
            f"{each.rest:.3f}",
            *(TOO_FEW if auc is None else f"{auc:.3f}" for auc in (each.subgroup_auc, each.bpsn_auc, each.bnsp_auc)),
        )
        for each in sorted(figures.terms, key=lambda each: -(each.rate.value if each.rate else 0))
    )
    columns = ("term", "harmless", "flagged", "of the rest", "subgroup AUC", "BPSN AUC", "BNSP AUC")
    return Table(f"Identity terms: {harm}", columns, tuple(rows))


def transfer_table(evaluation: Evaluation) -> Table:
    """Lay out what a model is worth on each source that it was trained without."""
    rows = (
        (
            each.harm,
            each.source,
            *(TOO_FEW if auc is None else f"{auc:.3f}" for auc in (each.auc, each.auc_against_ordinary)),
        )
        for each in evaluation.transfer
    )
    return Table("Sources left out of training", ("harm", "source", "AUC", "AUC against ordinary"), tuple(rows), 2)


def comparison_tables(comparison: Comparison) -> Iterator[Table]:
    """Lay out the differences between two bundles, over all texts and by what kind of text they are."""
    other = comparison.against
    columns = ("figure", "this", "other", "difference")
    yield Table(
        f"Less {other.name} {other.version}, paired on the same texts",
        ("harm", *columns),
        tuple(
            (harm, *row)
            for harm, compared in comparison.harms.items()
            for row in _differences(compared.overall.items())
        ),
        2,
        "A star stands where the interval of the difference leaves out 0.",
    )
    for kind in KINDS:
        rows = tuple(
            (harm, name, *row)
            for harm, compared in comparison.harms.items()
            for name, found in compared.by(kind).items()
            for row in _differences((figure, each) for figure, each in found.items() if figure == "AUC")
        )
        if rows:
            yield Table(f"Difference of the AUC by {kind}", ("harm", kind, *columns), rows, 3)


def signed(difference: Estimate) -> str:
    """Write a difference with its interval, and a star where that leaves out 0."""
    sure = " *" if difference.low > 0 or difference.high < 0 else ""
    return f"{difference.value:+.3f} {difference.low:+.3f} to {difference.high:+.3f}{sure}"


def _differences(found: Iterable[tuple[str, Difference]]) -> Iterator[tuple[str, ...]]:
    for name, each in found:
        yield name, f"{each.this:.3f}", f"{each.other:.3f}", signed(each.difference)


def _figures(figures: HarmFigures) -> tuple[str, ...]:
    ece = TOO_FEW if figures.ece_even_odds is None else f"{figures.ece_even_odds.value:.3f}"
    estimates = (shown(figures.auc), shown(figures.average_precision), ece)
    return (f"{figures.positives:,}", f"{figures.negatives:,}", *estimates)


def _short(share: float) -> str:
    return "1" if share >= 0.9995 else f"{share:.3f}"[1:]


def _per_thousand(alarms: FalseAlarms) -> str:
    rate = alarms.per_thousand
    return f"{rate.value:.1f} {rate.low:.1f}-{rate.high:.1f}"


def _gap(figures: IdentityFigures | None) -> str:
    return TOO_FEW if figures is None or figures.gap is None else f"{figures.gap:.3f}"
