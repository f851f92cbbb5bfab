"""The scorer of texts: the kernel gives the probabilities and the reasons that scikit-learn's hashing gives."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.buffered import READ_WHOLE, BufferScorer, buffer_scorer
from sluicegate.models.compiled import scoring
from sluicegate.models.features import count, hasher
from sluicegate.models.figures import sigmoid
from sluicegate.models.normalise import cut, normalise
from sluicegate.models.samples import TOLERANCE
from sluicegate.models.windows import WindowedScorer
from sluicegate.schemas.columns import spans_of
from tests.fuzz.models import manifest, scorer, tensors
from tests.fuzz.target import Target
from tests.fuzz.texts import TEXT_WORDS, TEXTS, text_of

__all__ = ["TARGET"]

_BETWEEN: Final = b"\x1e"
_PARTS: Final = 3


@cache
def _buffered() -> BufferScorer:
    found = buffer_scorer(WindowedScorer(scorer()))
    assert found is not None
    return found


@cache
def _hashers() -> list[tuple[Any, NDArray[np.float64], NDArray[np.float64]]]:
    parts = tensors()
    return [
        (
            hasher(block, np.float64),
            np.asarray(parts[f"idf.{block.name}"], np.float64),
            np.asarray(parts[f"coefficients.{block.name}"], np.float64),
        )
        for block in manifest().features
    ]


def one(data: bytes) -> None:
    """Score texts, as strings and where they stand in a buffer, and ask what spoke for one harm."""
    texts = [text_of(part) for part in data.split(_BETWEEN)]
    found = scorer().score(texts)
    assert np.allclose(found, sigmoid(_expected(texts)), rtol=0, atol=TOLERANCE)
    _explain(texts[0], len(data) % len(scorer().harms))
    assert scoring is not None
    shares = scoring.marked_shares([cut(text) for text in texts], np.arange(7, dtype=np.uint8) & 1)
    assert (np.isnan(shares) | ((shares >= 0) & (shares <= 1))).all()
    sound = [text for text in texts if len(text) <= READ_WHOLE and text.isprintable()]
    if sound:
        spans = spans_of([text.encode() for text in sound])
        assert (_buffered().score(spans) == scorer().score(sound)).all(), "a buffer is scored otherwise"


def _expected(texts: Sequence[str]) -> NDArray[np.float64]:
    rows = [normalise(text) for text in texts]
    total = np.tile(scorer().intercepts, (len(rows), 1))
    for vectorizer, frequencies, coefficients in _hashers():
        counts = count(vectorizer, rows).toarray() * frequencies
        lengths = np.sqrt((counts**2).sum(axis=1, keepdims=True))
        total += np.asarray(counts / np.where(lengths > 0, lengths, 1)) @ coefficients
    return total


def _explain(text: str, column: int) -> None:
    found = scorer().why(text, scorer().harms[column], _PARTS)
    expected = scorer().explainer.strongest(text, column, _PARTS)
    assert np.allclose([span.weight for span in found], [span.weight for span in expected], rtol=0, atol=1e-4)
    assert all(0 <= span.start < span.end <= len(text) and span.weight > 0 for span in found)
    # Of parts that weigh the same but for rounding either may come first, and the last of them be left out.
    _, weights = scorer().explainer.piece_weights(text, column)
    if len(set(np.round(weights, 3))) == len(weights):
        assert [(span.start, span.end) for span in found] == [(span.start, span.end) for span in expected]


def _seeds() -> Sequence[bytes]:
    each = [text.encode() for text in TEXTS]
    return [*each, _BETWEEN.join(each), b"ab " * 300, b"\xed\xa0\xbd", b"a" * 900]


TARGET: Final = Target(
    one,
    _seeds,
    (*TEXT_WORDS, _BETWEEN),
    longest=1_024,
    inputs=500,
    modules=("sluicegate.models.compiled.scoring",),
)
