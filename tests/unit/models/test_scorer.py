"""A scorer is total, independent of the batch, and its explanations add up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.models.bundle import Bundle
from sluicegate.models.normalise import HEAD, TAIL, cut, normalise, original_offset
from sluicegate.models.parity import SAMPLES
from sluicegate.models.scorer import HashedLinearScorer

any_text = st.text(st.characters(exclude_categories=()), max_size=200)
spoken_text = st.lists(
    st.sampled_from(["Buy", "cheap", "soup", "hurt", "you", "ﬁne", "Straße,", "ＦＵＬＬ", "e\u0301", "¨", "\ud800"])
).map("  ".join)


@pytest.fixture(scope="module")
def scorer(bundle: Bundle) -> HashedLinearScorer:
    return HashedLinearScorer(bundle.manifest, bundle.digest, bundle.tensors)


@settings(deadline=None)
@given(st.lists(any_text, max_size=5))
def test_any_texts_get_finite_probabilities(scorer: HashedLinearScorer, texts: list[str]) -> None:
    scores = scorer.score(texts)
    assert scores.shape == (len(texts), len(scorer.harms))
    assert scores.dtype == np.float64
    assert np.isfinite(scores).all()
    assert ((scores >= 0) & (scores <= 1)).all()


@pytest.mark.parametrize("text", [*SAMPLES, "a" * 1_000_000, "\ufdfa" * 100_000, "\x00", "\u0301" * 9_999])
def test_extreme_texts_get_finite_probabilities(scorer: HashedLinearScorer, text: str) -> None:
    assert np.isfinite(scorer.score([text])).all()
    assert isinstance(scorer.why(text, "spam"), tuple)


@settings(deadline=None)
@given(st.lists(st.one_of(any_text, spoken_text), min_size=1, max_size=5))
def test_a_batch_scores_as_its_texts_one_by_one(scorer: HashedLinearScorer, texts: list[str]) -> None:
    alone = np.concatenate([scorer.score([text]) for text in texts])
    np.testing.assert_allclose(scorer.score(texts), alone, rtol=0, atol=1e-9)


def test_batches_larger_than_one_step_keep_their_order(scorer: HashedLinearScorer) -> None:
    texts = [f"we met {number} times at the park" for number in range(1_203)]
    texts[777] = "Buy cheap soup now, click the link, free offer"
    assert int(scorer.score(texts)[:, 0].argmax()) == 777


def test_harmful_texts_score_higher_than_ordinary_ones(scorer: HashedLinearScorer) -> None:
    scores = scorer.score(
        ["Buy cheap soup, click the link", "I will hurt you at the park", "We talked about soup, lovely"]
    )
    assert scores[0, 0] > 10 * scores[2, 0]
    assert scores[1, 1] > 10 * scores[2, 1]


@settings(deadline=None)
@given(st.one_of(any_text, spoken_text), st.sampled_from([0, 1]))
def test_the_shares_of_all_pieces_and_the_intercept_add_up_to_the_log_odds(
    scorer: HashedLinearScorer, text: str, column: int
) -> None:
    _, weights = scorer.explainer.piece_weights(text, column)
    total = weights.sum() + scorer.intercepts[column]
    assert total == pytest.approx(scorer.logits([text])[0, column], abs=1e-4)


@settings(deadline=None)
@given(st.one_of(any_text, spoken_text, any_text.map(lambda text: text * 30)))
def test_reasons_are_parts_of_the_original_text_strongest_first(scorer: HashedLinearScorer, text: str) -> None:
    spans = scorer.why(text, "spam")
    assert len(spans) <= 3
    assert [span.weight for span in spans] == sorted((span.weight for span in spans), reverse=True)
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert span.weight > 0


def test_the_words_that_carried_a_score_are_named(scorer: HashedLinearScorer) -> None:
    text = "It was lovely. Buy ＣＨＥＡＰ bread"
    spans = scorer.why(text, "spam", limit=2)
    assert {text[span.start : span.end] for span in spans} == {"Buy", "ＣＨＥＡＰ"}


def test_reasons_at_the_end_of_a_long_text_point_to_its_end(scorer: HashedLinearScorer) -> None:
    text = "rain " * 1_000 + "Buy cheap"
    spans = scorer.why(text, "spam", limit=2)
    assert {text[span.start : span.end] for span in spans} == {"Buy", "cheap"}


def test_a_harm_that_the_model_lacks_is_an_error(scorer: HashedLinearScorer) -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        scorer.why("text", "sarcasm")


@given(any_text)
def test_a_folded_text_can_be_encoded(text: str) -> None:
    folded = normalise(text)
    assert folded.encode().decode() == folded


def test_long_texts_keep_head_and_tail() -> None:
    text = "a" * 5_000 + "b" * HEAD + "c" * 5_000 + "d" * TAIL
    assert cut(text) == "a" * HEAD + "\n" + "d" * TAIL
    assert original_offset(HEAD + 1, len(text)) == len(text) - TAIL
