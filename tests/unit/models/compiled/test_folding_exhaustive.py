"""The kernel of the folding gives what the Python gives for all short texts over the letters of each rule."""

import sys
from itertools import product

import pytest

from sluicegate.models.compiled import folding
from sluicegate.models.folding.sequence import fold_in_python, fold_text_in_python

# What a rule looks at, and how many of these in a row.
ALPHABETS = {
    "address": (["http", "hxxp", "s", ":", ".", "www.", "a", "/", " "], 5),
    "host": (["a", "-", ".", "com", "co", "/", "9", "_", "@"], 5),
    "path": (["a.com", "x.me", "/", "?", ":", ".", "b", "(", "\u00e9"], 5),
    "word for a link": (["http", "url", "s", "_", "x", ".", "\u00e9", " "], 5),
    "mail": (["a", "@", ".", "-", "bc", "1", "%", "\u0431"], 5),
    "mention": (["@", "u/", "/", "abc", "d", "-", "_", "\u0431"], 5),
    "number": (["1", "23", "+", "(", ")", "-", ".", "a", "\u0661"], 5),
    "placeholder": (["<", "[", ">", "]", "url", "http", "s", "user", "name", "#", "mail", "e"], 4),
    "flags": (["\U0001f1e9", "\U0001f1ea", "\U0001f1fa", "\U0001f1f8", "\U0001f44d", "a", " "], 5),
    "repeats": (["a", "A", "aa", "1", "_", "\u4e2d", "\u00b2"], 5),
    "separated": (["a", "b1", "1", ".", "--", "_", "!", "\u00b7", "("], 5),
    "separated digits": (["a.", "1.", "_", "b", "2", "!"], 5),
    "inside": (["a", "bcd", "0", "1", "!", "@", "$", "|", "."], 5),
    "ends": (["a", "bc", "3", "0", "$", "@", "!", "_", "\u00e9"], 5),
    "references": (["&", "amp;", "#38;", "#x26;", "lt", ";", "#6", "5", "x"], 5),
    "marks": (["a", "\u0301", "\u0327", "\u0345", "\u00e9", "\u05b0", "\u03b1", "\u3099"], 5),
    "Hangul": (["\u1100", "\u1161", "\u11a7", "\u11a8", "\uac00", "\uac01", "a"], 5),
    "marks of one class": (["\u304b", "\u3099", "\u309a", "\u0627", "\u0654", "\u0655", "\u0657"], 5),
    "composition": (["\u09c7", "\u09be", "\u0915", "\u093c", "\u094d", "\u0b47", "\u0b3e", "\u0f71", "\u0f72"], 4),
    "look-alikes": (["\u0430", "\u0410", "\u042e", "p", "P", "_", ".", "\u0431", "\u0301"], 5),
    "sigma": (["&Sigma;", "a", ".", "&#173;", "\u03a3", "'", " "], 4),
    "single letters": (["a ", "b ", "s ", "u", "r ", "\u0431 ", "1 ", "\U0001f600 "], 5),
    "names": (["\U0001f44d", "thumbs", " ", "up", "\U0001f1e9\U0001f1ea", "germany"], 6),
    "nested": (["&am", "&#112;", ";", "lt", "&#38;", "#", "<"], 5),
}


def assert_is_as_in_python(text: str) -> None:
    assert folding is not None, "run `make install`; without a C compiler only Python serves"
    expected = fold_in_python(text)
    assert folding.fold(text) == (expected.pieces, expected.starts, expected.ends), ascii(text)
    assert folding.fold_text(text) == expected.text, ascii(text)


@pytest.mark.parametrize("rule", ALPHABETS)
def test_short_texts_over_the_letters_of_a_rule(rule: str) -> None:
    letters, longest = ALPHABETS[rule]
    for length in range(min(longest, 4) + 1):
        for chosen in product(letters, repeat=length):
            assert_is_as_in_python("".join(chosen))
    for chosen in list(product(letters, repeat=longest))[::7]:
        assert_is_as_in_python("".join(chosen))


@pytest.mark.parametrize("first", range(0, sys.maxunicode + 1, 0x10000))
def test_code_points_alone_and_between_letters(first: int) -> None:
    assert folding is not None
    # Every one, but of the planes that hold none, or private ones only, one of so many.
    step = 31 if 0x40000 <= first < 0xE0000 or first >= 0xF0000 else 1
    for point in range(first, first + 0x10000, step):
        letter = chr(point)
        text = f"{letter} a{letter}b"
        expected = fold_in_python(text)
        assert folding.fold(text) == (expected.pieces, expected.starts, expected.ends), ascii(text)


def test_pairs_of_letters_with_marks() -> None:
    assert folding is not None
    marks = [chr(point) for point in range(0x300, 0x370)]
    letters = [chr(point) for point in (*range(0x41, 0x250), *range(0x370, 0x530), *range(0x1E00, 0x2000))]
    for mark in marks:
        text = " ".join(letter + mark for letter in letters)
        assert folding.fold_text(text) == fold_text_in_python(text)
