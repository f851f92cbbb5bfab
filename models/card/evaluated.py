"""The evaluation section of a card: on what was measured, by what, and what came out."""

from collections.abc import Iterator

from sluicegate.models.card.markdown import escaped, grid, points, table
from sluicegate.models.evaluation.evaluation import Evaluation
from sluicegate.models.evaluation.identity import ANY_HARM
from sluicegate.models.evaluation.tables import (
    alarm_table,
    harm_table,
    identity_table,
    point_table,
    robustness_table,
    slice_table,
    term_table,
    transfer_table,
)
from sluicegate.models.manifest import Manifest

__all__ = ["evaluation_section"]


def evaluation_section(manifest: Manifest, evaluation: Evaluation | None) -> Iterator[str]:
    """Write the section part by part; without an evaluation, the manifest's figures on texts held out."""
    yield "## Evaluation"
    if evaluation is None:
        yield "Held out of the sources trained on, as the manifest states it:"
        yield _stated(manifest)
        return
    yield "### Testing Data, Factors & Metrics"
    yield "#### Testing Data"
    yield (
        f"{evaluation.rows:,} texts, none trained on"
        + (f", drawn of {evaluation.rows_read:,}" if evaluation.rows < evaluation.rows_read else "")
        + ". Of sources trained on they are the part held out."
    )
    yield _measured_sources(manifest, evaluation)
    yield "#### Factors"
    yield (
        "Source, language, length, disguises of the text, and the identity that a text names. Nothing is known of the "
        "people who wrote the texts."
    )
    yield "#### Metrics"
    yield (
        f"See the glossary. Intervals are of 95 %: of {evaluation.resamples} bootstrap resamples by group, of Clopper "
        "and Pearson for false alarms. Where a class has under ten texts no figure is given, but *too few*."
    )
    yield "### Results"
    yield from _results(evaluation)


def _results(evaluation: Evaluation) -> Iterator[str]:
    found = [harm_table(evaluation), point_table(evaluation)]
    found += [slice_table(evaluation, kind) for kind in ("source", "language", "length")]
    found.append(alarm_table(evaluation, "source"))
    found.append(alarm_table(evaluation, "language"))
    if evaluation.transfer:
        found.append(transfer_table(evaluation))
    if evaluation.robustness:
        found.append(robustness_table(evaluation))
    if evaluation.identity:
        found.append(identity_table(evaluation.identity))
        found.append(term_table(evaluation.identity.harms[ANY_HARM], "the largest of all harms"))
    for each in found:
        yield f"#### {each.title}"
        yield table(each)


def _measured_sources(manifest: Manifest, evaluation: Evaluation) -> str:
    known = {source.name: source for source in manifest.sources}
    rows = []
    for name, languages in evaluation.languages.items():
        source = known.get(name)
        trained = "held out" if source and source.train else "not trained on"
        licence = source.licence if source else "not stated"
        texts = sum(languages.values())
        rows.append((name, trained, ", ".join(languages), licence, f"{texts:,}"))
    return grid(("source", "use", "languages", "licence", "texts"), rows, 4)


def _stated(manifest: Manifest) -> str:
    rows = (
        (
            harm,
            f"{found.positives:,}",
            f"{found.negatives:,}",
            *("too few" if value is None else f"{value:.3f}" for value in (found.auc, found.average_precision)),
        )
        for harm, found in manifest.metrics.items()
    )
    shown = grid(("harm", "harmful", "not", "AUC", "av. precision"), rows)
    others = sorted({escaped(name) for found in manifest.metrics.values() for name in found.transfer})
    return shown + ("\n\n" + points([f"Measured on, not trained on: {', '.join(others)}."]) if others else "")
