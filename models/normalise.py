"""What the features are made of: the two ends of a text, folded. Shared by training and serving."""

from typing import Final

from sluicegate.models.folding import fold_text

NORMALISATION = "sluicegate-fold-2"
"""Name of this folding, kept in each bundle: a bundle made with another one is refused."""

HEAD, TAIL = 1_000, 500
"""Code points kept of a long text: cost is per character, and both ends say what a text is about."""

_GAP: Final = "\n"


def cut(text: str) -> str:
    """Return the head and tail of a text longer than ``HEAD + TAIL`` code points, others as they are."""
    if len(text) <= HEAD + TAIL:
        return text
    return text[:HEAD] + _GAP + text[-TAIL:]


def original_offset(offset: int, length: int) -> int:
    """Translate an offset into ``cut(text)`` to one into the text, which has ``length`` code points."""
    if length <= HEAD + TAIL or offset <= HEAD:
        return offset
    return offset + length - (HEAD + len(_GAP) + TAIL)


def normalise(text: str) -> str:
    """Return what the features are made of: the text cut to its ends and folded."""
    return fold_text(cut(text))


def normalise_all(texts: list[str]) -> list[str]:
    """Normalise each text; named at module level so that a saved pipeline can refer to it."""
    return [normalise(text) for text in texts]
