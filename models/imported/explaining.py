"""Which words carried a score of a lowered pipeline: exact shares of its margin, as parts of the original text.

Each n-gram's share is spread evenly over the characters that it covers; the words of the text, and the gaps between
them, add up to the margin less its intercept.
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.utils import murmurhash3_32

from sluicegate.models.explain import Span
from sluicegate.models.imported.locating import Located, locate
from sluicegate.models.imported.reading import readable
from sluicegate.models.imported.vectorizing import BlockReader

_WORD: Final = re.compile(r"\S+")

_PUNCTUATION: Final = ".,;:!?()[]{}\"'«»“”„‘’…"


class LoweredExplainer:
    """Tells what each character of a text adds to a margin.

    Parameters
    ----------
    blocks
        Readers with their coefficients, shape (size, n_outputs).
    """

    def __init__(self, blocks: Sequence[tuple[BlockReader, NDArray[np.generic]]]) -> None:
        self._blocks = blocks

    def strongest(self, text: str, direction: NDArray[np.float64], limit: int) -> tuple[Span, ...]:
        """Return the words that add most, strongest first, and of those only what adds."""
        added = self.character_weights(text, direction)
        words = [match.span() for match in _WORD.finditer(text)]
        weights = np.array([added[start:end].sum() for start, end in words])
        chosen = np.argsort(-weights, kind="stable")[:limit]
        return tuple(_trimmed(text, words[place], float(weights[place])) for place in chosen if weights[place] > 0)

    def character_weights(self, text: str, direction: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give what each code point of a text adds to the margin in a direction over the outputs: (n_characters,).

        All together they add up to the margin less its intercept, unless the text has no character to carry it.
        """
        weights = np.zeros(len(text), dtype=np.float64)
        for reader, coefficients in self._blocks:
            located = locate(reader.vectorizer, readable(text))
            if located.grams:
                weights += _spread(located, _shares(reader, coefficients, readable(text), located, direction))
        return weights


def _trimmed(text: str, word: tuple[int, int], weight: float) -> Span:
    """Show a word without the punctuation around it, unless it is nothing else."""
    start, end = word
    shown = text[start:end].strip(_PUNCTUATION)
    if shown:
        start += text[start:end].index(shown)
        end = start + len(shown)
    return Span(start, end, weight)


def _shares(
    reader: BlockReader,
    coefficients: NDArray[np.generic],
    text: str,
    located: Located,
    direction: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return what each occurrence of an n-gram adds: shape (n_grams,)."""
    row = reader.features([text])
    row.sort_indices()
    columns, signs = _columns(reader, located.grams)
    known = columns >= 0
    if not known.any() or not row.nnz:
        return np.zeros(len(columns))
    if reader.block.binary:
        signs = np.ones_like(signs)
    # Occurrences of one column share what it adds by their number, those of opposite sign taking theirs back.
    unique, inverse = np.unique(columns[known], return_inverse=True)
    together = np.bincount(inverse, signs[known], len(unique))
    place = np.minimum(np.searchsorted(row.indices, unique), row.nnz - 1)
    value = np.where(row.indices[place] == unique, row.data[place], 0.0).astype(np.float64)
    added = value * (coefficients[unique].astype(np.float64) @ direction)
    each = np.divide(added, together, out=np.zeros_like(added), where=together != 0)
    shares = np.zeros(len(columns))
    shares[known] = each[inverse] * signs[known]
    return shares


def _columns(reader: BlockReader, grams: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the column of each n-gram, -1 where there is none, and the sign of its count: shapes (n_grams,)."""
    vectorizer = reader.vectorizer
    if isinstance(vectorizer, HashingVectorizer):
        # As FeatureHasher has it.
        hashes = np.fromiter(map(murmurhash3_32, grams), dtype=np.int64, count=len(grams))
        signs = np.where(hashes >= 0, 1.0, -1.0) if reader.block.alternate_sign else np.ones(len(grams))
        return np.asarray(np.abs(hashes) % reader.block.size), signs
    vocabulary = vectorizer.vocabulary
    found = np.fromiter((vocabulary.get(gram, -1) for gram in grams), dtype=np.int64, count=len(grams))
    return found, np.ones(len(grams))


def _spread(located: Located, shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spread the share of each n-gram over the code points of the original that its characters came from."""
    steps = np.zeros(len(located.origin) + 1)
    covered = np.repeat(shares / located.lengths, located.parts)
    np.add.at(steps, located.starts, covered)
    np.add.at(steps, located.ends, -covered)
    return np.asarray(np.bincount(located.origin, np.cumsum(steps)[:-1], located.size), dtype=np.float64)
