"""Where the n-grams of a scikit-learn vectorizer stand in the text as it came.

The vectorizer's own steps are gone through again with positions kept: lower case, accents, white space, tokens, stop
words, n-grams.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.imported.vectorizing import Vectorizer

__all__ = ["Located", "locate"]

_Text = tuple[str, NDArray[np.intp]]
"""A text, and of each code point the place in the original that it came from."""

_Part = tuple[int, int]

#: As scikit-learn has it for n-grams of characters.
_WHITE_SPACES: Final = re.compile(r"\s\s+")


@dataclass(frozen=True)
class Located:
    """N-grams in the order of the vectorizer's analyzer, each of one or more parts of the prepared text.

    Attributes
    ----------
    grams
        The n-grams.
    starts, ends
        Of all parts, as places in the prepared text: shape (n_parts,).
    parts, lengths
        Of each n-gram, how many parts it has and how many code points they hold: shape (n_grams,).
    origin
        Of each code point of the prepared text, the place in the original.
    size
        Code points of the original.
    """

    grams: list[str]
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    parts: NDArray[np.intp]
    lengths: NDArray[np.float64]
    origin: NDArray[np.intp]
    size: int


def locate(vectorizer: Vectorizer, text: str) -> Located:
    """Find the n-grams of a text, whose analyzer is one of scikit-learn's own."""
    prepared = text, np.arange(len(text), dtype=np.intp)
    if vectorizer.lowercase:
        prepared = _each(prepared, str.lower, text.lower())
    if vectorizer.strip_accents == "unicode":
        prepared = _each(prepared, _without_accents, _without_accents(prepared[0]))
    elif vectorizer.strip_accents == "ascii":
        prepared = _each(prepared, _ascii, _ascii(prepared[0]))
    if vectorizer.analyzer != "word":
        prepared = _white_space(prepared)
    if text and not prepared[0]:
        # A pattern may find a token in nothing; the text's first character carries it.
        prepared = "", np.zeros(1, dtype=np.intp)
    find = {"word": _words, "char": _characters, "char_wb": _characters_of_words}[vectorizer.analyzer]
    found = find(vectorizer, prepared[0]) if text else []
    spans = [[_not_empty(span, len(prepared[1])) for span in parts] for _, parts in found]
    flat = [span for parts in spans for span in parts]
    return Located(
        grams=[gram for gram, _ in found],
        starts=np.array([start for start, _ in flat], dtype=np.intp),
        ends=np.array([end for _, end in flat], dtype=np.intp),
        parts=np.array([len(parts) for parts in spans], dtype=np.intp),
        lengths=np.array([sum(end - start for start, end in parts) for parts in spans], dtype=np.float64),
        origin=prepared[1],
        size=len(text),
    )


def _not_empty(span: _Part, length: int) -> _Part:
    """Have what covers nothing, as the blank before a word, stand on the code point beside it."""
    start, end = span
    if start < end:
        return span
    start = min(max(start, 0), length - 1)
    return start, start + 1


def _each(text: _Text, change: Callable[[str], str], whole: str) -> _Text:
    """Follow a change of each code point; ``whole`` is what it makes of the text, since a sigma heeds its place."""
    before, origin = text
    if len(whole) == len(before) and before.isascii():
        return whole, origin
    return whole, np.repeat(origin, [len(change(character)) for character in before])


def _without_accents(text: str) -> str:
    return "".join(
        character for character in unicodedata.normalize("NFKD", text) if not unicodedata.combining(character)
    )


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ASCII", "ignore").decode("ASCII")


def _white_space(text: _Text) -> _Text:
    before, origin = text
    kept = np.ones(len(before), dtype=np.bool_)
    for match in _WHITE_SPACES.finditer(before):
        kept[match.start() + 1 : match.end()] = False
    return _WHITE_SPACES.sub(" ", before), origin[kept]


@lru_cache(64)
def _pattern(token_pattern: str) -> re.Pattern[str]:
    return re.compile(token_pattern)


def _words(vectorizer: Vectorizer, text: str) -> list[tuple[str, list[_Part]]]:
    pattern, stop_words = _pattern(vectorizer.token_pattern), vectorizer.get_stop_words() or frozenset()
    tokens = []
    for match in pattern.finditer(text):
        word, (start, end) = match.group(pattern.groups) or "", match.span(pattern.groups)
        if word not in stop_words:
            tokens.append((word, (match.start(), match.start()) if start < 0 else (start, end)))
    smallest, largest = vectorizer.ngram_range
    return [
        (
            " ".join(word for word, _ in tokens[first : first + length]),
            [span for _, span in tokens[first : first + length]],
        )
        for length in range(smallest, min(largest, len(tokens)) + 1)
        for first in range(len(tokens) - length + 1)
    ]


def _characters(vectorizer: Vectorizer, text: str) -> list[tuple[str, list[_Part]]]:
    smallest, largest = vectorizer.ngram_range
    return [
        (text[first : first + length], [(first, first + length)])
        for length in range(smallest, min(largest, len(text)) + 1)
        for first in range(len(text) - length + 1)
    ]


def _characters_of_words(vectorizer: Vectorizer, text: str) -> list[tuple[str, list[_Part]]]:
    smallest, largest = vectorizer.ngram_range
    found: list[tuple[str, list[_Part]]] = []
    for match in re.finditer(r"\S+", text):
        begin, end = match.span()
        padded = f" {match.group()} "
        for length in range(smallest, largest + 1):
            places = range(max(1, len(padded) - length + 1))
            for first in places:
                # Places in the padded word are one more than in the text; what is padding belongs to the word's ends.
                start, stop = max(begin + first - 1, begin), min(begin + first - 1 + length, end)
                found.append((padded[first : first + length], [(min(start, end - 1), max(stop, begin))]))
            if len(places) == 1:
                # A word that is shorter than the n-gram counts once.
                break
    return found
