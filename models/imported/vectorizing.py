"""Vectorizers of scikit-learn from what a manifest records of them, and the other way round.

Texts are read by scikit-learn's own code with the recorded parameters, so that nothing of a pipeline's own
preprocessing is written anew here.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer

from sluicegate.models.imported.recorded import NgramBlock
from sluicegate.models.imported.vocabulary import unpacked

Vectorizer = Any
"""A `HashingVectorizer` or a `CountVectorizer`: scikit-learn has no types."""


def vectorizer_of(block: NgramBlock, tensors: Mapping[str, NDArray[np.generic]]) -> Vectorizer:
    """Return the vectorizer that counts the n-grams of a block.

    Raises
    ------
    ValueError
        If the tensors hold no vocabulary where there should be one.
    """
    shared: dict[str, Any] = {
        "analyzer": block.analyzer,
        "ngram_range": (block.ngram_min, block.ngram_max),
        "token_pattern": block.token_pattern,
        "lowercase": block.lowercase,
        "strip_accents": block.strip_accents,
        "stop_words": list(block.stop_words) or None,
        "binary": block.binary,
        "dtype": np.dtype(block.dtype).type,
    }
    if block.kind == "hashed":
        return HashingVectorizer(
            n_features=block.size, norm=block.count_norm, alternate_sign=block.alternate_sign, **shared
        )
    raw, ends = tensors[f"vocabulary.{block.name}"], tensors[f"ends.{block.name}"]
    return CountVectorizer(vocabulary=unpacked(raw.astype(np.uint8), ends.astype(np.int64)), **shared)


class BlockReader:
    """Makes the features of a block from texts.

    Parameters
    ----------
    block
        What is recorded of it.
    tensors
        With its vocabulary and its inverse document frequencies, where it has them.
    """

    def __init__(self, block: NgramBlock, tensors: Mapping[str, NDArray[np.generic]]) -> None:
        self.block = block
        self.vectorizer = vectorizer_of(block, tensors)
        self._weigh: TfidfTransformer | None = None
        if block.idf is not None:
            self._weigh = TfidfTransformer(
                norm=block.idf.norm, use_idf=block.idf.weighed, sublinear_tf=block.idf.sublinear
            )
            # Without frequencies nothing tells scikit-learn that it is fitted.
            self._weigh.n_features_in_ = block.size
            if block.idf.weighed:
                self._weigh.idf_ = tensors[f"idf.{block.name}"]
        with warnings.catch_warnings():
            # Scikit-learn tells once of stop words that the preprocessing never leaves; whoever fitted it was told.
            warnings.simplefilter("ignore", UserWarning)
            self.features([""])

    def features(self, texts: list[str]) -> csr_matrix:
        """Return the features of texts: shape (n_texts, size)."""
        counts = self.vectorizer.transform(texts)
        if self._weigh is not None:
            counts = self._weigh.transform(counts)
        return csr_matrix(counts * self.block.weight if self.block.weight != 1 else counts)
