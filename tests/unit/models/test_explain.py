"""Shares of a linear score: exact, and pointing into the text as it came."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import normalize

from sluicegate.models.explain import Block, Explainer, Span
from sluicegate.models.features import hasher
from sluicegate.models.manifest import FeatureBlock
from sluicegate.models.normalise import normalise

SIZE = 1 << 12
FEATURES = (
    FeatureBlock("words", "word", 1, 3, SIZE, r"(?u)\b\w+\b"),
    FeatureBlock("characters", "char_wb", 2, 5, SIZE, r"(?u)\b\w+\b"),
)
FRAGMENTS = [
    "s p a m",
    " ",
    "\n",
    "👍🏽",
    "🇩🇪",
    "p\u0430y",
    "h3ll0",
    "it's",
    "a.b.c",
    "@somebody",
    "http://a.test",
    "\ufdfa",
    "ok",
    "!",
]
texts = st.one_of(st.text(st.characters()), st.lists(st.sampled_from(FRAGMENTS)).map("".join))


def block(features: FeatureBlock, seed: int) -> Block:
    source = np.random.default_rng(seed)
    return (
        hasher(features),
        source.uniform(1, 9, SIZE).astype(np.float32),
        source.normal(size=(SIZE, 2)).astype(np.float32),
    )


BLOCKS = [block(features, seed) for seed, features in enumerate(FEATURES)]
EXPLAINER = Explainer(BLOCKS)


def logit(text: str, column: int) -> float:
    """What scikit-learn's own parts make of the folded text, at double precision."""
    total = 0.0
    for vectorizer, idf, coefficients in BLOCKS:
        counts = vectorizer.transform([normalise(text)]).astype(np.float64)
        row = normalize(counts.multiply(idf.astype(np.float64)))
        total += float((row @ coefficients[:, column].astype(np.float64))[0])
    return total


def words_explainer(**weights: float) -> Explainer:
    """Make one of words alone, that knows these."""
    vectorizer = hasher(FeatureBlock("words", "word", 1, 1, 1 << 18, r"(?u)\b\w+\b"))
    coefficients = np.zeros((1 << 18, 1), dtype=np.float32)
    for word, weight in weights.items():
        coefficients[vectorizer.transform([word]).indices[0], 0] = weight
    return Explainer([(vectorizer, np.ones(1 << 18, dtype=np.float32), coefficients)])


def said(text: str, spans: tuple[Span, ...]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


@settings(deadline=None, max_examples=200)
@given(texts, st.sampled_from([0, 1]))
def test_the_shares_of_all_pieces_add_up_to_the_log_odds(text: str, column: int) -> None:
    _, weights = EXPLAINER.piece_weights(text, column)
    assert weights.sum() == pytest.approx(logit(text, column), abs=1e-6)


@settings(deadline=None)
@given(texts, st.integers(0, 5))
def test_parts_lie_apart_within_the_text_strongest_first(text: str, limit: int) -> None:
    spans = EXPLAINER.strongest(text, 0, limit)
    assert len(spans) <= limit
    assert [span.weight for span in spans] == sorted((span.weight for span in spans), reverse=True)
    ordered = sorted(spans, key=lambda span: span.start)
    ends = [0, *(span.end for span in ordered)]
    assert all(end <= span.start < span.end <= len(text) for end, span in zip(ends, ordered, strict=False))
    assert all(span.weight > 0 for span in spans)


def test_with_room_for_all_parts_nothing_that_adds_is_left_out() -> None:
    text = "hello s p a m 👍🏽 at the http://a.test/ ok"
    _, weights = EXPLAINER.piece_weights(text, 0)
    spans = EXPLAINER.strongest(text, 0, 100)
    assert sum(span.weight for span in spans) >= weights.sum()


def test_a_word_that_was_spaced_out_is_one_part() -> None:
    text = "buy s p\u200b  a m now"
    assert said(text, words_explainer(spam=2.0, now=1.0).strongest(text, 0, 3)) == ["s p\u200b  a m", "now"]


def test_an_emoji_counts_with_the_words_of_its_name() -> None:
    text = "nice 🔪, friend"
    explainer = words_explainer(kitchen=2.0, knife=1.0, friend=2.5)
    (knife, friend) = explainer.strongest(text, 0, 3)
    assert said(text, (knife, friend)) == ["🔪", "friend"]
    assert knife.weight / friend.weight == pytest.approx(3.0 / 2.5)


def test_parts_that_touch_are_one() -> None:
    text = "so badly🔪 done"
    assert said(text, words_explainer(badly=1.0, knife=1.0).strongest(text, 0, 3)) == ["badly🔪"]


def test_disguised_words_are_shown_as_they_came() -> None:
    text = "v1ctory ѕсam \uff46\uff52\uff45\uff45"
    found = words_explainer(victory=3.0, scam=2.0, free=1.0).strongest(text, 0, 3)
    assert said(text, found) == ["v1ctory", "ѕсam", "\uff46\uff52\uff45\uff45"]
