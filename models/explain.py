"""Which words carried a score: the exact share of each part of the original text in a linear score.

A character n-gram lies within one piece of the folded text and counts for it; a pair of words that spans two
pieces counts half for each. The shares and the intercept add up to the log-odds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.compiled import scoring
from sluicegate.models.folding import Folded, fold
from sluicegate.models.normalise import cut, original_offset

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import HashingVectorizer

__all__ = ["Block", "Explainer", "Span", "in_original"]

Block = tuple["HashingVectorizer", NDArray[np.float32], NDArray[np.float32]]
"""Vectorizer, inverse document frequencies (size,) and coefficients (size, n_harms) of a block."""

_Owned = tuple[NDArray[np.int64], NDArray[np.intp], NDArray[np.intp]]
"""Columns of the n-grams of a text, the first piece that each touches and the last: shapes (n_grams,)."""

_TRUE = np.array([True])

#: Words recur: the columns of so many are kept, if they are no longer than that.
_KEPT_PIECES: Final = 8192
_KEPT_LENGTH: Final = 32


@dataclass(frozen=True)
class Span:
    """A part of a text as ``[start, end)`` in code points, and what it adds to the log-odds."""

    start: int
    end: int
    weight: float


class Explainer:
    """Tells what each part of a text adds to the log-odds of a harm.

    Parameters
    ----------
    blocks
        Of the model, each of words or of characters within words.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = [(_finder(vectorizer), idf, coefficients) for vectorizer, idf, coefficients in blocks]

    def strongest(self, text: str, column: int, limit: int) -> tuple[Span, ...]:
        """Return the parts that add most to the log-odds of a harm, strongest first, and of those only what adds.

        Those that touch are one part, as a word and the emoji at its end.
        """
        folded, weights = self.piece_weights(text, column)
        if not len(weights):
            return ()
        # Pieces that come from one part of the text, such as an emoji and the words of its name, count together.
        starts = np.array(folded.starts)
        places = np.flatnonzero(np.concatenate([_TRUE, starts[1:] != starts[:-1]]))
        added = np.add.reduceat(weights, places)
        chosen = np.argsort(-added, kind="stable")[:limit]
        parts = [
            Span(folded.starts[place], folded.ends[place], weight)
            for place, weight in zip(places[chosen].tolist(), added[chosen].tolist(), strict=True)
            if weight > 0
        ]
        return tuple(in_original(part, len(text)) for part in _joined(parts))

    def piece_weights(self, text: str, column: int) -> tuple[Folded, NDArray[np.float64]]:
        """Give the pieces of a text, cut to what is read of it, and what each adds to the log-odds.

        Parameters
        ----------
        text
            As it came.
        column
            Of the harm.

        Returns
        -------
        folded
            Pieces, and where they stand in the cut text.
        weights
            Shape (n_pieces,).
        """
        folded = fold(cut(text))
        weights = np.zeros(len(folded.pieces), dtype=np.float64)
        for find, idf, coefficients in self._blocks:
            columns, first, last = find(folded.pieces)
            if len(columns):
                each = _scaled(columns, idf) * coefficients[columns, column] / 2
                weights += np.bincount(first, each, len(weights)) + np.bincount(last, each, len(weights))
        return folded, weights


def _joined(parts: list[Span]) -> list[Span]:
    """Join parts that touch, strongest first."""
    if {part.start for part in parts}.isdisjoint(part.end for part in parts):
        return parts
    joined: list[Span] = []
    for part in sorted(parts, key=attrgetter("start")):
        if joined and joined[-1].end == part.start:
            last = joined.pop()
            joined.append(Span(last.start, part.end, last.weight + part.weight))
        else:
            joined.append(part)
    return sorted(joined, key=attrgetter("weight"), reverse=True)


def in_original(span: Span, length: int) -> Span:
    """Give a part of a cut text as a part of the whole, which has ``length`` code points."""
    return Span(original_offset(span.start, length), original_offset(span.end - 1, length) + 1, span.weight)


def _scaled(columns: NDArray[np.int64], idf: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return what one occurrence of each n-gram weighs in the text's row of unit length."""
    ordered = np.sort(columns)
    ends = np.flatnonzero(np.concatenate([ordered[1:] != ordered[:-1], _TRUE]))
    times = ends.copy()
    times[0] += 1
    times[1:] -= ends[:-1]
    counted = times * idf[ordered[ends]]
    return np.asarray(idf[columns] / np.sqrt(counted @ counted))


def _finder(vectorizer: "HashingVectorizer") -> Callable[[Sequence[str]], _Owned]:
    return _characters(vectorizer) if vectorizer.analyzer == "char_wb" else _words(vectorizer)


def _characters(vectorizer: "HashingVectorizer") -> Callable[[Sequence[str]], _Owned]:
    """Find n-grams that lie within a piece each."""
    analyze, size = vectorizer.build_analyzer(), vectorizer.n_features

    def hashed(piece: str) -> NDArray[np.int64]:
        return _columns(analyze(piece), size)

    kept = lru_cache(_KEPT_PIECES)(hashed)

    def find(pieces: Sequence[str]) -> _Owned:
        each = [kept(piece) if len(piece) <= _KEPT_LENGTH else hashed(piece) for piece in pieces]
        owners = np.repeat(np.arange(len(pieces)), [len(columns) for columns in each])
        return np.concatenate([*each, _columns([], size)]), owners, owners

    return find


def _words(vectorizer: "HashingVectorizer") -> Callable[[Sequence[str]], _Owned]:
    """Find words and runs of words, which may begin in one piece and end in another."""
    tokenize, size = vectorizer.build_tokenizer(), vectorizer.n_features
    smallest, largest = vectorizer.ngram_range

    def find(pieces: Sequence[str]) -> _Owned:
        each = [tokenize(piece) for piece in pieces]
        words = [word for found in each for word in found]
        owners = np.repeat(np.arange(len(pieces)), [len(found) for found in each])
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
    if scoring is not None:
        return np.asarray(scoring.columns(list(grams), size))
    from sklearn.utils import murmurhash3_32

    hashes = np.fromiter(map(murmurhash3_32, grams), dtype=np.int64, count=len(grams))
    return np.asarray(np.abs(hashes) % size)
