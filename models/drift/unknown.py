"""How much of a text a model does not know: the share of its words that next to no text of the training had."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import murmurhash3_32

from sluicegate.models.features import hasher
from sluicegate.models.folding import fold_text
from sluicegate.models.manifest import FeatureBlock

__all__ = ["UnknownWords", "unknown_words"]

#: Code points that are looked at: enough for some fifty words, and the cost has a bound.
_READ: Final = 280

#: Share of the columns that count as unknown, those that the fewest texts of the training had.
_UNKNOWN_COLUMNS: Final = 0.75

#: Words recur: of so many it is remembered whether they are known.
_KEPT_WORDS: Final = 16_384


class UnknownWords:
    """Counts the words of a text whose hashed column was rarely seen in training.

    In a full table of hashed n-grams every column was seen, so that none tells of a word that was not: a new word
    meets the column of others. It meets a rarely seen one three times in four, and a word that was trained on does so
    only where it is itself rare.

    Parameters
    ----------
    block
        A block of words.
    idf
        Inverse document frequencies of its columns, shape (size,).
    """

    def __init__(self, block: FeatureBlock, idf: NDArray[np.float32]) -> None:
        self._words = hasher(block).build_tokenizer()
        rare = idf > np.quantile(idf, 1 - _UNKNOWN_COLUMNS, method="lower")
        # Where most columns were never seen, these are they.
        self._rare = rare if rare.any() else idf >= idf.max()
        self._is_unknown = lru_cache(_KEPT_WORDS)(self._in_rare_column)

    def shares(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the share of unknown words at the beginning of each text, NaN where there is no word: (n_texts,)."""
        return np.array([self._share(text) for text in texts], dtype=np.float64)

    def _share(self, text: str) -> float:
        if len(text) > _READ:
            # The last word is cut in half, unless the text is written without spaces.
            text = next(iter(text[:_READ].rsplit(None, 1)), "")
        words = self._words(fold_text(text))
        return sum(map(self._is_unknown, words)) / len(words) if words else float("nan")

    def _in_rare_column(self, word: str) -> bool:
        # The column that scikit-learn's FeatureHasher gives it.
        return bool(self._rare[abs(murmurhash3_32(word)) % len(self._rare)])


def unknown_words(features: Sequence[FeatureBlock], tensors: Mapping[str, NDArray[np.generic]]) -> UnknownWords | None:
    """Make the counter of a bundle from its features and weights; None where none of them are words."""
    for block in features:
        idf = tensors.get(f"idf.{block.name}")
        if block.analyzer == "word" and idf is not None:
            return UnknownWords(block, idf.astype(np.float32, copy=False))
    return None
