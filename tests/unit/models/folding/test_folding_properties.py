"""What holds of the folding for any text in Unicode."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sluicegate.models.folding import Folded, fold, fold_text, fold_token

FRAGMENTS = [
    *"abeilostuwxzABS013457@$!|._-*/:&;#<>[]()+ ?=%\n",
    *"\u200b\u0301\u0308\u200d\ufe0f\u20e3\u00adßİıéÅøﬁﷺ①ⓀΒαηВврсуї中한글がプきアʿאשི…¨™©½Ⅷ\ud800\x00\x85\xa0",
    *["🇩🇪", "🇺🇸", "🇰", "🔪", "😂", "👩🏽", "🅺", "ᴋ", "\U000e0041", "face with tears of joy ", "kitchen knife "],
    *["http", "https://", "www.", ".com", "t.co/", "<user>", "[URL]", "url", "_link_", "_number_", "@user", "12345"],
    *["&amp;", "&lt;", "&#38;", "&#128514;", "&nbsp;", "a.b.c", "s p a m", "u r a ", "l33t", "a$$", "aaa", "u/name"],
]
texts = st.one_of(
    st.text(st.characters(), max_size=40),
    st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.characters()), max_size=14).map("".join),
)
PLAIN = "Please meet me at the old station; bring a warm coat, it is a small town and nobody drives there"
UNSEEN = ["\u200b", "\u200c", "\u200d", "\u2060", "\u00ad", "\u202e", "\ufe0f", "\ufeff", "\U000e0061"]


def sources(text: str, folded: Folded) -> list[str]:
    return [text[start:end] for start, end in zip(folded.starts, folded.ends, strict=True)]


@settings(max_examples=200)
@given(texts)
def test_folding_twice_is_folding_once(text: str) -> None:
    folded = fold(text)
    assert fold(folded.text).pieces == folded.pieces


@given(texts)
def test_pieces_hold_something_and_no_white_space(text: str) -> None:
    assert all(piece.split() == [piece] for piece in fold(text).pieces)


@given(texts)
@example("0\ufdfa")  # one character that is several words
@example("A A P&#128000;")  # a spelled-out word that ends in what an emoji begins
def test_pieces_come_from_the_text_in_its_order(text: str) -> None:
    folded = fold(text)
    assert len(folded.pieces) == len(folded.starts) == len(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
    spans = list(zip(folded.starts, folded.ends, strict=True))
    assert all(first == second or first[1] <= second[0] for first, second in pairwise(spans))


@given(texts)
def test_the_text_alone_is_that_of_the_pieces(text: str) -> None:
    assert fold_text(text) == fold(text).text


@given(texts)
def test_a_folded_text_can_be_encoded(text: str) -> None:
    assert fold_text(text).encode().decode() == fold_text(text)


@given(texts, st.lists(st.tuples(st.integers(0, 200), st.sampled_from(UNSEEN)), max_size=6))
def test_what_is_not_seen_changes_nothing(text: str, marks: list[tuple[int, str]]) -> None:
    changed = text
    for place, mark in marks:
        changed = changed[:place] + mark + changed[place:]
    if "&" not in text:
        assert fold_text(changed) == fold_text(text)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_case_changes_nothing(text: str) -> None:
    if "&" not in text:
        assert fold_text(text.upper()) == fold_text(text.lower()) == fold_text(text)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_full_width_changes_nothing(text: str) -> None:
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter > " " else "\u3000" for letter in text)
    assert fold_text(wide) == fold_text(text)


@given(st.text(st.sampled_from("aceinouyACEINOUY \u0300\u0301\u0302\u0303\u0308")))
def test_accents_change_nothing(text: str) -> None:
    assert fold_text(text) == fold_text("".join(letter for letter in text if ord(letter) < 0x300))


@given(st.data())
def test_a_word_is_folded_alike_wherever_it_stands(data: st.DataObject) -> None:
    words = PLAIN.split()
    chosen = data.draw(st.lists(st.sampled_from([word for word in words if len(word) > 1])))
    assert fold_text(" \t".join(chosen)) == " ".join(fold_token(word).text for word in chosen)


@pytest.mark.parametrize(
    "unit",
    [*"a1@.&<_é🔪🇩В-$/(!+\ufdfa\u0301\u200b", "a.", "a ", "1-", "&amp;", "a.b@", "www.", "а a", "😂 ", "http:"],
    ids=ascii,
)
def test_a_long_text_of_one_kind_is_folded(unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    folded = fold_text(text)
    assert fold_text(folded) == folded
    assert fold("a1" * 100_000).pieces == fold_token("a1" * 100_000).pieces


@given(texts)
def test_a_piece_shows_where_it_comes_from(text: str) -> None:
    folded = fold(text)
    for source, piece in zip(sources(text, folded), folded.pieces, strict=True):
        if source.isascii() and source.isalpha() and len(set(source)) == len(source):
            assert piece in (source.lower(), "_link_")
