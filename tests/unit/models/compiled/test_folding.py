"""The kernel of the folding gives what the Python gives: the pieces, and the places that they come from."""

import subprocess
import sys
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sluicegate.models.compiled import folding
from sluicegate.models.folding import sequence, token
from sluicegate.models.folding.sequence import fold, fold_in_python, fold_text, fold_text_in_python

# Fragments of what each rule looks at.
FRAGMENTS = {
    "links": (
        "http https hxxp hxxps httpurl url www. :// http:// : .. / ? # .com .co/ .de com net co me click a.b "
        "a-b.c -- _ . x y9 <url> [link] [https> <http] ://x"
    ),
    "addresses": (
        "a b.c x+y @ @@ @ab @user @user_name name u/ /u/ u/abc /u/a-b .org .c1 -x % mail <mail> [email] <user>"
    ),
    "numbers": (
        "0 1 12 123 12345 +1 (5 ) -. , : / ( ) .. --- +( <#> <number> [date] [time> \u0661 \u0967 \uff11 \u00b2"
    ),
    "disguised": ("a b l word 0 1 3 4 5 7 00 33 @ $ $$ @@ ! !! | | . , - _ ' * aaa AAA zzzz !a a! 0k k0 \u00b7 \u2022"),
    "references": (
        "& ; &amp; &amp;amp; &AMP; amp; #38; #x26; #X0026; &lt; &#38; &#0038;#x26;lt; &notit; &copy &sup1; "
        "&frac12; &Sigma; &Idot; &szlig; &fjlig; &NotEqualTilde; &#0; &#128; &#13; &#32; &#9; &#x1F600; &#65; "
        "&#xD800; &#1114112; &#x110000; &#xFFFE; &#127; &#11; &nbsp; &am&#112;; &#1\uff12; &#\uff11; "
        "&#xa\u0661; &lt\u0661; &#173; &#x301; &#2325; &am&am&#112;;lt; A a \u0391 ."
    ),
    "marks": (
        "a e i o u A E s S \u0130 \u0131 \u00df \u1e9e \u017f \u212a \u00e9 \u01ff \u1ea5 \u0301 \u0300 "
        "\u0327 \u0323 \u0307 \u0308 \u0345 \u0344 \u0315 \u035c \u1100 \u1161 \u11a8 \u11a7 \uac00 \uac01 "
        "\u1112\u1175\u11c2 \u09c7 \u09be \u0915 \u093c \u094d \u0958 \u0f71 \u0f72 \u0f73 \u05d0 \u05b0 "
        "\u05bc \ufb2e \u0645 \u064e \u0651 \u304b \u3099 \u309b \uff76 \uff9e \u0e33 \u03b1 \u03b9 \u0390 "
        "\u1f80 \u1fb3 \u1ffc \u03a3 \u03c3 \u03c2 \u0149 \u01f0 \u1e96 \u0587 \U0001d15e \U0001d165 "
        "\U0001d157 \U000110a5 \U000110ba"
    ),
    "shapes": (
        "\ufb01 \ufb03 \uff21 \uff41 \uff20 \uff0e \uff0f \uff10 \uff06 \uff1b \uff1c \u2460 \u249c \u2474 "
        "\u2488 \u00bd \u2153 \u2100 \u2026 \u2122 \ufdfa \ufdfb \u3300 \u337f \uf900 \ufa5b \U0002f800 "
        "\u2126 \u037a \u00a8 \u00b4 \u1fee \U0001d400 \U0001d7ce \U0001f150 \U0001f170 \U0001f130 \u1d00 "
        "\u1d1b \u00f8 \u0142 \u0430 \u0435 \u0410 \u0412 \u042e \u0455 \u0440 \u03bf \u00e6 \u0153 \u01c1 "
        "\ua4d0 \ua4f3 \u13a0 \uab70 \u0561 \u02b0 \u2071 \u4e2d \uac00 \u0e2a a B c"
    ),
    "signs": (
        "\U0001f1e9\U0001f1ea \U0001f1f3 \U0001f1f4 \U0001f1fc \U0001f44d \U0001f3fd \u200d \ufe0f \u20e3 "
        "\U0001f600 \u2764 \U0001fae8 \u00a9 \u2122 \U0001f468 \u2640 \U0001f4af 1\ufe0f\u20e3 face grinning "
        "thumbs up germany nice"
    ),
}
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
ALL = [*[fragments.split() for fragments in FRAGMENTS.values()], UNSEEN, WHITE]
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


@settings(max_examples=1_500, deadline=None)
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


@settings(max_examples=300, deadline=None)
@given(st.lists(texts, max_size=20).map("".join))
def test_long_texts_are_folded_as_in_python(text: str) -> None:
    assert_is_as_in_python(text)


@settings(deadline=None)
@given(st.lists(texts))
def test_a_list_is_folded_as_each_text_of_it(many: list[str]) -> None:
    assert folding is not None
    assert folding.fold_texts(many) == [fold_text_in_python(text) for text in many]


def test_words_are_folded_as_in_python_at_the_limits_of_their_lengths() -> None:
    for count in (1, 2, 3, 5, 6, 7, 8, 9, 10, 62, 63, 64, 65):
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


def test_references_that_spell_references_are_resolved_in_as_many_rounds_as_in_python() -> None:
    for depth in range(8):
        nested = "&#5" * depth + "&#50;" + ";" * depth
        for before, after in product(("", "a", "\u0430"), ("", "b", "&#173;b", "\u00e9", "&lt;")):
            assert_is_as_in_python(before + nested + after)
    # A capital sigma, after as many rounds and one: small, it is another one at the end of a word.
    for four in ("4", "&#52;", "&#5&#50;;", "&#5&#5&#48;;;", "&#5&#5&#4&#56;;;;"):
        for before, after in product(("", "a", "a.", "a'"), ("", "b", ".b", "'b", "&#173;b", "\u00e9")):
            assert_is_as_in_python(f"{before}&#93&#{four}9;;{after}")


def test_domains_and_placeholders_are_known_as_in_python() -> None:
    placeholders = "url link http https mail email user username mention name person number phone money date time"
    words = [*f"{token._DOMAINS}|{token._SHORT_DOMAINS}".split("|"), *f"{placeholders} percent decimal #".split()]
    for word in words:
        for form in ("a.{}", "a.{}/x", "a.{}x", "a.{}.", "a.{}.b", "<{}>", "[{}]", "<{}]", "<{}s>", "<{}", "{}>"):
            assert_is_as_in_python(form.format(word))
            assert_is_as_in_python(form.format(word[:-1]))


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
