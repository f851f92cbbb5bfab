"""Trains a second opinion: logistic regressions on embeddings, weighed against a model that is there already.

The parts are those of the model's own training, by its seed: heads learn on what it learned on, their weight against
it is fitted on what both were not trained on, and figures are of the part that is held out.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from sluicegate.models import bundle as bundles
from sluicegate.models import measuring, splits
from sluicegate.models.figures import even_odds_weights, log_odds
from sluicegate.models.fitting import Progress
from sluicegate.models.labelled import BadRow, Row, read_labelled
from sluicegate.models.manifest import TrainingFile
from sluicegate.models.normalise import NORMALISATION
from sluicegate.models.opinion.bundle import Head, OpinionBundle, check_place, load_opinion, read_encoder, write_opinion
from sluicegate.models.opinion.comparing import compare, share_within
from sluicegate.models.opinion.encoder import Encoder
from sluicegate.models.opinion.errors import OpinionError
from sluicegate.models.opinion.manifest import (
    FORMAT,
    Band,
    Combination,
    FirstModel,
    OpinionManifest,
    SentenceModel,
)
from sluicegate.models.recipe import UNKNOWN, Recipe
from sluicegate.models.scored import score_rows
from sluicegate.models.seed import seed_rows
from sluicegate.models.training import Corpus, assemble

#: As of the model itself; embeddings have unit length, as its features do.
_INVERSE_REGULARISATION = 2.0

#: The source of the project's own seed texts, which a model may have been trained on besides files.
SEED = "seed"

#: Log-odds that a band reaches beyond the bundle's thresholds.
_MARGIN = 0.5


@dataclass(frozen=True)
class OpinionPlan:
    """What to make, beside which model.

    Attributes
    ----------
    name, version
        Of the opinion.
    encoder
        Folder with ``encoder.onnx`` and ``tokenizer.json``.
    first
        The model.
    recipe
        Harms, each of which the model must have; those left out get no opinion.
    attribution, licence
        Of the sentence model.
    most_per_source
        Texts of a source that are embedded at the most, drawn by the model's seed.
    """

    name: str
    version: str
    encoder: Path
    first: bundles.Bundle
    recipe: Recipe
    attribution: str
    licence: str
    most_per_source: int


@dataclass(frozen=True)
class TrainedOpinion:
    """The second opinion that was made and the lines of the data that were left out."""

    bundle: OpinionBundle
    bad: tuple[BadRow, ...]


def train_opinion(paths: Sequence[Path], out: Path, plan: OpinionPlan, progress: Progress) -> TrainedOpinion:
    """Train on labelled files and write a second opinion.

    Raises
    ------
    OpinionError
        If the place is taken, the encoder cannot be used, or the model lacks a harm or its thresholds.
    DataError
        If a file cannot be read, or a harm cannot be learned from what there is.
    """
    check_place(out)
    bands = {harm: _band(plan.first, harm) for harm in plan.recipe.harms}
    encoder, encoder_files = read_encoder(plan.encoder)
    files = [read_labelled(path) for path in paths]
    seed = plan.first.manifest.seed
    rows = [row for file in files for row in file.rows]
    if any(source.name == SEED for source in plan.first.manifest.sources):
        rows += seed_rows(plan.recipe.harms, seed)
    corpus = assemble(plan.recipe, _drawn(rows, seed, plan.most_per_source), seed)
    first = _first_log_odds(plan, corpus, progress)
    embeddings = _embed(encoder, corpus, progress)
    with threadpool_limits(limits=1):
        head = _fit(plan.recipe, corpus, embeddings, seed)
        margins = head.margins(embeddings)
        combination = _combine(plan.recipe, corpus, first, margins)
    combined = np.stack(
        [
            part.first * first[:, column] + part.opinion * margins[:, column] + part.intercept
            for column, part in enumerate(combination.values())
        ],
        axis=1,
    )
    manifest = plan.first.manifest
    write_opinion(
        out,
        OpinionManifest(
            format=FORMAT,
            kind="opinion",
            name=plan.name,
            version=plan.version,
            harms=plan.recipe.harms,
            normalisation=NORMALISATION,
            first=FirstModel(manifest.name, manifest.version, plan.first.digest),
            sentence_model=SentenceModel(plan.attribution, plan.licence, encoder.size),
            seed=seed,
            libraries=bundles.installed_libraries(),
            files={},
            training_files=tuple(
                TrainingFile(file.name, file.sha256, len(file.rows), len(file.bad))
                for file in sorted(files, key=lambda file: file.name)
            ),
            recipe_sha256=hashlib.sha256(msgspec.json.encode(plan.recipe, order="sorted")).hexdigest(),
            sources=measuring.source_counts(plan.recipe, corpus),
            combination=combination,
            bands=bands,
            metrics=compare(corpus, bands, first, combined),
            ordinary_in_band=share_within(plan.recipe, corpus, bands, first),
        ),
        head,
        encoder_files,
    )
    return TrainedOpinion(load_opinion(out), tuple(bad for file in files for bad in file.bad))


def _band(first: bundles.Bundle, harm: str) -> Band:
    """Return the log-odds from the loosest to the strictest threshold of the model, and a little beyond."""
    thresholds = first.manifest.ordinary.thresholds.get(harm, [])
    if not thresholds:
        raise OpinionError(
            f"model {first.path} has no thresholds of {harm}, around which it would be unsure; "
            "leave the harm out of the recipe, or train the model with ordinary texts"
        )
    found = log_odds(np.array([threshold.probability for threshold in thresholds]))
    return Band(round(float(found.min()) - _MARGIN, 4), round(float(found.max()) + _MARGIN, 4))


def _drawn(rows: Sequence[Row], seed: int, most: int) -> list[Row]:
    by_source: dict[str, list[Row]] = {}
    for row in rows:
        by_source.setdefault(row.source, []).append(row)
    drawn: list[Row] = []
    for found in by_source.values():
        ranks = [splits.draw(seed, "opinion:" + row.text.encode("utf-8", "replace").hex()) for row in found]
        chosen = np.sort(np.argsort(ranks, kind="stable")[:most])
        drawn += [found[index] for index in chosen]
    return drawn


def _first_log_odds(plan: OpinionPlan, corpus: Corpus, progress: Progress) -> NDArray[np.float64]:
    progress("score", 0, 1)
    scorer = plan.first.scorer()
    columns = [scorer.harms.index(harm) for harm in plan.recipe.harms]
    scores = score_rows(scorer, corpus.rows)[:, columns]
    progress("score", 1, 1)
    return log_odds(scores)


def _embed(encoder: Encoder, corpus: Corpus, progress: Progress) -> NDArray[np.float32]:
    embeddings = np.empty((len(corpus.rows), encoder.size), dtype=np.float32)
    for number, row in enumerate(corpus.rows):
        if number % 100 == 0:
            progress("embed", number, len(corpus.rows))
        embeddings[number] = encoder.embed(encoder.read(row.text)[0])
    progress("embed", len(corpus.rows), len(corpus.rows))
    return embeddings


def _fit(recipe: Recipe, corpus: Corpus, embeddings: NDArray[np.float32], seed: int) -> Head:
    coefficients = np.empty((embeddings.shape[1], len(recipe.harms)), dtype=np.float32)
    intercepts = np.empty(len(recipe.harms), dtype=np.float32)
    for column in range(len(recipe.harms)):
        used = (corpus.parts == splits.TRAIN) & ~corpus.measured & (corpus.kinds[:, column] != UNKNOWN)
        model = LogisticRegression(
            C=_INVERSE_REGULARISATION, class_weight="balanced", max_iter=500, random_state=seed
        ).fit(embeddings[used], corpus.values[used, column])
        coefficients[:, column] = model.coef_[0]
        intercepts[column] = model.intercept_[0]
    return Head(coefficients, intercepts)


def _combine(
    recipe: Recipe, corpus: Corpus, first: NDArray[np.float64], margins: NDArray[np.float64]
) -> dict[str, Combination]:
    """Fit the weight of both at even odds (stacking, Wolpert 1992), then move to the recipe's prevalence."""
    combination: dict[str, Combination] = {}
    for column, (harm, prevalence) in enumerate(recipe.prevalence.items()):
        used = (corpus.parts == splits.CALIBRATE) & ~corpus.measured & (corpus.kinds[:, column] != UNKNOWN)
        values = corpus.values[used, column]
        # As in training.calibrate: the small ridge is to mean the same for any number of texts.
        model = LogisticRegression(C=100.0, max_iter=1_000, tol=1e-8).fit(
            np.column_stack([first[used, column], margins[used, column]]),
            values,
            sample_weight=even_odds_weights(values) * len(values),
        )
        positives = int(values.sum())
        combination[harm] = Combination(
            first=max(float(model.coef_[0, 0]), 0.0),
            opinion=max(float(model.coef_[0, 1]), 0.0),
            intercept=float(model.intercept_[0]) + float(log_odds(np.array([prevalence]))[0]),
            prevalence=prevalence,
            positives=positives,
            negatives=len(values) - positives,
        )
    return combination
