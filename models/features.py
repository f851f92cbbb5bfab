"""Hashed n-grams: stateless vectorizers built from the manifest, the same in training and serving.

scikit-learn is imported by what calls it: a worker that scores with the kernel does without, and is 70 MB smaller.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.manifest import FeatureBlock

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import HashingVectorizer

Precision = type[np.float32] | type[np.float64]

# Words of a single letter count: "i" and "u" carry much in short messages.
WORD: Final = r"(?u)\b\w+\b"

BLOCKS = (
    FeatureBlock("words", "word", 1, 2, 1 << 18, WORD),
    FeatureBlock("characters", "char_wb", 2, 5, 1 << 18, WORD),
)


def hasher(block: FeatureBlock, precision: Precision = np.float32) -> "HashingVectorizer":
    """Return the vectorizer of a block: counts of hashed n-grams of texts that are normalised already.

    In single precision, the product of a text's counts with the weights may be 1e-6 off in a probability.
    Signs do not alternate, since inverse document frequencies need counts.
    """
    from sklearn.feature_extraction.text import HashingVectorizer

    return HashingVectorizer(
        analyzer=block.analyzer,
        ngram_range=(block.ngram_min, block.ngram_max),
        token_pattern=block.token_pattern,
        n_features=block.size,
        lowercase=False,
        alternate_sign=False,
        norm=None,
        dtype=precision,
    )


def scale(counts: "csr_matrix", idf: NDArray[np.float32]) -> "csr_matrix":
    """Weigh counts by inverse document frequency and bring each row to unit length, in place."""
    from sklearn.utils.sparsefuncs_fast import inplace_csr_row_normalize_l2

    counts.data *= idf[counts.indices]
    # What sklearn.preprocessing.normalize comes down to, without the checks that cost more than a small batch does.
    inplace_csr_row_normalize_l2(counts)
    return counts


def count(vectorizer: "HashingVectorizer", texts: Sequence[str]) -> "csr_matrix":
    """Count the hashed n-grams of normalised texts: shape (n_texts, size)."""
    from scipy.sparse import csr_matrix

    return csr_matrix(vectorizer.transform(texts))


def inverse_document_frequency(counts: "csr_matrix") -> NDArray[np.float32]:
    """Return the smoothed inverse document frequency of each column, as scikit-learn defines it."""
    seen = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.asarray(np.log((1 + counts.shape[0]) / (1 + seen)) + 1, dtype=np.float32)
