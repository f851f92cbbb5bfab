"""What becomes of one token, which is what stands between two white spaces: its pieces, and where they come from.

A token is brought to its canonical form, split where a link, an address, a mention, a long number or an emoji
stands (each is a piece of its own, and all but emoji become one word for all), and the words between are plain
ones afterwards. That is done again with each piece until nothing changes, so that folding twice is folding once.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from sluicegate.models.folding.characters import canonical, places
from sluicegate.models.folding.tables import EMOJI
from sluicegate.models.folding.words import plain_word

__all__ = ["LINK", "MAIL", "MENTION", "NUMBER", "Token", "fold_token"]

LINK: Final = "_link_"
MAIL: Final = "_mail_"
MENTION: Final = "_mention_"
NUMBER: Final = "_number_"

#: So many single letters in a row are one word.
JOINED: Final = 3

#: Words recur: the foldings of so many tokens are kept, if they are no longer than that.
_KEPT_TOKENS: Final = 1 << 16
_KEPT_LENGTH: Final = 24

#: Rounds after which what still changes is reduced to its letters; nothing that people write needs four.
_ROUNDS: Final = 8

#: Domains that are no English words stand alone; others need a path behind them.
_DOMAINS = (
    "com|net|org|info|biz|edu|gov|ru|de|uk|fr|nl|pl|cn|jp|br|xyz|io|tv|cc|ly|eu|online|site|shop|app|dev|link|click"
)
_SHORT_DOMAINS = "co|be|me|gl|gg|us|it|to|in|id|is|sh|st|am|fm|la|ws|top|club|vip|win|live"
_HOST = r"(?<![a-z0-9@._-])(?:[a-z0-9][a-z0-9-]{0,62}\.){1,8}"

_SPECIAL = re.compile(
    # As people write links, and as sets of texts write that there was one.
    rf"(?P<link>(?<![a-z0-9])(?:h(?:tt|xx)ps?(?::[!-~]*|\.\.+)|www\.[!-~]+)"
    rf"|{_HOST}(?:(?:{_DOMAINS})(?![a-z0-9.-]*[a-z0-9])(?:[/:?#][!-~]*)?|(?:{_SHORT_DOMAINS})/[!-~]+)"
    r"|(?:<|\[)(?:url|link|https?)(?:>|\])|(?<!\w)(?:http(?:s|url)?|url)(?!\w))"
    r"|(?P<mail>(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?![a-z0-9])"
    r"|(?:<|\[)e?mail(?:>|\]))"
    r"|(?P<mention>(?<![\w@])@+\w{4,}|(?:<|\[)(?:user|username|mention|name|person)(?:>|\])|(?<![\w/])/?u/[\w-]{3,})"
    r"|(?P<number>\+?\(?\d(?:[-.,:/()]{0,2}\d){4,}|(?:<|\[)(?:number|phone|money|date|time|percent|decimal)(?:>|\])|<#>)"
    r"|(?P<flags>[\U0001f1e6-\U0001f1ff]+)"
    rf"|(?P<emoji>[{''.join(sign for sign in EMOJI if len(sign) == 1)}])"
    r"|(?P<gap>\s+)"
)
#: Without any of these in it a token holds nothing special: looking for them costs a tenth.
_HINT = re.compile(r"[@<\[/\s]|\.(?=\w)|www\.|http|hxxp|url|\d[-.,:/()]{0,2}\d[-.,:/()]{0,2}\d")
_RARE_HINT = re.compile(rf"[\s\U0001f1e6-\U0001f1ff{''.join(sign for sign in EMOJI if len(sign) == 1)}]")
_FIRST: Final = (0,)
_WORD_OF: Final = {"link": LINK, "mail": MAIL, "mention": MENTION, "number": NUMBER}
_OWN: Final = frozenset(_WORD_OF.values())
_NOT_LATIN = re.compile("[^a-z]+")


class Token(NamedTuple):
    """Pieces of a token, each from the code points ``[start, end)`` of it.

    ``letters`` counts the pieces that are joined with others of their kind; an emoji counts as many as are joined,
    since its name follows it: where a text holds fewer, its tokens have nothing to do with each other.
    """

    text: str
    pieces: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    letters: int


def fold_token(token: str) -> Token:
    """Fold what stands between two white spaces; in time linear in its length."""
    return _kept(token) if len(token) <= _KEPT_LENGTH else _fold_token(token)


def _fold_token(token: str) -> Token:
    found = canonical(token)
    if found and _is_ordinary(found) and plain_word(found) == found:
        # Most words by far.
        return Token(found, (found,), _FIRST, (len(token),), int(is_joinable(found)))
    parts = [(piece, start, end) for text, start, end in _parts(found) for piece in _settled(text)]
    pieces = tuple([piece for piece, _, _ in parts])
    starts, ends = _spans(token, found, parts)
    letters = sum([JOINED if piece in EMOJI else is_joinable(piece) for piece in pieces])
    return Token(" ".join(pieces), pieces, starts, ends, letters)


_kept = lru_cache(_KEPT_TOKENS)(_fold_token)


def is_joinable(piece: str) -> bool:
    """Tell whether a piece is a single letter of a script that has cases, as in a word that is spaced out."""
    return len(piece) == 1 and piece.islower()


def _is_ordinary(text: str) -> bool:
    """Tell whether a token in canonical form is a word with nothing special in it."""
    return _HINT.search(text) is None and (text.isascii() or _RARE_HINT.search(text) is None)


def _spans(token: str, found: str, parts: list[tuple[str, int, int]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if len(parts) == 1 and parts[0][1:] == (0, len(found)):
        return (0,), (len(token),)
    begins, finishes = places(token, found)
    return apart((begins[first], finishes[last - 1]) for _, first, last in parts)


def apart(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Give where pieces begin and end; those whose places overlap all come from the place that they share.

    One character may become several pieces. They are counted and not written anew with each, as a text of one such
    character alone is a single place of all its pieces.
    """
    runs: list[tuple[int, int, int]] = []
    for start, end in spans:
        count = 1
        if runs and start < runs[-1][1]:
            shared, reached, pieces = runs.pop()
            start, end, count = shared, max(end, reached), pieces + 1
        runs.append((start, end, count))
    starts = [start for start, _, count in runs for _ in range(count)]
    return tuple(starts), tuple([end for _, end, count in runs for _ in range(count)])


def _settled(text: str) -> list[str]:
    """Fold until nothing changes."""
    return _kept_settled(text) if len(text) <= _KEPT_LENGTH else _settle(text)


def _settle(text: str) -> list[str]:
    pieces = [text]
    for _ in range(_ROUNDS):
        folded = [piece for each in pieces for piece in _step(each)]
        if folded == pieces:
            return pieces
        pieces = folded
    reduced = [_NOT_LATIN.sub("", piece) if _step(piece) != [piece] else piece for piece in pieces]
    return [piece for each in reduced for piece in _step(each) if _step(piece) == [piece]]


_kept_settled = lru_cache(1 << 12)(_settle)


def _step(text: str) -> list[str]:
    return [piece for piece, _, _ in _parts(canonical(text))]


def _parts(text: str) -> Iterator[tuple[str, int, int]]:
    """Split a token in canonical form: pieces, and where they stand in it."""
    if text in _OWN:
        yield text, 0, len(text)
        return
    if text and _is_ordinary(text):
        yield plain_word(text), 0, len(text)
        return
    done = 0
    for match in _SPECIAL.finditer(text):
        start, end = match.span()
        if start > done:
            yield plain_word(text[done:start]), done, start
        done = end
        kind = match.lastgroup or ""
        if kind == "flags":
            yield from _flags(match.group(), start)
        elif kind != "gap":
            yield _WORD_OF.get(kind, match.group()), start, end
    if done < len(text):
        yield plain_word(text[done:]), done, len(text)


def _flags(letters: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Give flags, or the word that is spelled with the letters that flags are made of."""
    pairs = [letters[place : place + 2] for place in range(0, len(letters), 2)]
    if all(pair in EMOJI for pair in pairs):
        for place, pair in enumerate(pairs):
            yield pair, start + 2 * place, start + 2 * place + len(pair)
    else:
        yield "".join(chr(ord(letter) - 0x1F1E6 + ord("a")) for letter in letters), start, start + len(letters)
