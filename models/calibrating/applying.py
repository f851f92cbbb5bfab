"""A bundle after its calibration was read anew: in its weights where they are linear, else beside the model."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from sluicegate.models.bundle import WEIGHTS, Bundle, BundleError, check_place, load_bundle, write_bundle
from sluicegate.models.calibrating.recorded import LogitMap, Recalibration
from sluicegate.models.logit_map import after, mapped
from sluicegate.models.manifest import Calibration, Histogram, Manifest, Ordinary, Threshold
from sluicegate.models.normalise import NORMALISATION
from sluicegate.models.rewriting import rewrite_manifest
from sluicegate.models.samples import parity_samples
from sluicegate.models.scorer import HashedLinearScorer
from sluicegate.models.thresholds.recorded import Estimate, GoalThreshold


def apply(
    bundle: Bundle,
    changes: Mapping[str, Recalibration],
    calibration: Mapping[str, Calibration],
    ordinary: Ordinary | None,
    out: Path | None,
    *,
    replace: bool = False,
) -> Bundle:
    """Write a bundle whose harms are calibrated anew.

    Thresholds and reference distributions are moved along, so that they mean the same texts as before, and
    errors of calibration from the training are dropped for the harms that changed.

    Parameters
    ----------
    changes, calibration
        By harm, what was done and what the manifest is to state of the whole map from the margin.
    ordinary
        Thresholds and reference distributions that were read anew, already in the new probabilities; None to
        move those that there are.
    out, replace
        As for `rewrite_manifest`.

    Raises
    ------
    BundleError
        If the place is taken, or a map is too steep for the weights' half precision.
    """
    lines = {harm: change.map for harm, change in changes.items()}
    manifest = moved_manifest(bundle.manifest, lines)
    manifest = msgspec.structs.replace(
        manifest,
        calibration={**manifest.calibration, **calibration},
        recalibration={**manifest.recalibration, **changes},
        ordinary=manifest.ordinary if ordinary is None else ordinary,
    )
    if not is_folded(bundle):
        return rewrite_manifest(bundle, kept_beside(manifest, lines), out, replace=replace)
    if not lines:
        return rewrite_manifest(bundle, manifest, out, replace=replace)
    place = bundle.path.resolve() if out is None else out
    check_place(place, replace=replace or out is None)
    tensors = fold(bundle, lines)
    scorer = HashedLinearScorer(manifest, "", tensors)
    texts, signals = [sample.text for sample in manifest.parity], [sample.signals for sample in manifest.parity]
    parity = parity_samples(scorer, texts, signals)
    write_bundle(place, msgspec.structs.replace(manifest, parity=parity), tensors, replace=replace or out is None)
    return load_bundle(place)


def is_folded(bundle: Bundle) -> bool:
    """Tell whether the weights take a line over log-odds in: those of this project's own training do."""
    return WEIGHTS in bundle.manifest.files and bundle.manifest.normalisation == NORMALISATION


def fold(bundle: Bundle, lines: Mapping[str, LogitMap]) -> dict[str, NDArray[np.generic]]:
    """Return the weights that give the mapped log-odds: slopes stretch coefficients, intercepts are moved.

    Raises
    ------
    BundleError
        If a coefficient does not fit into its type any more.
    """
    harms = bundle.manifest.harms
    slopes = np.array([lines[harm].slope if harm in lines else 1.0 for harm in harms])
    shifts = np.array([lines[harm].intercept if harm in lines else 0.0 for harm in harms])
    folded = dict(bundle.tensors)
    folded["intercepts"] = slopes * bundle.tensors["intercepts"].astype(np.float64) + shifts
    for name, tensor in bundle.tensors.items():
        if not name.startswith("coefficients."):
            continue
        with np.errstate(over="ignore"):
            stretched = (tensor.astype(np.float64) * slopes).astype(tensor.dtype)
        if not np.isfinite(stretched).all():
            raise BundleError(
                f"bundle {bundle.path}: {name} cannot be stretched {slopes.max():.3g}-fold in {tensor.dtype}; "
                "train the model again"
            )
        folded[name] = stretched
    return folded


def kept_beside(manifest: Manifest, lines: Mapping[str, LogitMap]) -> Manifest:
    """Return the manifest with lines that the served log-odds are put through after those that it has already."""
    kept = {harm: after(manifest.logit_maps.get(harm), line) for harm, line in lines.items()}
    return msgspec.structs.replace(manifest, logit_maps={**manifest.logit_maps, **kept})


def moved_manifest(manifest: Manifest, lines: Mapping[str, LogitMap]) -> Manifest:
    """Return the manifest with all that is stated in probabilities moved along the lines."""
    metrics = {
        harm: msgspec.structs.replace(figures, ece_even_odds=None) if harm in lines else figures
        for harm, figures in manifest.metrics.items()
    }
    ordinary = msgspec.structs.replace(
        manifest.ordinary,
        thresholds={
            harm: [_threshold(one, lines[harm]) for one in found] if harm in lines else found
            for harm, found in manifest.ordinary.thresholds.items()
        },
        reference={
            harm: _histogram(found, lines[harm]) if harm in lines else found
            for harm, found in manifest.ordinary.reference.items()
        },
    )
    goals = {
        harm: tuple(_goal(one, lines[harm]) for one in found) if harm in lines else found
        for harm, found in manifest.thresholds.items()
    }
    return msgspec.structs.replace(manifest, metrics=metrics, ordinary=ordinary, thresholds=goals)


def _at(probability: float, line: LogitMap) -> float:
    return float(mapped(line, np.array([probability]))[0])


def _threshold(threshold: Threshold, line: LogitMap) -> Threshold:
    return msgspec.structs.replace(threshold, probability=_at(threshold.probability, line))


def _histogram(histogram: Histogram, line: LogitMap) -> Histogram:
    return Histogram([line.slope * edge + line.intercept for edge in histogram.edges], histogram.counts)


def _goal(threshold: GoalThreshold, line: LogitMap) -> GoalThreshold:
    stated = threshold.probability
    moved = Estimate(_at(stated.value, line), _at(stated.low, line), _at(stated.high, line))
    return msgspec.structs.replace(threshold, probability=moved)
