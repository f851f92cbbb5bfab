"""The whole of a training: from files and a recipe to a bundle on disk."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sluicegate.models import bundle as bundles
from sluicegate.models import features, measuring
from sluicegate.models.drift.unknown import unknown_words
from sluicegate.models.fitting import Progress
from sluicegate.models.labelled import BadRow, DataError, Row, read_labelled
from sluicegate.models.manifest import FORMAT, Manifest, Ordinary, TrainingFile
from sluicegate.models.normalise import NORMALISATION
from sluicegate.models.recipe import Recipe
from sluicegate.models.samples import SAMPLES, is_encodable, parity_samples, sample_signals
from sluicegate.models.scorer import HashedLinearScorer
from sluicegate.models.seed import seed_rows
from sluicegate.models.seed.identities import identity_rows
from sluicegate.models.training import assemble, fit


@dataclass(frozen=True)
class Plan:
    """What to make: the model's name and version, the recipe, and the seed that all chance comes from.

    ``grammar`` says whether the project's own seed texts are trained on as well.
    """

    name: str
    version: str
    recipe: Recipe
    seed: int
    grammar: bool
    replace: bool = False


@dataclass(frozen=True)
class Trained:
    """The bundle that was made and the lines of the data that were left out."""

    bundle: bundles.Bundle
    bad: tuple[BadRow, ...]


def own_rows(recipe: Recipe, seed: int) -> list[Row]:
    """Return the texts that the project wrote itself: those of the seed grammar, and those on identities."""
    return seed_rows(recipe.harms, seed) + identity_rows(recipe.harms, seed)


def train_bundle(paths: Sequence[Path], out: Path, plan: Plan, progress: Progress) -> Trained:
    """Train on labelled files and write a bundle.

    Raises
    ------
    DataError
        If a file cannot be read, or a harm cannot be learned from what there is.
    BundleError
        If the place is taken.
    """
    bundles.check_place(out, replace=plan.replace)
    files = []
    for number, path in enumerate(paths):
        progress("read", number, len(paths))
        files.append(read_labelled(path))
    progress("read", len(paths), len(paths))
    rows = [row for file in files for row in file.rows]
    if not rows:
        raise DataError("no labelled text was read; give JSON lines with the members text and labels")
    if plan.grammar:
        rows += own_rows(plan.recipe, plan.seed)
    corpus = assemble(plan.recipe, rows, plan.seed)
    weights = fit(plan.recipe, corpus, progress)
    manifest = Manifest(
        format=FORMAT,
        name=plan.name,
        version=plan.version,
        harms=plan.recipe.harms,
        normalisation=NORMALISATION,
        features=features.BLOCKS,
        seed=plan.seed,
        libraries=bundles.installed_libraries(),
        files={},
        training_files=tuple(
            TrainingFile(file.name, file.sha256, len(file.rows), len(file.bad))
            for file in sorted(files, key=lambda file: file.name)
        ),
        recipe_sha256=hashlib.sha256(msgspec.json.encode(plan.recipe, order="sorted")).hexdigest(),
        sources=measuring.source_counts(plan.recipe, corpus),
        calibration=weights.calibration,
        metrics={},
        ordinary=Ordinary(0, {}, {}, {}),
        parity=(),
        signals=weights.signals,
    )
    scorer = HashedLinearScorer(manifest, "", weights.tensors)
    unseen = measuring.score_unseen(corpus, scorer, progress)
    samples = [text for text in SAMPLES if is_encodable(text)]
    manifest = msgspec.structs.replace(
        manifest,
        metrics=measuring.harm_metrics(plan.recipe, corpus, unseen),
        ordinary=measuring.ordinary_figures(
            plan.recipe, corpus, unseen, unknown_words(features.BLOCKS, weights.tensors)
        ),
        parity=parity_samples(
            scorer, samples, [sample_signals(scorer.signals, place) for place in range(len(samples))]
        ),
    )
    bundles.write_bundle(out, manifest, weights.tensors, replace=plan.replace)
    return Trained(bundles.load_bundle(out), tuple(bad for file in files for bad in file.bad))
