"""The whole of an evaluation: from rows and a scorer to figures."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sluicegate.models.evaluation.evaluation import (
    EVALUATION_FORMAT,
    BundleMeasured,
    Evaluation,
    FileMeasured,
    Threshold,
)
from sluicegate.models.evaluation.harm import evaluate_harm
from sluicegate.models.evaluation.ordinary import ordinary_figures
from sluicegate.models.evaluation.resampling import RESAMPLES, Resamples, groups_of
from sluicegate.models.evaluation.sample import Progress, Sample, take_sample
from sluicegate.models.labelled import Row
from sluicegate.models.recipe import Recipe
from sluicegate.models.scorer import Scorer

__all__ = ["evaluate", "evaluate_sample"]

# Of a bundle that states no prevalence, probabilities are taken to be those at even odds.
_EVEN = 0.5


def evaluate(
    scorer: Scorer,
    rows: Sequence[Row],
    recipe: Recipe,
    thresholds: Mapping[str, Sequence[Threshold]],
    prevalence: Mapping[str, float],
    seed: int,
    progress: Progress,
) -> Evaluation:
    """Score rows and measure every harm.

    Parameters
    ----------
    recipe
        What labels of each source say of a harm that they do not name, and which texts are ordinary.
    thresholds
        Of each harm, those at which precision, recall and false alarms are measured.
    prevalence
        Of each harm, what its probabilities were calibrated to; even odds where it is missing.
    seed
        Where the resamples come from.

    Raises
    ------
    DataError
        If no row has a label of the scorer's harms.
    """
    return evaluate_sample(scorer, take_sample(scorer, rows, recipe, progress), thresholds, prevalence, seed, progress)


def evaluate_sample(
    scorer: Scorer,
    sample: Sample,
    thresholds: Mapping[str, Sequence[Threshold]],
    prevalence: Mapping[str, float],
    seed: int,
    progress: Progress,
    files: tuple[FileMeasured, ...] = (),
    rows_read: int | None = None,
) -> Evaluation:
    """Measure every harm on rows that are scored already."""
    resamples = Resamples.draw(groups_of(sample.rows), seed)
    harms = {}
    for number, harm in enumerate(sample.harms):
        progress("measure", number, len(sample.harms))
        if sample.known[:, sample.harms.index(harm)].any():
            cuts = thresholds.get(harm, ())
            harms[harm] = evaluate_harm(sample, harm, cuts, prevalence.get(harm, _EVEN), resamples)
    progress("measure", len(sample.harms), len(sample.harms))
    return Evaluation(
        format=EVALUATION_FORMAT,
        bundle=BundleMeasured(scorer.name, scorer.version, scorer.digest),
        files=files,
        rows=len(sample.rows),
        rows_read=len(sample.rows) if rows_read is None else rows_read,
        languages=_languages(sample),
        seed=seed,
        resamples=RESAMPLES,
        harms=harms,
        ordinary={harm: ordinary_figures(sample, harm, thresholds.get(harm, ())) for harm in sample.harms},
    )


def _languages(sample: Sample) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (source, language), texts in sorted(Counter((row.source, row.lang) for row in sample.rows).items()):
        found.setdefault(source, {})[language] = texts
    return found
