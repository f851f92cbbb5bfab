"""What of a text is read to identify its language: words, without what is alike in all languages."""

import re
import unicodedata
from typing import Final

__all__ = ["JOINING", "LOOKED_AT", "SIGNS", "encoded_wording", "wording"]

#: Code points that are looked at, and the most of what tells something that are read: more costs time and adds nothing.
LOOKED_AT: Final = 1_000
_READ: Final = 300

#: A word with one of these is a link, a mention, a tag, an address or a number.
SIGNS: Final = frozenset("@#/\\_<>0123456789")

#: From here on are the scripts that put no space between words: a number in them stands for itself alone.
_UNSPACED: Final = "\u0e00"
_SIGNED: Final = re.compile(r"[!-~]*[@#/\\_<>0-9][!-~]*")

#: Within words, beside letters and their marks.
JOINING: Final = frozenset("'’-")


def wording(text: str) -> str:
    """Give the words of a text that tell its language, as far as they are read.

    Links, mentions, tags and numbers are left out, and so are emoji and characters that are not seen. The letters are
    not folded: accents, and what case a noun is in, tell languages apart.

    Parameters
    ----------
    text
        Of any length.

    Returns
    -------
    str
        At most 300 code points; empty where there is no letter.
    """
    words: list[str] = []
    size = 0
    for word in text[:LOOKED_AT].split():
        if not word.isalpha():
            word = _letters_of(word)
            if not word:
                continue
        words.append(word)
        size += len(word) + 1
        if size > _READ:
            break
    joined = unicodedata.normalize("NFKC", " ".join(words)[:_READ])
    return joined.lower() if joined.isupper() else joined


def encoded_wording(text: str) -> bytes:
    """Give the same in UTF-8."""
    return wording(text).encode("utf-8", "replace")


def _letters_of(word: str) -> str:
    """Give a word that holds more than letters without what tells nothing; empty if that is all of it."""
    if not SIGNS.isdisjoint(word):
        if max(word) < _UNSPACED:
            return ""
        word = _SIGNED.sub(" ", word)
    if not any(map(str.isalpha, word)):
        return ""
    if word.isascii():
        return word
    return "".join(letter for letter in word if letter.isascii() or letter.isalpha() or _joins(letter))


def _joins(letter: str) -> bool:
    return letter in JOINING or unicodedata.category(letter)[0] == "M"
