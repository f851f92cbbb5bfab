"""One harm's calibration read anew: fitted on one part of labelled texts, judged on the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.calibrating.recorded import LogitMap
from sluicegate.models.figures import calibration_error, log_odds, sigmoid
from sluicegate.models.splits import draw
from sluicegate.models.thresholds.recorded import Estimate
from sluicegate.models.training import calibrate

MIN_TEXTS = 20
"""Positives, and negatives, that each of the two parts needs."""

DRAWS = 300
TAILS = (0.025, 0.975)


@dataclass(frozen=True)
class Fitted:
    """Platt's map over log-odds at even odds, and expected calibration errors at even odds on the other part."""

    map: LogitMap
    before: Estimate
    after: Estimate
    fitted: int
    measured: int
    positives: int
    negatives: int


@dataclass(frozen=True)
class Left:
    """Why a harm is left as it is, in one sentence."""

    reason: str


def refit(
    even: NDArray[np.float64], labels: NDArray[np.int8], groups: Sequence[str], seed: int, *, force: bool
) -> Fitted | Left:
    """Fit Platt's map on half of the groups, and measure what it does on the other half.

    Parameters
    ----------
    even
        Log-odds at even odds that the bundle gives, shape (n_texts,).
    labels
        0 or 1, shape (n_texts,).
    groups
        The name of each text's group; no group is in both parts, and intervals come from drawing groups.
    force
        Whether a map that makes the calibration worse is given all the same.
    """
    fitting = np.array([draw(seed, "calibrate:" + name) < 0.5 for name in groups], dtype=np.bool_)
    for value, name in ((1, "positive"), (0, "negative")):
        counts = [int((labels[part] == value).sum()) for part in (fitting, ~fitting)]
        if min(counts) < MIN_TEXTS:
            return Left(
                f"{sum(counts)} {name} texts, {counts[0]} of them to fit on and {counts[1]} to measure on; "
                f"each part needs {MIN_TEXTS}"
            )
    found = calibrate(even[fitting], labels[fitting], 0.5)
    line = LogitMap(found.slope, found.intercept)
    if line.slope <= 0:
        return Left("the scores do not rise with the labels; look whether these are turned round")
    names = [name for name, chosen in zip(groups, fitting, strict=True) if not chosen]
    before, after = (
        calibration_errors(labels[~fitting], logits, names, seed)
        for logits in (even[~fitting], line.slope * even[~fitting] + line.intercept)
    )
    if after.value > before.value and not force:
        return Left(
            f"the error of calibration would rise from {before.value:.3f} to {after.value:.3f}; --force does it still"
        )
    return Fitted(line, before, after, int(fitting.sum()), len(names), found.positives, found.negatives)


def calibration_errors(
    labels: NDArray[np.int8], logits: NDArray[np.float64], groups: Sequence[str], seed: int
) -> Estimate:
    """Return the expected calibration error at even odds with an interval, from drawing groups with replacement.

    Drawing adds noise of its own, which an error that has no sign takes for miscalibration: the drawn errors are
    moved so that their mean is the error itself (Efron and Tibshirani 1993, section 10.6), and not below 0.
    """
    probabilities = sigmoid(logits)
    error = calibration_error(labels, probabilities)
    names, of_text = np.unique(np.array(groups, dtype=object).astype(str), return_inverse=True)
    rng = np.random.default_rng(seed)
    drawn = np.empty(DRAWS)
    for number in range(DRAWS):
        counts = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))
        rows = np.repeat(np.arange(len(labels)), counts[of_text])
        drawn[number] = calibration_error(labels[rows], probabilities[rows])
    low, high = np.maximum(0.0, np.quantile(drawn, TAILS) + error - drawn.mean())
    return Estimate(error, min(float(low), error), max(float(high), error))


def moved(line: LogitMap, before: float, after: float) -> LogitMap:
    """Return the line from served log-odds to served log-odds, of a line at even odds and two prevalences."""
    priors = log_odds(np.array([before, after]))
    return LogitMap(line.slope, float(line.intercept + priors[1] - line.slope * priors[0]))
