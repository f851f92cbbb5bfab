"""The identification of languages: the kernel says of any bytes in a buffer what Python says of the text."""

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np

from sluicegate.models.language import LanguageIdentifier, LanguageModel
from tests.fuzz.target import Target
from tests.fuzz.texts import TEXT_WORDS, TEXTS

__all__ = ["TARGET"]

_BETWEEN: Final = b"\x1e"
_LANGUAGES: Final = ("de", "en", "es", "fr", "pt", "zh", "sr")


@cache
def _identifiers() -> tuple[LanguageIdentifier, LanguageIdentifier]:
    models = LanguageModel.load(), LanguageModel.load(compiled=False)
    return LanguageIdentifier(models[0], _LANGUAGES, 0.7), LanguageIdentifier(models[1], _LANGUAGES, 0.7)


def one(data: bytes) -> None:
    """Identify the languages of texts in one buffer, the last of which ends with it."""
    texts = data.split(_BETWEEN)
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    begins = np.cumsum(lengths) - lengths
    (tags, sure), (expected, how_sure) = (
        identifier.identify_utf8(b"".join(texts), begins, lengths) for identifier in _identifiers()
    )
    assert tags.tolist() == expected.tolist()
    assert sure.tolist() == how_sure.tolist()


def _seeds() -> Sequence[bytes]:
    each = [text.encode() for text in TEXTS]
    return [*each, _BETWEEN.join(each), "\ufdfa".encode() * 200, b"\xff\xfe\x80 word", b"caf\xc3", b"word " * 150]


TARGET: Final = Target(
    one,
    _seeds,
    (*TEXT_WORDS, _BETWEEN),
    longest=1_024,
    inputs=1_500,
    modules=("sluicegate.models.compiled.languages",),
)
