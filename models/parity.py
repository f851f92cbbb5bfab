"""Checks that what is served of a bundle and its scikit-learn pipeline give the same probabilities."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.bundle import PIPELINE, Bundle, BundleError, unpickled
from sluicegate.models.imported.pipeline_scorer import PipelineScorer
from sluicegate.models.pipeline import trained_inputs
from sluicegate.models.samples import SAMPLES, TOLERANCE, is_encodable, sample_difference
from sluicegate.models.scorer import Scorer

__all__ = ["SAMPLES", "TOLERANCE", "check_parity", "check_samples", "is_encodable"]


def check_parity(bundle: Bundle) -> float:
    """Compare what is served, the pipeline and the probabilities in the manifest; return the largest difference.

    The pipeline is unpickled, after its digest was checked: only for bundles from a source that is trusted.

    Raises
    ------
    BundleError
        If the bundle has no pipeline, states no samples, or any differ by more than ``TOLERANCE``.
    """
    manifest = bundle.manifest
    if PIPELINE not in manifest.files:
        raise BundleError(f"bundle {bundle.path} has no {PIPELINE} to compare with; train it again")
    model, largest = _sampled(bundle)
    texts = [sample.text for sample in manifest.parity]
    signals: list[Mapping[str, float]] = [sample.signals for sample in manifest.parity]
    for text in SAMPLES:
        if text not in texts:
            texts.append(text)
            signals.append({})
    trained = _pipeline_scores(bundle, texts, signals)
    largest = max(largest, float(np.abs(model.score(texts, signals) - trained).max()))
    return _within(bundle, largest, f"what is served, {PIPELINE} and stated samples")


def check_samples(bundle: Bundle) -> float:
    """Compare what is served from weights with the probabilities in the manifest; return the largest difference.

    Nothing is unpickled.

    Raises
    ------
    BundleError
        If the bundle states no samples, or any differ by more than ``TOLERANCE``.
    """
    return _within(bundle, _sampled(bundle)[1], "what is served and stated samples")


def _sampled(bundle: Bundle) -> tuple[Scorer, float]:
    if not bundle.manifest.parity:
        raise BundleError(f"bundle {bundle.path} states no samples to compare by; make it again")
    # The pipeline reads long texts in its own way; that is compared, not the windows around it.
    model = bundle.model()
    return model, sample_difference(model, bundle.manifest.parity)


def _within(bundle: Bundle, largest: float, compared: str) -> float:
    # Written so that what is not a number is refused as well.
    if not largest <= TOLERANCE:
        raise BundleError(
            f"bundle {bundle.path}: {compared} differ by {largest:.2g}, more than {TOLERANCE:g}; make it again"
        )
    return largest


def _pipeline_scores(bundle: Bundle, texts: list[str], signals: list[Mapping[str, float]]) -> NDArray[np.float64]:
    manifest, estimator = bundle.manifest, unpickled(bundle)
    if manifest.imported is not None:
        scorer = PipelineScorer(
            manifest.name, manifest.version, bundle.digest, manifest.harms, manifest.imported, estimator
        )
        return scorer.score(texts, signals)
    # Of one harm alone, the pipeline gives its absence as well, in a column before it.
    found = estimator.predict_proba(trained_inputs(manifest.signals, texts, signals))[:, -len(manifest.harms) :]
    return np.asarray(found, dtype=np.float64)
