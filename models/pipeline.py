"""The same model as a scikit-learn pipeline, for those who train on and for the check that both agree."""

import io
from collections.abc import Mapping, Sequence

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, LabelBinarizer

from sluicegate.models.features import hasher
from sluicegate.models.manifest import FeatureBlock
from sluicegate.models.normalise import normalise_all


def build(blocks: Sequence[FeatureBlock], harms: Sequence[str], tensors: Mapping[str, NDArray[np.generic]]) -> Pipeline:
    """Return a fitted pipeline from texts to probabilities, shape (n_texts, n_harms).

    Of one harm alone, scikit-learn puts the probability that it is absent in a column before it.
    """
    union = FeatureUnion([(block.name, _block(block, tensors[f"idf.{block.name}"])) for block in blocks])
    coefficients = np.concatenate([tensors[f"coefficients.{block.name}"] for block in blocks]).astype(np.float32)
    classifier = OneVsRestClassifier(LogisticRegression())
    # Indicator rows tell scikit-learn that harms do not exclude each other.
    classifier.label_binarizer_ = LabelBinarizer().fit(np.array([[1] * len(harms), [0] * len(harms)]))
    classifier.estimators_ = [
        _regression(coefficients[:, column], float(tensors["intercepts"][column])) for column in range(len(harms))
    ]
    return Pipeline([("normalise", FunctionTransformer(normalise_all)), ("features", union), ("harms", classifier)])


def _block(block: FeatureBlock, idf: NDArray[np.generic]) -> Pipeline:
    weigh = TfidfTransformer()
    weigh.idf_ = idf.astype(np.float64)
    return Pipeline([("count", hasher(block)), ("weigh", weigh)])


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
