"""Which harms of a bundle are calibrated anew by labelled texts or by another prevalence, and which are left."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from sluicegate.models.calibrating.fitting import Fitted, Left, moved, refit
from sluicegate.models.calibrating.recorded import LogitMap, Recalibration
from sluicegate.models.figures import log_odds
from sluicegate.models.manifest import Calibration, Manifest
from sluicegate.models.scored import Scored
from sluicegate.models.splits import group_names

EVEN = 0.5
"""The prevalence that is taken for that of a bundle that states none: Platt's map makes up for it."""


@dataclass(frozen=True)
class Recalibrated:
    """By harm: what is changed, what the manifest states of its map from then on, and why others are left."""

    changes: dict[str, Recalibration]
    calibration: dict[str, Calibration]
    left: dict[str, str]


@dataclass(frozen=True)
class _Move:
    """From which prevalence to which a harm's probabilities go."""

    before: float
    to: float


def recalibrate(
    manifest: Manifest, labelled: Scored | None, prevalence: Mapping[str, float], seed: int, *, force: bool
) -> Recalibrated:
    """Calibrate the harms that texts are labelled for, and move those with another prevalence to it.

    Parameters
    ----------
    labelled
        Texts with the probabilities that the bundle gives; None to move prevalences only.
    prevalence
        By harm, the share of all posts that is to be reckoned with; others keep what the bundle states.
    seed
        Where the parts and the intervals are drawn from.
    force
        Whether a map that makes the calibration worse is taken all the same.
    """
    found = Recalibrated({}, {}, {})
    groups = np.array(group_names(labelled.rows) if labelled else [], dtype=object)
    for harm in manifest.harms:
        stated = manifest.calibration.get(harm)
        to = prevalence.get(harm, stated.prevalence if stated else None)
        has_labels = labelled is not None and bool(labelled.labelled(harm).any())
        if to is None:
            if has_labels:
                found.left[harm] = f"the bundle states no prevalence; give --prevalence {harm}=SHARE"
            continue
        move = _Move(stated.prevalence if stated else EVEN, to)
        if labelled is not None and has_labels:
            fitted = _fitted(harm, labelled, groups, move, seed, force=force)
            if isinstance(fitted, Fitted):
                found.changes[harm] = _change(move, fitted, labelled, seed)
                found.calibration[harm] = _calibration(stated, fitted, to)
                continue
            found.left[harm] = fitted.reason
        if harm in prevalence:
            _moved_prevalence(harm, stated, move, seed, found)
    return found


def _fitted(
    harm: str, labelled: Scored, groups: NDArray[np.object_], move: _Move, seed: int, *, force: bool
) -> Fitted | Left:
    among = labelled.labelled(harm)
    scores, labels = labelled.of(harm, among)
    even = log_odds(scores) - log_odds(np.array([move.before]))
    return refit(even, labels, [str(name) for name in groups[among]], seed, force=force)


def _moved_prevalence(harm: str, stated: Calibration | None, move: _Move, seed: int, found: Recalibrated) -> None:
    if stated is None:
        found.left[harm] = "the bundle states no prevalence to move from; calibrate it with labelled texts"
        return
    line = moved(LogitMap(1.0, 0.0), move.before, move.to)
    found.changes[harm] = Recalibration(line, move.before, move.to, None, None, 0, 0, (), seed)
    found.calibration[harm] = msgspec.structs.replace(stated, prevalence=move.to)


def _change(move: _Move, fitted: Fitted, labelled: Scored, seed: int) -> Recalibration:
    return Recalibration(
        map=moved(fitted.map, move.before, move.to),
        prevalence_before=move.before,
        prevalence=move.to,
        before=fitted.before,
        after=fitted.after,
        fitted=fitted.fitted,
        measured=fitted.measured,
        data=labelled.files,
        seed=seed,
    )


def _calibration(stated: Calibration | None, fitted: Fitted, prevalence: float) -> Calibration:
    slope, intercept = (stated.slope, stated.intercept) if stated else (1.0, 0.0)
    return Calibration(
        slope=fitted.map.slope * slope,
        intercept=fitted.map.slope * intercept + fitted.map.intercept,
        prevalence=prevalence,
        positives=fitted.positives,
        negatives=fitted.negatives,
    )
