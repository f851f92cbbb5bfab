"""What single characters become, before any word is looked at: one canonical form of a token.

In this order, again until nothing changes:

1. A lone surrogate becomes U+FFFD. Characters that are not seen are dropped: the default-ignorable ones
   (zero width, direction, soft hyphen, variation selectors, tags), other formats (Cf) and controls, and what
   only dresses another one: skin tones and the keycap mark.
2. HTML's character references are resolved.
3. Unicode's compatibility composition, NFKC (UAX #15).
4. Letters that look like Latin ones (UTS #39), in words that mix them with Latin letters: before case is
   folded, so that a Cyrillic Ve is a B, and after.
5. Case folding, and NFKC again.
6. Accents: the combining marks U+0300 to U+036F, after NFD; strokes through letters and small capitals. The
   signs of other scripts (Indic, Arabic, Hebrew, Thai, Japanese voicing) stay.
"""

import html
import re
import unicodedata
from typing import Final

from sluicegate.models.folding.tables import BASE_LETTERS, LOOK_ALIKES

__all__ = ["canonical", "places"]

#: Rounds after which a token that still changes is reduced to its plain characters. Two are enough for all known text.
_ROUNDS: Final = 4

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U0001f3fb-\U0001f3ff"
    "\U000e0000-\U000e0fff]"
)
#: A reference to "&" may hide another reference; all of them at once, so that the work stays linear.
_NESTED = re.compile(r"&(?:amp;|AMP;|#0{0,6}38;|#[xX]0{0,6}26;)+")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z]{2,8}\d?);")
_ACCENT = re.compile("[\u0300-\u036f]+")
_WORD = re.compile(r"\w+")
_LATIN = re.compile("[A-Za-z]")
_LOOK_ALIKE = re.compile("[" + "".join(map(re.escape, LOOK_ALIKES)) + "]")
_NOT_BASE = re.compile("[" + "".join(map(re.escape, BASE_LETTERS)) + "]")
_FROM_LOOK_ALIKE = str.maketrans(dict(LOOK_ALIKES))
_TO_BASE = str.maketrans(dict(BASE_LETTERS))


def canonical(token: str) -> str:
    """Return the canonical form of a token, which has no other one itself; it may hold white space, or nothing."""
    if token.isascii() and token.isprintable() and "&" not in token:
        return token.lower()
    for _ in range(_ROUNDS):
        found = _once(token)
        if found == token:
            return token
        token = found
    return "".join(letter for letter in token if letter.isascii() and letter.isprintable() and letter != "&").lower()


def places(token: str, found: str) -> tuple[list[int], list[int]]:
    """Give where in a token the characters of its canonical form begin and end.

    Returns
    -------
    starts, ends
        Of as many entries as the canonical form; where characters cannot be told apart since they were
        composed, each comes from the whole token.
    """
    if token.isascii() and len(token) == len(found):
        return list(range(len(token))), list(range(1, len(token) + 1))
    starts: list[int] = []
    for place, character in enumerate(token):
        starts += [place] * (len(character) if character.isascii() else len(canonical(character)))
    if len(starts) != len(found):
        return [0] * len(found), [len(token)] * len(found)
    ends: list[int] = []
    end = len(token)
    for place, following in zip(reversed(starts), [len(token), *reversed(starts)], strict=False):
        end = following if following > place else end
        ends.append(end)
    return starts, ends[::-1]


def _once(token: str) -> str:
    if token.isascii():
        return _resolved(_CONTROL.sub("", token)).lower()
    token = _resolved(_UNSEEN.sub("", _SURROGATE.sub("\ufffd", token)))
    token = _in_latin(unicodedata.normalize("NFKC", token))
    token = unicodedata.normalize("NFKC", token.casefold())
    if not token.isascii():
        token = _ACCENT.sub("", unicodedata.normalize("NFD", token))
        token = token.translate(_TO_BASE) if _NOT_BASE.search(token) else token
        token = _in_latin(unicodedata.normalize("NFKC", token))
    return token


def _resolved(token: str) -> str:
    """Resolve HTML's character references, as they stand in texts that were scraped."""
    if "&" not in token or ";" not in token:
        return token
    return _REFERENCE.sub(lambda match: html.unescape(match.group()), _NESTED.sub("&", token))


def _in_latin(token: str) -> str:
    """Put Latin letters for those that look like them, in words that hold Latin letters as well."""
    if token.isascii() or not _LOOK_ALIKE.search(token):
        return token
    return _WORD.sub(lambda match: _word_in_latin(match.group()), token)


def _word_in_latin(word: str) -> str:
    return word.translate(_FROM_LOOK_ALIKE) if _LATIN.search(word) else word
