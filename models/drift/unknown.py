"""How much of a text a model does not know: the share of its words that next to no text of its training had."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.compiled import scoring
from sluicegate.models.features import WORD, hasher
from sluicegate.models.folding import fold_text
from sluicegate.models.imported.recorded import NgramBlock
from sluicegate.models.manifest import Manifest

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import CountVectorizer

__all__ = ["UnknownWords", "unknown_words"]

#: Code points that are looked at: enough for some fifty words, and the cost has a bound.
_READ: Final = 280

#: Share of the columns that count as unknown, those that the fewest texts of the training had.
_UNKNOWN_COLUMNS: Final = 0.75

#: Words recur: of so many it is remembered whether they are known.
_KEPT_WORDS: Final = 16_384


class UnknownWords:
    """Counts the words of a text that a model does not know.

    Parameters
    ----------
    words
        Cuts a text into the words that the model reads.
    is_unknown
        Tells of a word whether it is unknown.
    rare
        Where a kernel may do both: the hashed columns whose words are unknown, 1 of each, shape (size,).
    """

    def __init__(
        self,
        words: Callable[[str], Sequence[str]],
        is_unknown: Callable[[str], bool],
        rare: NDArray[np.uint8] | None = None,
    ) -> None:
        self._words = words
        self._is_unknown = is_unknown
        self._rare = rare

    @classmethod
    def hashed(
        cls, words: Callable[[str], Sequence[str]], idf: NDArray[np.float32], *, compiled: bool = False
    ) -> "UnknownWords":
        """Count the words whose hashed column was rarely seen in training.

        In a full table of hashed n-grams every column was seen, so that none tells of a word that was not: a new word
        meets the column of others. It meets a rarely seen one three times in four, and a word that was trained on does
        so only where it is itself rare.

        Parameters
        ----------
        words
            Cuts a text into the words that are hashed.
        idf
            Inverse document frequencies of the columns, shape (size,).
        compiled
            Whether texts are folded, and words cut, as the kernel does it.
        """
        rare = idf > np.quantile(idf, 1 - _UNKNOWN_COLUMNS, method="lower")
        if not rare.any():
            # Most columns were never seen: these are they.
            rare = idf >= idf.max()

        @lru_cache(_KEPT_WORDS)
        def is_unknown(word: str) -> bool:
            from sklearn.utils import murmurhash3_32

            # The column that scikit-learn's FeatureHasher gives it.
            return bool(rare[abs(murmurhash3_32(word)) % len(rare)])

        return cls(words, is_unknown, rare.view(np.uint8) if compiled else None)

    @classmethod
    def outside(cls, vectorizer: "CountVectorizer") -> "UnknownWords":
        """Count the words that a vocabulary of words does not hold, each text read as the vectorizer reads it."""
        known = vectorizer.vocabulary
        return cls(_single_words(vectorizer), lambda word: word not in known)

    def shares(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the share of unknown words at the beginning of each text, NaN where there is no word: (n_texts,)."""
        read = [_beginning(text) for text in texts]
        if self._rare is not None and scoring is not None:
            return np.asarray(scoring.marked_shares(read, self._rare))
        return np.array([self._share(text) for text in read], dtype=np.float64)

    def _share(self, text: str) -> float:
        words = self._words(text)
        return sum(map(self._is_unknown, words)) / len(words) if words else float("nan")


def _beginning(text: str) -> str:
    if len(text) <= _READ:
        return text
    # The last word is cut in half, unless the text is written without spaces.
    return next(iter(text[:_READ].rsplit(None, 1)), "")


def unknown_words(manifest: Manifest, tensors: Mapping[str, NDArray[np.generic]]) -> UnknownWords | None:
    """Make the counter of a bundle from its manifest and weights.

    None where no feature is a word, and of an imported pipeline also where nothing tells which words it was trained on:
    where it is served as it came, or hashes words without weighing them by their frequency.
    """
    if manifest.imported is not None:
        counters = (_imported(block, tensors) for block in manifest.imported.blocks)
        return next((counter for counter in counters if counter is not None), None)
    block = next((block for block in manifest.features if block.analyzer == "word"), None)
    if block is None:
        return None

    @cache
    def tokenizer() -> Callable[[str], list[str]]:
        # Made when it is first asked for: with the kernel it never is, nor is scikit-learn needed.
        found: Callable[[str], list[str]] = hasher(block).build_tokenizer()
        return found

    return UnknownWords.hashed(
        lambda text: tokenizer()(fold_text(text)),
        _frequencies(block.name, tensors),
        compiled=block.token_pattern == WORD,
    )


def _imported(block: NgramBlock, tensors: Mapping[str, NDArray[np.generic]]) -> UnknownWords | None:
    from sluicegate.models.imported.vectorizing import vectorizer_of

    if block.analyzer != "word" or block.ngram_min > 1:
        return None
    if block.kind == "vocabulary":
        return UnknownWords.outside(vectorizer_of(block, tensors))
    if block.idf is not None and block.idf.weighed:
        return UnknownWords.hashed(_single_words(vectorizer_of(block, tensors)), _frequencies(block.name, tensors))
    return None


def _frequencies(block: str, tensors: Mapping[str, NDArray[np.generic]]) -> NDArray[np.float32]:
    return tensors[f"idf.{block}"].astype(np.float32, copy=False)


def _single_words(vectorizer: Any) -> Callable[[str], Sequence[str]]:
    """Return how a vectorizer of scikit-learn cuts a text into words, without runs of them."""
    words: Callable[[str], Sequence[str]] = copy(vectorizer).set_params(ngram_range=(1, 1)).build_analyzer()
    return words
