"""The page itself: plots, each with its figures as a table beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from sluicegate.models.evaluation.evaluation import KINDS, Evaluation
from sluicegate.models.evaluation.identity import ANY_HARM
from sluicegate.models.evaluation.page import plots
from sluicegate.models.evaluation.page.drawing import Plot
from sluicegate.models.evaluation.tables import (
    Table,
    alarm_table,
    comparison_tables,
    harm_table,
    identity_table,
    point_table,
    robustness_table,
    slice_table,
    term_table,
    transfer_table,
)

__all__ = ["evaluation_page"]


@dataclass(frozen=True)
class Section:
    """A part of the page: a plot if there is one, and tables, of which long ones stand folded."""

    title: str
    text: str
    plot: Plot | None
    tables: tuple[Table, ...]


def evaluation_page(evaluation: Evaluation) -> str:
    """Return the page: no script, no style and no picture of it is fetched from anywhere."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
    return template.render(evaluation=evaluation, sections=tuple(_sections(evaluation))) + "\n"


def _sections(evaluation: Evaluation) -> Iterator[Section]:
    yield Section(
        "How well harms are told apart",
        "An AUC is the chance that a harmful text scores above a harmless one: 1 is perfect, 0.5 is a coin.",
        plots.curve_plot(evaluation),
        (harm_table(evaluation), point_table(evaluation)),
    )
    yield Section(
        "Whether a probability means what it says",
        "Of texts that were given 70 %, seven in ten should be harmful. Compared at even odds.",
        plots.reliability_plot(evaluation),
        tuple(slice_table(evaluation, kind) for kind in KINDS),
    )
    if any(evaluation.ordinary.values()):
        yield Section(
            "False alarms on ordinary texts",
            "How many of a thousand ordinary texts are flagged, where the harm is all but absent.",
            plots.alarm_plot(evaluation),
            tuple(alarm_table(evaluation, kind) for kind in KINDS),
        )
    if evaluation.transfer:
        yield Section(
            "Sources left out of training",
            "A model trained without a source, measured on it: what to expect of texts from elsewhere.",
            None,
            (transfer_table(evaluation),),
        )
    if evaluation.robustness:
        yield Section(
            "Disguised texts",
            "The same texts, disguised and not; what a disguise costs is paired, text by text.",
            plots.robustness_plot(evaluation),
            (robustness_table(evaluation),),
        )
    yield from _identity(evaluation)
    if evaluation.comparison:
        other = evaluation.comparison.against
        text = f"Both bundles on the same texts; the other is {other.name} {other.version}, {other.digest}."
        yield Section("Beside another bundle", text, None, tuple(comparison_tables(evaluation.comparison)))


def _identity(evaluation: Evaluation) -> Iterator[Section]:
    if evaluation.identity is None:
        return
    other = evaluation.comparison.identity if evaluation.comparison else None
    yield Section(
        "Whom a text names",
        "Sentences that differ in nothing but the identity they name. A fair model flags all alike.",
        None,
        (identity_table(evaluation.identity, other),),
    )
    for harm, figures in evaluation.identity.harms.items():
        name = "any harm" if harm == ANY_HARM else harm
        yield Section(
            f"Whom a text names: {name}", "", plots.identity_plot(figures, harm), (term_table(figures, name),)
        )
