"""Whether labels have anything to do with the texts: a quick cross-validated AUC, and what chance gives.

Sets whose labels were shuffled, or moved by a row, look like any other set until a model is trained on them.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import normalize

__all__ = ["FEWEST", "FOLDS", "Separability", "separability"]

#: Positives, and negatives, below which chance alone gives too much for anything to be said.
FEWEST: Final = 100

#: Standard errors above one half that a set must reach. Folds learn from each other's texts, so that shuffled labels
#: spread by more than one standard error: by 1.3, and 3.9 at the most, in 100 shuffles of 26 labels.
_SURE: Final = 4.5

FOLDS: Final = 4
#: Code points of a text that are read: a quick look is wanted, and the beginning says enough.
_READ: Final = 300


class Separability(NamedTuple):
    """How well labels can be told from texts that were not learned from.

    Attributes
    ----------
    auc
        Area under the ROC curve, mean of the folds.
    standard_error
        Of the AUC of labels that have nothing to do with the texts.
    positives, negatives
        Texts looked at.
    """

    auc: float
    standard_error: float
    positives: int
    negatives: int

    @property
    def chance(self) -> float:
        """The AUC up to which labels without a meaning may come."""
        return 0.5 + _SURE * self.standard_error

    @property
    def is_chance(self) -> bool:
        """Whether this is not distinguishable from what labels without a meaning give."""
        return bool(self.auc < self.chance)


def separability(texts: Sequence[str], values: NDArray[np.int8], folds: NDArray[np.int8]) -> Separability:
    """Tell labels from texts by a logistic regression over hashed fragments of words, each fold by the others.

    Words alone tell nothing where texts come in pairs that differ in one word and in their label.

    Parameters
    ----------
    texts
        Folded, of distinct wording.
    values
        0 or 1, shape (n_texts,).
    folds
        0 to 3, shape (n_texts,): what belongs together is in one.

    Returns
    -------
    Separability
        Its standard error is that of the Mann-Whitney statistic where both kinds are drawn from one distribution
        (Mann and Whitney 1947).
    """
    hasher = HashingVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), n_features=1 << 16, lowercase=False, norm=None, binary=True,
        alternate_sign=False,
    )  # fmt: skip
    counts = hasher.transform([text[:_READ] for text in texts])
    seen = np.bincount(counts.indices, minlength=counts.shape[1])
    counts.data *= np.log((1 + len(texts)) / (1 + seen))[counts.indices]
    features = normalize(counts, copy=False)
    found = []
    for fold in range(FOLDS):
        away = folds == fold
        if _has_both(values[away]) and _has_both(values[~away]):
            model = LogisticRegression(C=0.1, class_weight="balanced", tol=1e-4, max_iter=50)
            model.fit(features[~away], values[~away])
            found.append((roc_auc_score(values[away], model.decision_function(features[away])), int(away.sum())))
    positives = int(values.sum())
    negatives = len(values) - positives
    auc = float(np.average([auc for auc, _ in found], weights=[size for _, size in found])) if found else 0.5
    error = float(np.sqrt((positives + negatives + 1) / (12.0 * positives * negatives)))
    return Separability(auc, error, positives, negatives)


def _has_both(values: NDArray[np.int8]) -> bool:
    return bool(0 < values.sum() < len(values))
