"""The kernel of the folding gives what the Python gives: the pieces, and the places that they come from."""

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sluicegate.models.compiled import folding
from sluicegate.models.folding import sequence
from sluicegate.models.folding.sequence import fold, fold_in_python, fold_text, fold_text_in_python

LINKS = ["http", "https", "hxxp", "hxxps", "httpurl", "url", "www.", "://", "http://", ":", "..", "/", "?", "#", ".com", ".co/", ".de", "com", "net", "co", "me", "click", "a.b", "a-b.c", "--", "_", ".", "x", "y9", "<url>", "[link]", "[https>", "<http]", "://x"]
ADDRESSES = (
    ["a", "b.c", "x+y", "@", "@@", "@ab", "@user", "@user_name", "name", "u/", "/u/", "u/abc", "/u/a-b", ".org", ".c1", "-x", "%", "mail", "<mail>", "[email]", "<user>"]
)
NUMBERS = (
    ["0", "1", "12", "123", "12345", "+1", "(5", ")", "-.", ",", ":", "/", "(", ")", "..", "---", "+(", "<#>", "<number>", "[date]", "[time>", "١", "१", "１", "²"]
)
DISGUISED = ["a", "b", "l", "word", "0", "1", "3", "4", "5", "7", "00", "33", "@", "$", "$$", "@@", "!", "!!", "|", "|", ".", ",", "-", "_", "'", "*", "aaa", "AAA", "zzzz", "!a", "a!", "0k", "k0", "·", "•"]
REFERENCES = ["&", ";", "&amp;", "&amp;amp;", "&AMP;", "amp;", "#38;", "#x26;", "#X0026;", "&lt;", "&#38;", "&#0038;#x26;lt;", "&notit;", "&copy", "&sup1;", "&frac12;", "&Sigma;", "&Idot;", "&szlig;", "&fjlig;", "&NotEqualTilde;", "&#0;", "&#128;", "&#13;", "&#32;", "&#9;", "&#x1F600;", "&#65;", "&#xD800;", "&#1114112;", "&#x110000;", "&#xFFFE;", "&#127;", "&#11;", "&nbsp;", "&am&#112;;", "&#1２;", "&#１;", "&#xa١;", "&lt١;", "&#173;", "&#x301;", "&#2325;", "&am&am&#112;;lt;", "A", "a", "Α", "."]
MARKS = ["a", "e", "i", "o", "u", "A", "E", "s", "S", "İ", "ı", "ß", "ẞ", "ſ", "K", "é", "ǿ", "ấ", "́", "̀", "̧", "̣", "̇", "̈", "ͅ", "̈́", "̕", "͜", "ᄀ", "ᅡ", "ᆨ", "ᆧ", "가", "각", "힣", "ে", "া", "क", "़", "्", "क़", "ཱ", "ི", "ཱི", "א", "ְ", "ּ", "אַ", "م", "َ", "ّ", "か", "゙", "゛", "ｶ", "ﾞ", "ำ", "α", "ι", "ΐ", "ᾀ", "ᾳ", "ῼ", "Σ", "σ", "ς", "ŉ", "ǰ", "ẖ", "և", "𝅗𝅥", "𝅥", "𝅗", "𑂥", "𑂺"]
SHAPES = ["ﬁ", "ﬃ", "Ａ", "ａ", "＠", "．", "／", "０", "＆", "；", "＜", "①", "⒜", "⑴", "⒈", "½", "⅓", "℀", "…", "™", "ﷺ", "ﷻ", "㌀", "㍿", "豈", "者", "丽", "Ω", "ͺ", "¨", "´", "΅", "𝐀", "𝟎", "🅐", "🅰", "🄰", "ᴀ", "ᴛ", "ø", "ł", "а", "е", "А", "В", "Ю", "ѕ", "р", "ο", "æ", "œ", "ǁ", "ꓐ", "ꓳ", "Ꭰ", "ꭰ", "ա", "ʰ", "ⁱ", "中", "가", "ส", "a", "B", "c"]
SIGNS = ["🇩🇪", "🇳", "🇴", "🇼", "👍", "🏽", "\u200d", "️", "⃣", "😀", "❤", "🫨", "©", "™", "👨", "♀", "💯", "1️⃣", "face", "grinning", "thumbs", "up", "germany", "nice"]
UNSEEN = [
    *"\u200b\u00ad\u2060\ufeff\u202e\x00\x07\x7f\x80\ufff9",
    "\U000e0041",
    "\ue000",
    "\ufffe",
    "\U0010ffff",
    "\ud83d",
    "\udc00",
]
WHITE = [*" \t\n\x1c\x1f\x85\xa0\u2003\u2028\u3000", " ", " ", " "]
ALL = [LINKS, ADDRESSES, NUMBERS, DISGUISED, REFERENCES, MARKS, SHAPES, SIGNS, UNSEEN, WHITE]
LETTERS = list("abhiklnoprstuwxyz")


def _joined(fragments: list[str], size: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(fragments), max_size=size).map("".join)


texts = st.one_of(
    *[_joined([*fragments, *LETTERS, " "], 12) for fragments in ALL],
    _joined([fragment for fragments in ALL for fragment in fragments], 20),
    st.text(st.characters(), max_size=30),
    _joined([f"{letter} " for letter in [*LETTERS, "\u0431", "\U0001f600", "\U0001f1e9\U0001f1ea"]], 20),
)


def assert_is_as_in_python(text: str) -> None:
    assert folding is not None, "run `make install`; without a C compiler only Python serves"
    expected = fold_in_python(text)
    assert folding.fold(text) == (expected.pieces, expected.starts, expected.ends)
    assert folding.fold_text(text) == fold_text_in_python(text) == expected.text


@settings(max_examples=3_000)
@given(texts)
@example("")
@example(" \u3000")
@example("u r a star i c u b a")
@example("h t t p u r l \U0001f600 grinning face")
@example("a&Sigma; a&Sigma;. &Sigma;&#173;a")
@example("&am&am&am&am&#112;;;;lt;b")
@example("x" + "\u0301\u0327" * 40 + "\u0323" * 40)
def test_texts_are_folded_as_in_python(text: str) -> None:
    assert_is_as_in_python(text)


@settings(max_examples=300)
@given(st.lists(texts, max_size=20).map("".join))
def test_long_texts_are_folded_as_in_python(text: str) -> None:
    assert_is_as_in_python(text)


@given(st.lists(texts))
def test_a_list_is_folded_as_each_text_of_it(many: list[str]) -> None:
    assert folding is not None
    assert folding.fold_texts(many) == [fold_text_in_python(text) for text in many]


def test_words_are_folded_as_in_python_at_the_limits_of_their_lengths() -> None:
    for count in (1, 2, 3, 62, 63, 64, 65):
        for text in (
            f"{'a' * count}.com",
            f"{'ab' * count}@{'cd' * count}.ef",
            f"{'a.' * count}com",
            f"{'a.' * count}co/x.com",
            f"{'ab' * (count // 2) + '-' * (count % 2)}.de/x",
            f"{'x+' * (count // 2) + 'y' * (count % 2)}@a.bc",
            f"&#{'0' * count}38;&#{'0' * count}65;&#x{'0' * count}41;",
            f"&{'b' * count};&{'a' * count}1;&copy{'c' * count};",
        ):
            assert_is_as_in_python(text)


def test_texts_are_folded_in_python_where_there_is_no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "s p a m \U0001f44d caf\u00e9"
    by_kernel = fold(text), fold_text(text)
    monkeypatch.setattr(sequence, "_kernel", None)
    assert (fold(text), fold_text(text)) == by_kernel


def test_the_kernel_is_refused_under_another_version_of_unicode() -> None:
    program = (
        "import unicodedata; unicodedata.unidata_version = '1.0.0'\n"
        "from sluicegate.models.compiled import folding\n"
        "assert folding is None\n"
        "from sluicegate.models.folding import fold_text\n"
        "assert fold_text('s p a m') == 'spam'\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
