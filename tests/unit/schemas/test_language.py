"""Language tags are read as BCP 47 has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.schemas import primary_subtag


@pytest.mark.parametrize(
    ("tag", "primary"),
    [
        ("en", "en"),
        ("PT-br", "pt"),
        ("zh-Hant-TW", "zh"),
        ("zh-cmn-Hans-CN", "zh"),
        ("sl-rozaj-biske-1994", "sl"),
        ("de-DE-u-co-phonebk", "de"),
        ("en-x-house", "en"),
        ("yue", "yue"),
        ("i-klingon", "tlh"),
        ("sgn-BE-FR", "sfb"),
        ("und", ""),
        ("und-Latn", ""),
        ("mul", ""),
        ("x-house", ""),
        ("", None),
        ("e", None),
        ("en_US", None),
        ("en-", None),
        ("-en", None),
        ("english!", None),
        ("en\n", None),
        ("日本", None),
        ("ｅｎ", None),
        ("en-a", None),
        ("x", None),
        ("i-nothing", None),
        ("en-" + "x-" + "a" * 60, None),
    ],
)
def test_a_tag_gives_its_primary_subtag(tag: str, primary: str | None) -> None:
    assert primary_subtag(tag) == primary


@given(st.text() | st.text("aex19-", max_size=70))
def test_any_text_gives_letters_or_nothing(tag: str) -> None:
    found = primary_subtag(tag)
    assert found is None or found == "" or (found.isascii() and found.isalpha() and found.islower())


@pytest.mark.parametrize(("length", "known"), [(64, True), (65, False)])
def test_a_tag_longer_than_the_contract_says_is_not_looked_at(length: int, known: bool) -> None:
    tag = "en" + "-abcdefgh" * 6
    tag = tag + "-" + "a" * (length - len(tag) - 1)
    assert len(tag) == length
    assert (primary_subtag(tag) == "en") == known
