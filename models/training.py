"""Training: from labelled rows to the weights of one calibrated logistic regression for each harm.

Nothing here reads the clock or draws numbers but from the seed: the same rows, recipe and seed give the
same weights, to the byte.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from sluicegate.models import features, splits
from sluicegate.models.figures import even_odds_weights, log_odds
from sluicegate.models.fitting import AlikeTexts, HarmTask, Progress, feature_matrix
from sluicegate.models.labelled import DataError, Row
from sluicegate.models.manifest import Calibration
from sluicegate.models.normalise import normalise
from sluicegate.models.recipe import STATED, TRAINED, UNKNOWN, Recipe, label
from sluicegate.models.signals import TENSOR, SignalFeature, with_signals

MIN_TEXTS = 20

FOLDS = 5
"""Where few positives are held back, each fold is, in turn, what the others are calibrated on."""

SCARCE = 400
"""Positives held back that are few."""


class HarmDataError(DataError):
    """A harm of the recipe cannot be learned from the texts that there are."""


@dataclass(frozen=True)
class Corpus:
    """Rows with their labels, parts and what the recipe says; a row may belong to a source only measured on.

    ``values`` and ``kinds`` have shape (n_rows, n_harms), ``parts``, ``folds``, ``measured`` and ``alike`` (n_rows,).
    ``alike`` is what it costs where a row scores otherwise than the rest of its group.
    """

    rows: tuple[Row, ...]
    values: NDArray[np.int8]
    kinds: NDArray[np.int8]
    parts: NDArray[np.int8]
    folds: NDArray[np.int8]
    measured: NDArray[np.bool_]
    alike: NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """The tensors of a bundle, calibration and prevalence folded in, and how each harm was calibrated."""

    tensors: dict[str, NDArray[np.generic]]
    calibration: dict[str, Calibration]
    signals: tuple[SignalFeature, ...] = ()


def assemble(recipe: Recipe, rows: Sequence[Row], seed: int) -> Corpus:
    """Label and split the rows, and check that every harm can be learned.

    Raises
    ------
    HarmDataError
        If a harm has too few positives or negatives to train, calibrate and measure on.
    """
    values, kinds = label(recipe, rows, seed)
    groups = splits.group_names(rows)
    parts = splits.parts_of(groups, seed)
    uses = np.array([recipe.source(row.source).use for row in rows], dtype=object)
    measured = np.asarray(uses == "measure")
    parts[_apart(uses == "learn", groups)] = splits.TRAIN
    alike = np.array([recipe.source(row.source).alike if row.gid is not None else 0.0 for row in rows])
    alike[((values == 1) & (kinds != UNKNOWN)).any(1) | measured] = 0.0
    for column, harm in enumerate(recipe.harms):
        for value, name in ((1, "positive"), (0, "negative")):
            usable = np.isin(kinds[:, column], TRAINED) & (values[:, column] == value) & ~measured
            found = int(usable.sum())
            in_each = [int((usable & (parts == part)).sum()) for part in range(3)]
            if found < MIN_TEXTS or min(in_each) < 1:
                train, calibrate, test = in_each
                raise HarmDataError(
                    f"harm {harm!r} has {found} {name} texts ({train} to train on, {calibrate} to calibrate on, {test} "
                    f"to measure on); give at least {MIN_TEXTS}, and of more groups (gid, user) where one of the three "
                    "has none, or leave the harm out of the recipe"
                )
    return Corpus(tuple(rows), values, kinds, parts, splits.folds_of(groups, FOLDS, seed), measured, alike)


def _apart(chosen: NDArray[np.bool_], groups: Sequence[str]) -> NDArray[np.bool_]:
    """Tell which of the chosen rows share no group with others: shape (n_rows,)."""
    names = np.array(groups, dtype=object).astype(str)
    return np.asarray(chosen & ~np.isin(names, names[~chosen]))


def fit(recipe: Recipe, corpus: Corpus, progress: Progress) -> Weights:
    """Fit one logistic regression for each harm on the training part and calibrate it on its own part."""
    # Parallel sums differ in their last bits with the number of threads.
    with threadpool_limits(limits=1):
        used = np.flatnonzero((corpus.parts != splits.TEST) & ~corpus.measured & corpus.kinds.any(1))
        texts = [normalise(corpus.rows[index].text) for index in used]
        training = corpus.parts[used] == splits.TRAIN
        matrix, idfs = feature_matrix(texts, training, progress)
        matrix, signals = with_signals(matrix, recipe.signals, [corpus.rows[index].signals for index in used], training)
        alike = AlikeTexts.among(corpus.rows, corpus.alike, used, matrix)
        columns: list[NDArray[np.float64]] = []
        intercepts: list[float] = []
        calibration: dict[str, Calibration] = {}
        for column, harm in enumerate(recipe.harms):
            progress("fit", column, len(recipe.harms))
            task = HarmTask(
                matrix,
                corpus.values[used, column],
                np.isin(corpus.kinds[used, column], TRAINED),
                np.isin(corpus.kinds[used, column], STATED),
                recipe.inverse_regularisation,
                alike,
            )
            model, margins, held = _held_back(task, training, corpus.folds[used])
            fitted = calibrate(margins, task.values[held], recipe.prevalence[harm])
            calibration[harm] = fitted
            columns.append(fitted.slope * model.coef_[0].astype(np.float64))
            shift = float(log_odds(np.array([fitted.prevalence]))[0])
            intercepts.append(fitted.slope * float(model.intercept_[0]) + fitted.intercept + shift)
        progress("fit", len(recipe.harms), len(recipe.harms))
    return Weights(_tensors(np.stack(columns, axis=1), np.array(intercepts), idfs, signals), calibration, signals)


def _held_back(
    task: HarmTask, training: NDArray[np.bool_], folds: NDArray[np.int8]
) -> tuple[LogisticRegression, NDArray[np.float64], NDArray[np.bool_]]:
    """Fit a harm on all texts; give the margins of stated ones by models that did not see them, and which those are.

    Where the part to calibrate on holds few positives, all texts are held back in turn: calibration would else hang on
    a handful of them. Where too few are stated at all, those that are only learned from stand in.
    """
    model = task.regression(np.ones_like(training))
    held = task.stated & ~training
    if task.values[held].sum() >= SCARCE:
        return model, task.margins(task.regression(training), held), held
    held = task.stated if _tells(task.values[task.stated]) else task.trained
    margins = np.zeros(len(held), dtype=np.float64)
    for fold in range(FOLDS):
        away = folds == fold
        chosen = held & away
        if chosen.any() and _has_both(task.values[task.trained & ~away]):
            margins[chosen] = task.margins(task.regression(~away), chosen)
        else:
            held = held & ~away
    return model, margins[held], held


def _tells(values: NDArray[np.int8]) -> bool:
    """Tell whether texts can calibrate: enough with the harm and enough without."""
    return min(int((values == 1).sum()), int((values == 0).sum())) >= MIN_TEXTS


def _has_both(values: NDArray[np.int8]) -> bool:
    return bool(values.any()) and not bool(values.all())


def calibrate(margins: NDArray[np.float64], values: NDArray[np.int8], prevalence: float) -> Calibration:
    """Fit Platt's map at even odds (Platt 1999, Probabilistic outputs for support vector machines)."""
    # The weights sum to the number of texts, so that the small ridge means the same for any even-odds sample.
    model = LogisticRegression(C=100.0, max_iter=1_000, tol=1e-8).fit(
        margins[:, None], values, sample_weight=even_odds_weights(values) * len(values)
    )
    positives = int(values.sum())
    return Calibration(
        slope=max(float(model.coef_[0, 0]), 0.0),
        intercept=float(model.intercept_[0]),
        prevalence=prevalence,
        positives=positives,
        negatives=len(values) - positives,
    )


def _tensors(
    coefficients: NDArray[np.float64],
    intercepts: NDArray[np.float64],
    idfs: dict[str, NDArray[np.float32]],
    signals: tuple[SignalFeature, ...],
) -> dict[str, NDArray[np.generic]]:
    """Lay the tensors out by block. Half precision halves the bundle; the rounded values *are* the model."""
    tensors: dict[str, NDArray[np.generic]] = {"intercepts": intercepts}
    start = 0
    for block in features.BLOCKS:
        tensors[f"idf.{block.name}"] = idfs[block.name]
        tensors[f"coefficients.{block.name}"] = coefficients[start : start + block.size].astype(np.float16)
        start += block.size
    if signals:
        tensors[TENSOR] = coefficients[start:].astype(np.float32)
    return tensors
