"""From the scores of all languages to how likely each of the configured ones is, so that it may be believed."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["probabilities"]

#: By what the scores, divided by the root of the text's bytes, are sharpened; and the odds of a configured language
#: against any other one before a word is read, as a logarithm. Both fitted by log loss (docs/languages.md).
SHARPNESS: Final = 1.3
PRIOR_LOG_ODDS: Final = 4.3


def probabilities(
    scores: NDArray[np.float32], sizes: NDArray[np.int64], configured: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Give the probability of each language, those that are not configured among them.

    A text in a language that is not configured would else be taken, with full confidence, for the nearest that is.
    Naive Bayes counts fragments that overlap as if each were news, and so claims too much, the more so the longer a
    text is: scores are divided by the root of its length (as py3langid does), and sharpened by one factor for all.

    Parameters
    ----------
    scores
        Log posteriors of naive Bayes, shape (n_texts, n_languages).
    sizes
        Bytes of each text, shape (n_texts,), at least 1.
    configured
        Which columns are of configured languages, shape (n_languages,).

    Returns
    -------
    ndarray of shape (n_texts, n_languages)
        Rows sum to 1.
    """
    logits = SHARPNESS * scores / np.sqrt(sizes)[:, None] + np.where(configured, PRIOR_LOG_ODDS, 0.0)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float64)
