"""What a word becomes: the disguises of its letters are taken off. Words are in canonical form already.

In this order: three or more of a letter become two; single letters with separators between them are joined
(``s.p.a.m``); digits and signs that stand for letters (leetspeak) become letters, where letters stand around
them so that nothing else can be meant: ``covid19``, ``mp3``, ``4pm``, ``100k``, ``b2b`` and ``$100`` stay.
"""

import re
from typing import Final

__all__ = ["plain_word"]

_LONG = re.compile(r"([^\W\d_])\1{2,}")

#: Letters, and perhaps digits that stand for letters, with separators between each two.
_SEPARATED = re.compile(r"(\W*)([^\W_](?:[-._*/\\|+~·•,:;'^=]{1,3}[^\W_]){2,})([^\w\s]*)")
_NO_LETTERS = re.compile(r"[\W\d_]+")
_SEPARATORS = re.compile(r"[\W_]+")

_LETTER_OF: Final = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "|": "l"}
_TO_LETTERS = str.maketrans(_LETTER_OF)
_IN_DISGUISE = re.compile(r"[013457@$!|]")

_INSIDE = re.compile(r"(?<=[a-z])(?:[013457@$|]{1,3}|(?<![a-z]{3})!|!(?![a-z]{3}))(?=[a-z])")
_LEADING = re.compile(r"(?<![\w@$!|.,#&/=+-])(?:[013457](?=[a-z]{3})|[@$]{1,2}(?=[a-z]{2}))")
_AT_THE_END = re.compile(r"(?<=[a-z]{2})(?:[@$]|33|00)(?![\w@$])|(?<=[a-z])\$\$(?![\w@$])")
_TRAILING = re.compile(r"(?<=[a-z])[013457@$]{1,2}(?![\w@$])")


def plain_word(word: str) -> str:
    """Return a word without the disguises of its letters."""
    word = _LONG.sub(r"\1\1", word)
    if word.isalpha():
        return word
    separated = _SEPARATED.fullmatch(word)
    if separated and len(_NO_LETTERS.sub("", word)) * 2 > len(_SEPARATORS.sub("", word)):
        before, inner, after = separated.groups()
        word = before + _SEPARATORS.sub("", inner) + after
    if not _IN_DISGUISE.search(word):
        return word
    plain = _LEADING.sub(_letters, _INSIDE.sub(_letters, word))
    # A word in disguise already is one at its end as well; elsewhere a digit at the end is a number.
    return (_TRAILING if plain != word else _AT_THE_END).sub(_letters, plain)


def _letters(match: re.Match[str]) -> str:
    return match.group().translate(_TO_LETTERS)
