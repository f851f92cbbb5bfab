"""Every kind of pipeline: served as it would score itself, from weights wherever it is linear."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sluicegate.models.bundle import Bundle, load_bundle
from sluicegate.models.imported.importing import ImportPlan, import_bundle
from sluicegate.models.imported.lowered_scorer import LoweredScorer
from sluicegate.models.imported.outputs import wanted_harms
from sluicegate.models.imported.reading import readable
from sluicegate.models.parity import check_parity
from sluicegate.models.samples import TOLERANCE
from sluicegate.models.scorer import Scorer
from tests.unit.models.imported.kinds import KINDS, TEXTS, fitted

WORDS = [
    "Buy",
    "FREE",
    "the",
    "link",
    "hurt",
    "Straße",
    "CAFÉ",
    "e\u0301",
    "ΟΔΟΣ",
    "İ",
    "ﬁ",
    "\ud800",
    "#free",
    "  ",
    "\n\t",
]
any_text = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=80),
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(st.characters(exclude_categories=()), max_size=3))).map(
        " ".join
    ),
)
LOWERED = [name for name, kind in KINDS.items() if kind.lowered]


@cache
def imported(kind: str) -> Bundle:
    folder = Path(mkdtemp())
    joblib.dump(fitted(kind), folder / "pipeline.joblib")
    plan = ImportPlan("mine", "1", wanted_harms(KINDS[kind].harms))
    return import_bundle(folder / "pipeline.joblib", folder / "bundle", plan)


@cache
def model(kind: str) -> Scorer:
    return imported(kind).model()


def of_pipeline(kind: str, texts: list[str]) -> NDArray[np.float64]:
    """Give what the pipeline itself says of each harm, read as a person would read its outputs."""
    estimator, harms = fitted(kind), wanted_harms(KINDS[kind].harms)
    raw: Any = estimator.predict_proba([readable(text) for text in texts])
    if isinstance(raw, list):
        return np.stack([each[:, 1] for each in raw], axis=1)
    if KINDS[kind].labels.ndim == 2:
        return np.asarray(raw[:, [int(harm.label or 0) for harm in harms]] if harms[0].label else raw)
    names = [str(name) for name in estimator.classes_]
    columns = [names.index(harm.label or harm.name) if (harm.label or harm.name) in names else 1 for harm in harms]
    return np.asarray(raw[:, columns])


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_served_from_weights_where_it_is_linear_and_as_it_is_elsewhere(kind: str) -> None:
    manifest = imported(kind).manifest
    assert manifest.imported is not None
    assert (manifest.served == "weights") == KINDS[kind].lowered, manifest.imported.not_lowered
    assert ("weights.safetensors" in manifest.files) == KINDS[kind].lowered
    assert bool(manifest.imported.not_lowered) != KINDS[kind].lowered
    assert manifest.normalisation == "none"


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=15)
@given(texts=st.lists(any_text, min_size=1, max_size=4))
def test_any_texts_score_as_the_pipeline_scores_them(kind: str, texts: list[str]) -> None:
    found = model(kind).score(texts)
    assert found.shape == (len(texts), len(imported(kind).manifest.harms))
    np.testing.assert_allclose(found, of_pipeline(kind, texts), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("kind", KINDS)
def test_texts_like_those_it_was_trained_on_score_as_the_pipeline_scores_them(kind: str) -> None:
    found = model(kind).score(TEXTS)
    np.testing.assert_allclose(found, of_pipeline(kind, TEXTS), rtol=0, atol=TOLERANCE)
    assert found.max() - found.min() > 0.2


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_whole_after_reading_it_again(kind: str) -> None:
    assert check_parity(load_bundle(imported(kind).path)) <= TOLERANCE


def check_shares(kind: str, text: str) -> None:
    scorer = model(kind)
    assert isinstance(scorer, LoweredScorer)
    for harm in scorer.harms:
        direction = scorer.direction(harm)
        total = scorer.explainer.character_weights(text, direction).sum() + scorer.intercepts @ direction
        assert total == pytest.approx(scorer.margins([text])[0] @ direction, abs=1e-6)


@pytest.mark.parametrize("kind", LOWERED)
@settings(deadline=None, max_examples=15)
@example(text="\u0301")
@given(text=any_text.filter(bool))
def test_what_all_characters_add_and_the_intercept_are_the_margin(kind: str, text: str) -> None:
    check_shares(kind, text)


@pytest.mark.parametrize("kind", LOWERED)
def test_so_they_are_in_texts_like_those_it_was_trained_on(kind: str) -> None:
    for text in (*TEXTS[:12], " ".join(TEXTS[:6]), "Buy the soup, click the link at the park: FREE"):
        check_shares(kind, text)


@pytest.mark.parametrize("kind", LOWERED)
@settings(deadline=None, max_examples=10)
@given(text=any_text, limit=st.integers(0, 4))
def test_reasons_are_words_of_the_text_strongest_first(kind: str, text: str, limit: int) -> None:
    scorer = model(kind)
    spans = scorer.why(text, scorer.harms[0], limit)
    assert len(spans) <= limit
    assert [span.weight for span in spans] == sorted((span.weight for span in spans), reverse=True)
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert span.weight > 0
        assert not any(character.isspace() for character in text[span.start : span.end])


@pytest.mark.parametrize("kind", ["words, tf-idf", "characters in words", "named classes", "weighted union"])
def test_the_words_that_carried_a_score_are_named(kind: str) -> None:
    text = "Lovely SOUP at the beach. Click the link"
    spans = model(kind).why(text, "spam", 2)
    assert {text[span.start : span.end] for span in spans} == {"Click", "link"}


@pytest.mark.parametrize("kind", [name for name in KINDS if name not in LOWERED])
def test_a_pipeline_as_it_is_knows_no_reasons(kind: str) -> None:
    assert model(kind).why("Click the link", imported(kind).manifest.harms[0]) == ()


@pytest.mark.parametrize("kind", ["words, tf-idf", "forest"])
def test_a_harm_that_the_model_lacks_is_an_error(kind: str) -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        model(kind).why("text", "sarcasm")


@pytest.mark.parametrize("kind", ["hashed, signs", "characters", "forest"])
def test_of_a_long_text_the_window_with_the_highest_probability_counts(kind: str) -> None:
    scorer, spam = imported(kind).scorer(), "Buy cheap soup now, click the link, FREE offer"
    hidden = "we talked about the weather " * 100
    found = scorer.score([hidden + spam, spam])
    assert found[0, 0] > model(kind).score([hidden])[0, 0]
