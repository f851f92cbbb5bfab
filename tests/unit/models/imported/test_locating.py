"""N-grams are found where scikit-learn's own analyzer finds them, and stand in the text as it came."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from sluicegate.models.imported.locating import locate
from tests.unit.models.imported.test_kinds import any_text

VECTORIZERS = [
    CountVectorizer(analyzer="char_wb", ngram_range=(1, 5)),
    CountVectorizer(analyzer="char_wb", ngram_range=(3, 6), strip_accents="ascii", lowercase=False),
    CountVectorizer(analyzer="char", ngram_range=(2, 4), strip_accents="unicode"),
    CountVectorizer(ngram_range=(1, 3), stop_words=["the", "free"]),
    CountVectorizer(ngram_range=(2, 2), token_pattern=r"(\w)\w*"),
    CountVectorizer(token_pattern=r"\w*", lowercase=False),
]


@pytest.mark.parametrize("vectorizer", VECTORIZERS)
@settings(deadline=None)
@example(text="a at of the link  \t now")
@given(text=any_text.filter(bool))
def test_the_same_n_grams_in_the_same_order(vectorizer: CountVectorizer, text: str) -> None:
    located = locate(vectorizer, text)
    assert located.grams == vectorizer.build_analyzer()(text)
    assert len(located.starts) == len(located.ends) == located.parts.sum()
    assert (located.starts < located.ends).all()
    assert ((located.origin >= 0) & (located.origin < len(text))).all()


@settings(deadline=None)
@given(text=st.lists(st.sampled_from(["link", "Straße", "ﬁne", "İstanbul", "café", "ΟΔΟΣ"]), min_size=1).map("  ".join))
def test_a_word_stands_where_it_came_from(text: str) -> None:
    located = locate(CountVectorizer(strip_accents="unicode"), text)
    found = [
        text[located.origin[start] : located.origin[end - 1] + 1]
        for start, end in zip(located.starts, located.ends, strict=True)
    ]
    assert found == text.split()
