"""Linear classifiers of scikit-learn as coefficients, intercepts and what makes probabilities of margins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, SGDClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier

from sluicegate.models.imported.recorded import Link


class NotLowerableError(Exception):
    """A pipeline cannot be served from weights; the message says why, as the end of a sentence."""


@dataclass(frozen=True)
class Head:
    """The linear part of a classifier, its outputs in the order of ``predict_proba``.

    Attributes
    ----------
    coefficients
        Shape (n_features, n_outputs).
    intercepts
        Shape (n_outputs,).
    link
        How margins become probabilities.
    """

    coefficients: NDArray[np.floating[Any]]
    intercepts: NDArray[np.floating[Any]]
    link: Link


def linear_head(classifier: object) -> Head:
    """Take the linear part out of a fitted classifier.

    Raises
    ------
    NotLowerableError
        If its probabilities are not known to be a function of linear margins.
    """
    inner: Any = classifier
    if type(classifier) is MultiOutputClassifier:
        return _side_by_side(inner.estimators_, "sigmoid")
    if type(classifier) is OneVsRestClassifier:
        if len(inner.estimators_) == 1:
            return _both_classes(*_binary(inner.estimators_[0]))
        return _side_by_side(inner.estimators_, "sigmoid" if inner.multilabel_ else "share")
    coefficients, intercepts = _linear(inner)
    if len(inner.classes_) == 2:
        return _both_classes(coefficients[0], float(intercepts[0]))
    return Head(coefficients.T, intercepts, "share" if type(classifier) is SGDClassifier else "softmax")


def _linear(classifier: Any) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    name = type(classifier).__name__
    if type(classifier) not in (LogisticRegression, LogisticRegressionCV, SGDClassifier):
        raise NotLowerableError(f"{name} is not among the classifiers that can be lowered")
    if type(classifier) is SGDClassifier and classifier.loss != "log_loss":
        raise NotLowerableError(f"{name} with the loss {classifier.loss} has no logistic probabilities")
    coefficients = classifier.coef_.toarray() if issparse(classifier.coef_) else np.asarray(classifier.coef_)
    intercepts = np.broadcast_to(np.asarray(classifier.intercept_), (len(coefficients),))
    return coefficients, intercepts


def _binary(classifier: Any) -> tuple[NDArray[np.floating[Any]], float]:
    coefficients, intercepts = _linear(classifier)
    if len(classifier.classes_) != 2:
        raise NotLowerableError(f"one of its outputs has {len(classifier.classes_)} classes")
    return coefficients[0], float(intercepts[0])


def _both_classes(coefficients: NDArray[np.floating[Any]], intercept: float) -> Head:
    """Lay two classes out as two outputs, of which one is the other's opposite."""
    return Head(
        np.stack([-coefficients, coefficients], axis=1), np.array([-intercept, intercept], dtype=np.float64), "sigmoid"
    )


def _side_by_side(estimators: Sequence[Any], link: Link) -> Head:
    parts = [_binary(each) for each in estimators]
    return Head(
        np.stack([coefficients for coefficients, _ in parts], axis=1),
        np.array([intercept for _, intercept in parts], dtype=np.float64),
        link,
    )
