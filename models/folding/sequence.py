"""What becomes of a text: the pieces of its tokens, words that were spaced out joined, emoji with their names.

The compiled kernel gives that where it is there; what it gives is what the Python here gives, which says what it is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sluicegate.models.compiled import folding as _kernel
from sluicegate.models.folding.tables import EMOJI
from sluicegate.models.folding.token import JOINED, apart, fold_token, is_joinable

__all__ = ["Folded", "fold", "fold_in_python", "fold_text", "fold_text_in_python"]

#: Letters that people write for words; three of these alone are no word that was spaced out ("u r a ...").
_WORDS: Final = frozenset("aiournybcxk")

_Piece = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text in pieces without white space, each from the code points ``[start, end)`` of the original."""

    pieces: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @property
    def text(self) -> str:
        """The folded text."""
        return " ".join(self.pieces)


def fold(text: str) -> Folded:
    """Fold a text and say where each piece of it comes from.

    Total, and idempotent: folding ``fold(text).text`` gives the same pieces.
    """
    return fold_in_python(text) if _kernel is None else Folded(*_kernel.fold(text))


def fold_text(text: str) -> str:
    """Return the folded text: what ``fold(text).text`` is, at less cost."""
    found: str = fold_text_in_python(text) if _kernel is None else _kernel.fold_text(text)
    return found


def fold_in_python(text: str) -> Folded:
    """Give what :func:`fold` gives, without the kernel."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    letters = done = 0
    for token in text.split():
        found = fold_token(token)
        # What stands before a token is white space, so that its first occurrence is the token itself.
        start = text.index(token, done)
        done = start + len(token)
        letters += found.letters
        if len(found.pieces) == 1:
            pieces.append(found.text)
            starts.append(start + found.starts[0])
            ends.append(start + found.ends[0])
        else:
            pieces += found.pieces
            starts += [start + place for place in found.starts]
            ends += [start + place for place in found.ends]
    if letters < JOINED:
        return Folded(tuple(pieces), tuple(starts), tuple(ends))
    sequence = _in_sequence(list(zip(pieces, starts, ends, strict=True)))
    return Folded(tuple(piece for piece, _, _ in sequence), *apart((start, end) for _, start, end in sequence))


def fold_text_in_python(text: str) -> str:
    """Give what :func:`fold_text` gives, without the kernel."""
    tokens = [fold_token(token) for token in text.split()]
    if sum([token.letters for token in tokens]) < JOINED:
        return " ".join([token.text for token in tokens if token.pieces])
    pieces = [(piece, 0, 0) for token in tokens for piece in token.pieces]
    return " ".join([piece for piece, _, _ in _in_sequence(pieces)])


def _in_sequence(pieces: list[_Piece]) -> list[_Piece]:
    return list(_named(list(_joined(pieces))))


def _joined(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Join letters that stand alone."""
    run: list[_Piece] = []
    for piece in pieces:
        if is_joinable(piece[0]):
            run.append(piece)
            continue
        if run:
            yield from _word(run)
            run = []
        yield piece
    yield from _word(run)


def _word(run: list[_Piece]) -> Iterable[_Piece]:
    letters = [letter for letter, _, _ in run]
    if len(run) < JOINED or (len(run) == JOINED and _WORDS.issuperset(letters)):
        return run
    return [(piece, run[0][1], run[-1][2]) for piece in fold_token("".join(letters)).pieces]


def _named(pieces: list[_Piece]) -> Iterator[_Piece]:
    """Say the name of each emoji after it, if it is not said already."""
    for place, piece in enumerate(pieces):
        yield piece
        name = EMOJI.get(piece[0])
        if name and tuple(word for word, _, _ in pieces[place + 1 : place + 1 + len(name)]) != name:
            for word in name:
                yield word, piece[1], piece[2]
