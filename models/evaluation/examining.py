"""The whole of an evaluation: from files and bundles to one document."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from sluicegate.models.bundle import Bundle
from sluicegate.models.evaluation.comparing import Side, compare
from sluicegate.models.evaluation.evaluate import evaluate_sample
from sluicegate.models.evaluation.evaluation import (
    BundleMeasured,
    Comparison,
    Evaluation,
    IdentityBias,
    Threshold,
    Transfer,
)
from sluicegate.models.evaluation.identity import identity_bias
from sluicegate.models.evaluation.perturbations import PERTURBATIONS
from sluicegate.models.evaluation.reading import read_files
from sluicegate.models.evaluation.robustness import robustness
from sluicegate.models.evaluation.sample import Progress, draw_rows, score_texts, take_sample
from sluicegate.models.evaluation.thresholds import chosen_thresholds, given_thresholds, stated_thresholds
from sluicegate.models.labelled import BadRow, LabelledFile, read_labelled
from sluicegate.models.recipe import Recipe
from sluicegate.models.scorer import Scorer

__all__ = ["Examined", "Plan", "examine"]


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Attributes
    ----------
    recipe
        What is known of each source.
    thresholds
        As they were given, ``HARM=PROBABILITY``; where none was, those of the bundle.
    most
        Texts that are drawn at most; None is all.
    identity, terms
        Texts that name identities, and the identities; None is no such test.
    disguises
        Whether texts are disguised.
    against
        A bundle to compare with.
    transfer
        What was measured on sources left out of training.
    """

    recipe: Recipe
    seed: int
    thresholds: tuple[str, ...] = ()
    most: int | None = None
    identity: Path | None = None
    terms: tuple[str, ...] = ()
    disguises: bool = True
    against: Bundle | None = None
    transfer: tuple[Transfer, ...] = ()


@dataclass(frozen=True)
class Examined:
    """The evaluation, and the lines of the files that were left out."""

    evaluation: Evaluation
    bad: tuple[BadRow, ...]


def examine(bundle: Bundle, paths: Sequence[Path], plan: Plan, progress: Progress) -> Examined:
    """Measure a bundle on labelled files.

    Raises
    ------
    DataError
        If a file cannot be read, no row has a label of the bundle's harms, or a threshold cannot be used.
    """
    thresholds = _thresholds(bundle, plan)
    others = _thresholds(plan.against, plan) if plan.against else {}
    identities = read_labelled(plan.identity) if plan.identity else None
    manifests = [each.manifest for each in (bundle, plan.against) if each]
    read = read_files(paths, manifests, progress)
    scorer = bundle.scorer()
    sample = take_sample(scorer, draw_rows(read.rows, plan.most, plan.seed), plan.recipe, progress)
    evaluation = evaluate_sample(
        scorer, sample, thresholds, _prevalence(bundle), plan.seed, progress, read.files, len(read.rows)
    )
    if identities:
        evaluation = msgspec.structs.replace(evaluation, identity=_identity(scorer, identities, plan, progress))
    if plan.transfer:
        own = tuple(each for each in plan.transfer if each.harm in scorer.harms)
        evaluation = msgspec.structs.replace(evaluation, transfer=own)
    if plan.disguises:
        drops = robustness(scorer, sample, PERTURBATIONS, plan.seed, progress)
        evaluation = msgspec.structs.replace(evaluation, robustness=drops)
    if plan.against:
        this = Side(sample, thresholds, _prevalence(bundle))
        comparison = _comparison(this, plan.against, others, identities, plan, progress)
        evaluation = msgspec.structs.replace(evaluation, comparison=comparison)
    return Examined(evaluation, read.bad + (identities.bad if identities else ()))


def _thresholds(bundle: Bundle, plan: Plan) -> dict[str, tuple[Threshold, ...]]:
    manifest = bundle.manifest
    return chosen_thresholds(stated_thresholds(manifest), given_thresholds(plan.thresholds, manifest.harms))


def _prevalence(bundle: Bundle) -> dict[str, float]:
    return {harm: fitted.prevalence for harm, fitted in bundle.manifest.calibration.items()}


def _identity(scorer: Scorer, file: LabelledFile, plan: Plan, progress: Progress) -> IdentityBias:
    texts = [row.text for row in file.rows]
    harmful = np.array([any(row.labels.values()) for row in file.rows], dtype=np.bool_)
    scores = score_texts(scorer, texts, "identity", progress)
    return identity_bias(file.name, texts, harmful, scores, scorer.harms, plan.terms)


def _comparison(
    this: Side,
    against: Bundle,
    thresholds: dict[str, tuple[Threshold, ...]],
    identities: LabelledFile | None,
    plan: Plan,
    progress: Progress,
) -> Comparison:
    scorer = against.scorer()
    other = Side(take_sample(scorer, this.sample.rows, plan.recipe, progress), thresholds, _prevalence(against))
    return Comparison(
        BundleMeasured(scorer.name, scorer.version, scorer.digest),
        compare(this, other, plan.seed, progress),
        _identity(scorer, identities, plan, progress) if identities else None,
    )
