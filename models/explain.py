"""Which words carried a score: the exact share of each token of the original text in a linear score.

A character n-gram lies within one token and counts for it; a pair of words that spans two tokens counts
half for each. The shares and the intercept add up to the log-odds.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.utils import murmurhash3_32

from sluicegate.models.normalise import cut, fold, original_offset

__all__ = ["Block", "Explainer", "Span"]

Block = tuple[HashingVectorizer, NDArray[np.float32], NDArray[np.float32]]
"""Vectorizer, inverse document frequencies (size,) and coefficients (size, n_harms) of a block."""

_Owned = tuple[NDArray[np.int64], NDArray[np.intp], NDArray[np.intp]]
"""Columns of the n-grams of a text, the first token that each touches and the last: shapes (n_grams,)."""

_TRUE = np.array([True])
_TOKEN = re.compile(r"\S+")

#: Words recur: the columns of so many are kept, if they are no longer than that.
_KEPT_TOKENS: Final = 8192
_KEPT_LENGTH: Final = 32


@dataclass(frozen=True)
class Span:
    """A part of a text as ``[start, end)`` in code points, and what it adds to the log-odds."""

    start: int
    end: int
    weight: float


class Explainer:
    """Tells what each token of a text adds to the log-odds of a harm.

    Parameters
    ----------
    blocks
        Of the model, each of words or of characters within words.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = [(_finder(vectorizer), idf, coefficients) for vectorizer, idf, coefficients in blocks]

    def strongest(self, text: str, column: int, limit: int) -> tuple[Span, ...]:
        """Return the tokens that add most to the log-odds of a harm, strongest first, and of those only what adds."""
        matches, weights = self.token_weights(text, column)
        first = np.argsort(-weights, kind="stable")[:limit]
        return tuple(_span(matches[token], len(text), float(weights[token])) for token in first if weights[token] > 0)

    def token_weights(self, text: str, column: int) -> tuple[list[re.Match[str]], NDArray[np.float64]]:
        """Give the white-space tokens of a text, cut to what is read of it, and what each adds to the log-odds.

        Parameters
        ----------
        text
            As it came.
        column
            Of the harm.

        Returns
        -------
        tokens
            Matches in the cut text.
        weights
            Shape (n_tokens,).
        """
        matches = list(_TOKEN.finditer(cut(text)))
        tokens = [fold(match.group()) for match in matches]
        weights = np.zeros(len(tokens), dtype=np.float64)
        for find, idf, coefficients in self._blocks:
            columns, first, last = find(tokens)
            if len(columns):
                each = _scaled(columns, idf) * coefficients[columns, column] / 2
                weights += np.bincount(first, each, len(tokens)) + np.bincount(last, each, len(tokens))
        return matches, weights


def _span(match: re.Match[str], length: int, weight: float) -> Span:
    return Span(original_offset(match.start(), length), original_offset(match.end() - 1, length) + 1, weight)


def _scaled(columns: NDArray[np.int64], idf: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return what one occurrence of each n-gram weighs in the text's row of unit length."""
    ordered = np.sort(columns)
    ends = np.flatnonzero(np.concatenate([ordered[1:] != ordered[:-1], _TRUE]))
    times = ends.copy()
    times[0] += 1
    times[1:] -= ends[:-1]
    counted = times * idf[ordered[ends]]
    return np.asarray(idf[columns] / np.sqrt(counted @ counted))


def _finder(vectorizer: HashingVectorizer) -> Callable[[list[str]], _Owned]:
    return _characters(vectorizer) if vectorizer.analyzer == "char_wb" else _words(vectorizer)


def _characters(vectorizer: HashingVectorizer) -> Callable[[list[str]], _Owned]:
    """Find n-grams that lie within a token each."""
    analyze, size = vectorizer.build_analyzer(), vectorizer.n_features

    def hashed(token: str) -> NDArray[np.int64]:
        return _columns(analyze(token), size)

    kept = lru_cache(_KEPT_TOKENS)(hashed)

    def find(tokens: list[str]) -> _Owned:
        each = [kept(token) if len(token) <= _KEPT_LENGTH else hashed(token) for token in tokens]
        owners = np.repeat(np.arange(len(tokens)), [len(columns) for columns in each])
        return np.concatenate([*each, _columns([], size)]), owners, owners

    return find


def _words(vectorizer: HashingVectorizer) -> Callable[[list[str]], _Owned]:
    """Find words and runs of words, which may begin in one token and end in another."""
    tokenize, size = vectorizer.build_tokenizer(), vectorizer.n_features
    smallest, largest = vectorizer.ngram_range

    def find(tokens: list[str]) -> _Owned:
        each = [tokenize(token) for token in tokens]
        words = [word for found in each for word in found]
        owners = np.repeat(np.arange(len(tokens)), [len(found) for found in each])
        grams, first, last = [], [], []
        for length in range(smallest, min(largest, len(words)) + 1):
            grams += [" ".join(words[start : start + length]) for start in range(len(words) - length + 1)]
            first.append(owners[: len(words) - length + 1])
            last.append(owners[length - 1 :])
        none = np.zeros(0, dtype=np.intp)
        return _columns(grams, size), np.concatenate([none, *first]), np.concatenate([none, *last])

    return find


def _columns(grams: Sequence[str], size: int) -> NDArray[np.int64]:
    """Return the columns that scikit-learn's ``FeatureHasher`` gives these n-grams."""
    hashes = np.fromiter(map(murmurhash3_32, grams), dtype=np.int64, count=len(grams))
    return np.asarray(np.abs(hashes) % size)
