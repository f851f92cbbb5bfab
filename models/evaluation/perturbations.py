"""Written-down disguises of texts, to measure what each of them costs a model.

Each is a pure function of a text and a source of randomness. Each changes three in ten of the words of four
letters and more, at least one (of any length, where a text has no such word), chosen at random; addresses and
mentions stay as they are. That is about what people do who want to be understood all the same.
"""

import random
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

__all__ = ["PERTURBATIONS", "SHARE", "Perturbation"]

Perturbation = Callable[[str, random.Random], str]

#: Of the words of four letters and more, what is changed.
SHARE: Final = 0.3

_SHORTEST: Final = 4
_WORD = re.compile(r"\S*(?:://|@)\S*|www\.\S*|(?<![\w<\[])([^\W\d_]+)")

_DIGITS: Final = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7"}
_SEPARATORS: Final = (" ", ".", "-", "_")
#: Cyrillic and Greek letters that Unicode's confusables (UTS #39) take for these.
_LOOK_ALIKES: Final = dict(zip("aceijopsxyABCEHIKMOPTXYv", "асеіјорѕхуАВСЕНІКМОРТХΥν", strict=True))
_UNSEEN: Final = "\u200b\u200c\u200d\u2060\u00ad"
_EMOJI: Final = "😂🔥😡👀💯🙄😎👍💀✨"
_ACCENTS: Final = "\u0300\u0301\u0302\u0303\u0308"
_ACCENTED: Final = frozenset("aeiouyncAEIOUYNC")
_VOWELS: Final = frozenset("aeiouyAEIOUY")
_TO_FULL_WIDTH: Final = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def leetspeak(text: str, source: random.Random) -> str:
    """Write digits or signs (0 1 3 4 5 7 @ $ !) for half the letters that they stand for, at least for one."""
    return _changed(text, source, lambda word: _letters(word, source, _DIGITS, 0.5))


def spacing(text: str, source: random.Random) -> str:
    """Put a space, a full stop, a hyphen or a low line, the same in all of a word, between its letters."""
    return _changed(text, source, lambda word: source.choice(_SEPARATORS).join(word))


def homoglyphs(text: str, source: random.Random) -> str:
    """Put Cyrillic or Greek letters for half the letters that look like them, at least for one."""
    return _changed(text, source, lambda word: _letters(word, source, _LOOK_ALIKES, 0.5))


def zero_width(text: str, source: random.Random) -> str:
    """Put a character without width after half the letters, at least after the first."""
    return _changed(text, source, lambda word: _after_letters(word, source, _UNSEEN))


def emoji(text: str, source: random.Random) -> str:
    """Put one of ten common emoji behind a word, in one case of two without a space between."""
    return _changed(text, source, lambda word: word + source.choice(("", " ")) + source.choice(_EMOJI))


def casing(text: str, source: random.Random) -> str:
    """Turn a word to capitals, or give each of its letters a case at random."""
    return _changed(text, source, lambda word: _cased(word, source))


def accents(text: str, source: random.Random) -> str:
    """Put an accent on half the letters a, c, e, i, n, o, u and y, at least on one; composed where Unicode has it."""
    return _changed(text, source, lambda word: _accented(word, source))


def full_width(text: str, source: random.Random) -> str:
    """Write a word in full-width letters."""
    return _changed(text, source, lambda word: word.translate(_TO_FULL_WIDTH))


def elongation(text: str, source: random.Random) -> str:
    """Write one vowel, or any letter of a word without, three to six times."""
    return _changed(text, source, lambda word: _stretched(word, source))


def typos(text: str, source: random.Random) -> str:
    """Swap two neighbouring letters, leave one out or write one twice, but never the first."""
    return _changed(text, source, lambda word: _mistyped(word, source))


PERTURBATIONS: Final[Mapping[str, Perturbation]] = {
    each.__name__: each
    for each in (
        leetspeak,
        spacing,
        homoglyphs,
        zero_width,
        emoji,
        casing,
        accents,
        full_width,
        elongation,
        typos,
    )
}
"""Name to function."""


def _changed(text: str, source: random.Random, change: Callable[[str], str]) -> str:
    found = [match for match in _WORD.finditer(text) if match.group(1)]
    words = [match for match in found if len(match.group(1)) >= _SHORTEST] or found
    if not words:
        return text
    chosen = source.sample(range(len(words)), max(1, round(SHARE * len(words))))
    parts, done = [], 0
    for place in sorted(chosen):
        start, end = words[place].span(1)
        parts += [text[done:start], change(text[start:end])]
        done = end
    return "".join([*parts, text[done:]])


def _letters(word: str, source: random.Random, table: Mapping[str, str], share: float) -> str:
    """Replace a share of the letters that a table holds, at least one."""
    open_places = [place for place, letter in enumerate(word) if letter in table or letter.lower() in table]
    if not open_places:
        return word
    chosen = {place for place in open_places if source.random() < share} or {source.choice(open_places)}
    return "".join(
        source.choice(table.get(letter) or table[letter.lower()]) if place in chosen else letter
        for place, letter in enumerate(word)
    )


def _after_letters(word: str, source: random.Random, marks: str) -> str:
    return "".join(
        letter + source.choice(marks) if place == 0 or source.random() < 0.5 else letter
        for place, letter in enumerate(word)
    )


def _cased(word: str, source: random.Random) -> str:
    if source.random() < 0.5:
        return word.upper()
    return "".join(letter.upper() if source.random() < 0.5 else letter.lower() for letter in word)


def _accented(word: str, source: random.Random) -> str:
    open_places = [place for place, letter in enumerate(word) if letter in _ACCENTED]
    if not open_places:
        return word
    chosen = {place for place in open_places if source.random() < 0.5} or {source.choice(open_places)}
    marked = (letter + source.choice(_ACCENTS) if place in chosen else letter for place, letter in enumerate(word))
    return unicodedata.normalize("NFC", "".join(marked))


def _stretched(word: str, source: random.Random) -> str:
    places = [place for place, letter in enumerate(word) if letter in _VOWELS] or range(len(word))
    place = source.choice(places)
    return word[:place] + word[place] * source.randint(3, 6) + word[place + 1 :]


def _mistyped(word: str, source: random.Random) -> str:
    if len(word) < 3:
        return word + word[-1]
    place = source.randrange(1, len(word) - 1)
    kind = source.randrange(3)
    if kind == 0:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word[:place] + word[place] * (0 if kind == 1 else 2) + word[place + 1 :]
