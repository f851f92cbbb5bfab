"""Which words carried a score: the exact share of each token of the original text in a linear score.

A character n-gram lies within one token and counts for it; a pair of words that spans two tokens counts
half for each. The shares and the intercept add up to the log-odds.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer

from sluicegate.models.features import count
from sluicegate.models.normalise import cut, fold, original_offset

Block = tuple[HashingVectorizer, NDArray[np.float32], NDArray[np.float32]]
"""Vectorizer, inverse document frequencies (size,) and coefficients (size, n_harms) of a block."""

_TOKEN = re.compile(r"\S+")


@dataclass(frozen=True)
class Span:
    """A part of a text as ``[start, end)`` in code points, and what it adds to the log-odds."""

    start: int
    end: int
    weight: float


def token_weights(blocks: Sequence[Block], text: str, column: int) -> list[Span]:
    """Return each white-space token of the text with what it adds to the log-odds of a harm."""
    shown = cut(text)
    matches = list(_TOKEN.finditer(shown))
    tokens = [fold(match.group()) for match in matches]
    weights = np.zeros(len(tokens), dtype=np.float64)
    if tokens:
        for vectorizer, idf, coefficients in blocks:
            grams, owners = _grams(vectorizer, tokens)
            weights += _shares(vectorizer, idf, coefficients[:, column], grams, owners, len(tokens))
    return [
        Span(
            original_offset(match.start(), len(text)),
            original_offset(match.end() - 1, len(text)) + 1,
            float(weight),
        )
        for match, weight in zip(matches, weights, strict=True)
    ]


def _grams(vectorizer: HashingVectorizer, tokens: list[str]) -> tuple[list[str], list[tuple[int, int]]]:
    """Return the n-grams of the tokens, each with the first and the last token that it touches."""
    grams: list[str] = []
    owners: list[tuple[int, int]] = []
    if vectorizer.analyzer == "char_wb":
        analyze = vectorizer.build_analyzer()
        for owner, token in enumerate(tokens):
            found = analyze(token)
            grams += found
            owners += [(owner, owner)] * len(found)
        return grams, owners
    tokenize = vectorizer.build_tokenizer()
    words = [(word, owner) for owner, token in enumerate(tokens) for word in tokenize(token)]
    smallest, largest = vectorizer.ngram_range
    for size in range(smallest, largest + 1):
        for start in range(len(words) - size + 1):
            members = words[start : start + size]
            grams.append(" ".join(word for word, _ in members))
            owners.append((members[0][1], members[-1][1]))
    return grams, owners


def _shares(
    vectorizer: HashingVectorizer,
    idf: NDArray[np.float32],
    coefficients: NDArray[np.float32],
    grams: list[str],
    owners: list[tuple[int, int]],
    n_tokens: int,
) -> NDArray[np.float64]:
    if not grams:
        return np.zeros(n_tokens)
    columns = count(HashingVectorizer(**{**vectorizer.get_params(), "analyzer": _one}), grams).indices
    present, times = np.unique(columns, return_counts=True)
    length = np.sqrt(np.sum((times * idf[present].astype(np.float64)) ** 2))
    each = idf[columns].astype(np.float64) * coefficients[columns] / length
    first, last = np.array(owners).T
    return np.asarray(np.bincount(first, each / 2, n_tokens) + np.bincount(last, each / 2, n_tokens))


def _one(gram: str) -> list[str]:
    """Take a text for a single n-gram."""
    return [gram]
