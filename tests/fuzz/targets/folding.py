"""The folding of texts: the kernel gives what Python gives, pieces and places, and folding twice is folding once."""

from collections.abc import Sequence
from typing import Final

from sluicegate.models.compiled import folding
from sluicegate.models.folding.sequence import fold_in_python, fold_text_in_python
from tests.fuzz.target import Target
from tests.fuzz.texts import TEXT_WORDS, TEXTS, text_of

__all__ = ["TARGET"]

_BETWEEN: Final = b"\x1e"


def one(data: bytes) -> None:
    """Fold texts, each by itself and all of them with one memory."""
    assert folding is not None
    texts = [text_of(part) for part in data.split(_BETWEEN)]
    for text in texts:
        expected = fold_in_python(text)
        assert folding.fold(text) == (expected.pieces, expected.starts, expected.ends)
        assert all(0 <= start < end <= len(text) for start, end in zip(expected.starts, expected.ends, strict=True))
        assert folding.fold(expected.text)[0] == expected.pieces, "folding twice is not folding once"
    assert folding.fold_texts(texts) == [fold_text_in_python(text) for text in texts]


def _seeds() -> Sequence[bytes]:
    each = [text.encode() for text in TEXTS]
    return [*each, _BETWEEN.join(each), b"&\xed\xa0\xbd;", b"\xff", b"\xf0\x9f\x98\x80"]


TARGET: Final = Target(
    one,
    _seeds,
    (*TEXT_WORDS, _BETWEEN),
    longest=1_024,
    inputs=2_500,
    modules=("sluicegate.models.compiled.folding",),
)
