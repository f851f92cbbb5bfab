"""The same model as a scikit-learn pipeline, for those who train on and for the check that both agree."""

import io
from collections.abc import Mapping, Sequence

import joblib
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, LabelBinarizer

from sluicegate.models.features import hasher
from sluicegate.models.imported.reading import pipeline_inputs
from sluicegate.models.imported.recorded import SignalColumn
from sluicegate.models.manifest import FeatureBlock, Manifest
from sluicegate.models.normalise import normalise_all
from sluicegate.models.signals import TENSOR, SignalFeature, Signals, signal_columns


def build(manifest: Manifest, tensors: Mapping[str, NDArray[np.generic]]) -> Pipeline:
    """Return a fitted pipeline from texts, or from `trained_inputs` where there are signals, to probabilities.

    They have the shape (n_texts, n_harms). Of one harm alone, scikit-learn puts the probability that it is absent in a
    column before it.
    """
    blocks, signals, harms = manifest.features, manifest.signals, manifest.harms
    union = FeatureUnion([(block.name, _block(block, tensors[f"idf.{block.name}"])) for block in blocks])
    coefficients = np.concatenate(
        [
            *(tensors[f"coefficients.{block.name}"].astype(np.float32) for block in blocks),
            *([tensors[TENSOR].astype(np.float32)] if signals else []),
        ]
    )
    classifier = OneVsRestClassifier(LogisticRegression())
    # Indicator rows tell scikit-learn that harms do not exclude each other.
    classifier.label_binarizer_ = LabelBinarizer().fit(np.array([[1] * len(harms), [0] * len(harms)]))
    classifier.estimators_ = [
        _regression(coefficients[:, column], float(tensors["intercepts"][column])) for column in range(len(harms))
    ]
    steps: list[tuple[str, object]] = [("normalise", FunctionTransformer(normalise_all)), ("features", union)]
    if signals:
        beside = FunctionTransformer(table_signals, kw_args={"signals": signals})
        texts = Pipeline([("texts", FunctionTransformer(table_texts)), *steps])
        steps = [("columns", FeatureUnion([("text", texts), ("signals", beside)]))]
    return Pipeline([*steps, ("harms", classifier)])


def trained_inputs(features: Sequence[SignalFeature], texts: list[str], signals: Signals | None) -> object:
    """Return what a pipeline that was trained here takes: texts, or a table of objects, text first."""
    if not features:
        return texts
    return pipeline_inputs([SignalColumn(feature.name) for feature in features], texts, signals)


def table_texts(table: NDArray[np.object_]) -> list[str]:
    """Return the texts of a table; named at module level so that a saved pipeline can refer to it."""
    return list(table[:, 0])


def table_signals(table: NDArray[np.object_], signals: Sequence[SignalFeature]) -> csr_matrix:
    """Return the columns of a table's signals; named at module level so that a saved pipeline can refer to it."""
    return csr_matrix(signal_columns(signals, table[:, 1:].astype(np.float64)))


def _block(block: FeatureBlock, idf: NDArray[np.generic]) -> Pipeline:
    weigh = TfidfTransformer()
    weigh.idf_ = idf.astype(np.float64)
    return Pipeline([("count", hasher(block, np.float64)), ("weigh", weigh)])


def _regression(coefficients: NDArray[np.float32], intercept: float) -> LogisticRegression:
    model = LogisticRegression()
    model.classes_ = np.array([0, 1])
    model.coef_ = coefficients[None, :].copy()
    model.intercept_ = np.array([intercept])
    return model


def dump(pipeline: Pipeline) -> bytes:
    """Return the bytes of a compressed joblib file."""
    buffer = io.BytesIO()
    joblib.dump(pipeline, buffer, compress=("xz", 6))
    return buffer.getvalue()
