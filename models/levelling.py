"""Levelling: a linear model is moved as little as possible, so that texts which are to score alike do.

With texts that differ only in whom they name this is counterfactual logit pairing (Garg et al. 2019, Counterfactual
Fairness in Text Classification through Robustness), which for a linear model has a closed form.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import LinearOperator, lsmr

__all__ = ["level"]

_TOLERANCE = 1e-5
_STEPS = 500


def level(
    coefficients: NDArray[np.float64], features: csr_matrix, groups: Sequence[str], strengths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return coefficients under which the texts of each group score nearly alike.

    Minimises ``|w' - w|^2 + sum(strength * (w'x - mean of w'x in the group)^2)`` over all texts by LSMR (Fong and
    Saunders 2011).

    Parameters
    ----------
    coefficients
        Of one harm: shape (n_features,).
    features
        Of the texts: shape (n_texts, n_features).
    groups
        Name of the group of each text: n_texts.
    strengths
        What a squared difference costs for each text: shape (n_texts,), above 0.

    Returns
    -------
    numpy.ndarray
        Of shape (n_features,).
    """
    if not len(groups):
        return coefficients
    numbers = np.unique(np.array(groups, dtype=object).astype(str), return_inverse=True)[1]
    sizes = np.bincount(numbers)
    roots = np.sqrt(strengths)
    transposed = features.T.tocsr()

    def centred(scores: NDArray[np.float64]) -> NDArray[np.float64]:
        return scores - (np.bincount(numbers, weights=scores) / sizes)[numbers]

    operator = LinearOperator(
        shape=features.shape,
        matvec=lambda change: roots * centred(features @ np.ravel(change)),
        rmatvec=lambda residual: transposed @ centred(roots * np.ravel(residual)),
        dtype=np.float64,
    )
    change = lsmr(operator, -operator.matvec(coefficients), damp=1.0, atol=_TOLERANCE, btol=_TOLERANCE, maxiter=_STEPS)
    return np.asarray(coefficients + change[0], dtype=np.float64)
