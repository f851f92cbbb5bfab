"""The kernel reads the words, sums the weights and names the languages that Python does."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sluicegate.models.compiled.languages import Kernel, words
from sluicegate.models.language import Identified, LanguageIdentifier, LanguageModel
from sluicegate.models.language.characters import Characters
from sluicegate.models.language.compiled import Logs
from sluicegate.models.language.wording import encoded_wording

LANGUAGES = ("de", "en", "es", "fr", "pt", "zh", "sr")

#: What words are made of, or what wording makes something of.
PARTS = (
    *("lunch", "Straße", "déjà", "ЗАВТРА", "завтра", "OK", "don't", "l’été", "2026", "a1", "@me", "#tag", "x/y", "<b>"),
    *(" ", "  ", "\n", "\t", "\u00a0", "\u2003", "\u3000", "\x1c", "\x07", ".", "!?", "…", "“", "-", "–", "'", "’"),
    *("星期天开门吗", "@a星期", "https://example.org/星期", "ไปไหน", "कल मिलते हैं", "안녕하세요", "ひらがな", "ﬁn", "ªº"),
    *("👍", "👩‍💻", "❤️", "️", "\u0301", "e\u0301", "\u0345", "ǅ", "Ⅷ", "Ⓐ", "İ", "ß", "ẞ", "\u1161", "가", "가", "𝐇𝐢"),
    *("\x00", "\x7f", "\ufffd", "\u200b", "\u200d", "\ue000", "\U00010400", "\U0001f1e9", "\U000e0041", "ﷺ", "zz"),
)
texts_of_parts = st.lists(st.sampled_from(PARTS), max_size=60).map("".join)
any_text = st.one_of(texts_of_parts, st.text(max_size=60), st.text("Aa1@ .'’é", max_size=40))
long_text = st.tuples(st.sampled_from(PARTS), st.integers(1, 700), any_text).map(lambda of: of[0] * of[1] + of[2])


@pytest.fixture(scope="module")
def plain_model() -> LanguageModel:
    return LanguageModel.load(compiled=False)


@pytest.fixture(scope="module")
def compiled(language_model: LanguageModel) -> LanguageIdentifier:
    assert language_model.kernel is not None, "run `make install`; without a C compiler only Python serves"
    return LanguageIdentifier(language_model, LANGUAGES, 0.7)


@pytest.fixture(scope="module")
def plain(plain_model: LanguageModel) -> LanguageIdentifier:
    return LanguageIdentifier(plain_model, LANGUAGES, 0.7)


@pytest.fixture(scope="module")
def characters() -> Characters:
    """All of those that are ever looked up."""
    found = Characters()
    found.learn("".join(map(chr, range(0, 0x110000, 256))))
    return found


@given(st.lists(st.one_of(any_text, long_text), max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_texts_are_identified_as_python_does(
    compiled: LanguageIdentifier, plain: LanguageIdentifier, texts: list[str]
) -> None:
    assert compiled.identify(texts) == plain.identify(texts)


@given(st.lists(st.text(st.characters(), max_size=20), max_size=5))
def test_texts_with_half_pairs_are_identified_as_python_does(
    compiled: LanguageIdentifier, plain: LanguageIdentifier, texts: list[str]
) -> None:
    halved = [text + "\ud83d" + text + " lunch \udc4d at noon" for text in texts]
    assert compiled.identify(halved) == plain.identify(halved)


@given(st.one_of(any_text, long_text))
@settings(max_examples=1_000, deadline=None)
def test_words_are_those_of_python_or_left_to_it(characters: Characters, text: str) -> None:
    found = words(text.encode("utf-8", "replace"), characters.flags)
    assert found is None or found == encoded_wording(text)


@pytest.mark.parametrize("before", range(996, 1003))
@pytest.mark.parametrize("word", ["lunch", "déjà", "星期天开门"])
def test_no_more_characters_are_looked_at_than_python_looks_at(characters: Characters, before: int, word: str) -> None:
    text = "1 " * 480 + " " * (before - 960) + word
    assert words(text.encode(), characters.flags) == encoded_wording(text)


@pytest.mark.parametrize("alphabet", ["a1 \u4e00", "B@.\u00e9", "aA'\u0e01", "\u2019\u2026 x"])
def test_words_of_all_short_texts_of_some_characters_are_those_of_python(characters: Characters, alphabet: str) -> None:
    texts = [""]
    for _ in range(6):
        texts += [text + character for text in texts[-(4**6) :] for character in alphabet if len(text) < 6]
    for text in set(texts):
        assert words(text.encode(), characters.flags) == encoded_wording(text), repr(text)


def test_ordinary_texts_are_not_left_to_python(characters: Characters) -> None:
    texts = [
        "Does the pool open on Sunday? 👍",
        "Über die Brücke – l’été",
        "ЗАВТРА в кино",
        "星期天开门吗？",
        "안녕하세요",
    ]
    assert [words(text.encode(), characters.flags) for text in (texts[0], texts[1], texts[3], texts[4])] == [
        encoded_wording(text) for text in (texts[0], texts[1], texts[3], texts[4])
    ]
    # Capitals beyond ASCII become small ones in Python, within a text that has small ones they stay.
    assert words("ЗАВТРА".encode(), characters.flags) is None
    assert words(texts[2].encode(), characters.flags) == texts[2].encode()


def test_every_character_is_worded_as_python_words_it(characters: Characters) -> None:
    for point in range(0x110000):
        if not 0xD800 <= point < 0xE000:
            text = f"a{chr(point)}b {chr(point)}C"
            found = words(text.encode(), characters.flags)
            assert found is None or found == encoded_wording(text), hex(point)


@given(st.data())
def test_plain_characters_are_in_nfkc_whatever_stands_beside_them(characters: Characters, data: st.DataObject) -> None:
    plain = np.flatnonzero(characters.flags & 8)
    assert len(plain) > 50_000
    text = "".join(chr(plain[place]) for place in data.draw(st.lists(st.integers(0, len(plain) - 1), min_size=1)))
    assert unicodedata.is_normalized("NFKC", text)


@given(st.binary(max_size=400))
@settings(max_examples=300)
def test_scores_are_those_of_python_to_the_last_bit(
    language_model: LanguageModel, plain_model: LanguageModel, encoded: bytes
) -> None:
    expected = plain_model.scores(encoded)
    found = language_model.kernel.scores(encoded, Logs().to(len(encoded)))  # type: ignore[union-attr]
    if expected is None:
        assert found is None
    else:
        assert found.tobytes() == expected.tobytes()


def flat(texts: list[bytes]) -> tuple[bytes, NDArray[np.int64], NDArray[np.int64]]:
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    return b"".join(texts), np.cumsum(lengths) - lengths, lengths


@given(st.lists(st.one_of(any_text.map(str.encode), st.binary(max_size=50)), max_size=10))
def test_texts_in_one_buffer_are_identified_as_strings_are(
    compiled: LanguageIdentifier, plain: LanguageIdentifier, texts: list[bytes]
) -> None:
    expected = plain.identify([text.decode("utf-8", "replace") for text in texts])
    for identifier in (compiled, plain):
        numbers, confidences = identifier.identify_utf8(*flat(texts))
        assert numbers.dtype == np.int32
        assert confidences.dtype == np.float64
        assert [
            Identified(identifier.tags[number], confidence)
            for number, confidence in zip(numbers.tolist(), confidences.tolist(), strict=True)
        ] == expected


def test_texts_may_overlap_and_stand_anywhere_in_a_buffer(compiled: LanguageIdentifier) -> None:
    buffer = bytearray(b"....the shop at the corner opens at nine....")
    begins, lengths = np.array([4, 4, 0, 44]), np.array([36, 30, 44, 0])
    numbers, _ = compiled.identify_utf8(buffer, begins, lengths)
    assert [compiled.tags[number] for number in numbers] == ["en", "en", "en", ""]


@pytest.mark.parametrize(
    ("begin", "length"), [(-1, 1), (0, -1), (0, 5), (5, 0), (4, 1), (2**62, 2**62), (1, 2**63 - 1), (-(2**63), 1)]
)
def test_a_text_beyond_the_buffer_is_refused(compiled: LanguageIdentifier, begin: int, length: int) -> None:
    with pytest.raises(ValueError, match="within the buffer"):
        compiled.identify_utf8(b"text", np.array([begin]), np.array([length]))


def test_models_that_lead_out_of_themselves_are_refused() -> None:
    weights, priors = np.zeros((2, 3), dtype=np.float32), np.zeros(3, dtype=np.float32)
    good = (np.zeros(256, dtype=np.uint32), np.zeros(1, dtype=np.uint16), np.zeros(1, dtype=np.int32), weights, priors)
    Kernel(*good)
    for place, bad in (
        (0, np.ones(256, dtype=np.uint32)),
        (0, np.zeros(255, dtype=np.uint32)),
        (1, np.ones(1, dtype=np.uint16)),
        (1, np.zeros(0, dtype=np.uint16)),
        (2, np.full(1, 2, dtype=np.int32)),
        (3, np.zeros((0, 3), dtype=np.float32)),
        (4, np.zeros(2, dtype=np.float32)),
    ):
        with pytest.raises(ValueError, match=r"model|automaton"):
            Kernel(*(*good[:place], bad, *good[place + 1 :]))  # type: ignore[arg-type]


def test_a_text_that_nfkc_lengthens_is_read_whole(compiled: LanguageIdentifier, plain: LanguageIdentifier) -> None:
    text = "ﷺ" * 300
    assert len(encoded_wording(text)) > 1_200
    assert compiled.identify([text, "lunch at noon"]) == plain.identify([text, "lunch at noon"])
