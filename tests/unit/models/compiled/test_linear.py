"""The compiled scorer gives what the bundle's scikit-learn pipeline gives, to 1e-6 in every probability."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from sluicegate.models import default_bundle_path, load_bundle
from sluicegate.models.buffered import buffer_scorer
from sluicegate.models.bundle import Bundle
from sluicegate.models.calibrating.recorded import LogitMap
from sluicegate.models.compiled.linear import compiled_scorer, is_compilable
from sluicegate.models.explain import Span
from sluicegate.models.figures import sigmoid
from sluicegate.models.logit_map import MappedScorer
from sluicegate.models.manifest import FeatureBlock
from sluicegate.models.normalise import normalise
from sluicegate.models.pipeline import build
from sluicegate.models.samples import SAMPLES, TOLERANCE
from sluicegate.models.scorer import HashedLinearScorer
from sluicegate.models.windows import WindowedScorer
from sluicegate.schemas.columns import spans_of

any_text = st.text(st.characters(exclude_categories=()), max_size=300)
# What hashing and counting are sensitive to: repeats, short words, underscores, signs within words, other scripts.
pieces = st.sampled_from(
    ["a", "I", "ab", "it's", "x_y", "no-no", "buy", "buy", "cheap", "...", "½", "é", "straße", "公园", "о", "😀", "42"]
)
worded = st.lists(pieces, max_size=60).map(" ".join)
repeated = st.tuples(st.characters(exclude_categories=()), st.integers(1, 4_000)).map(lambda pair: pair[0] * pair[1])
texts = st.one_of(any_text, worded, repeated)


@pytest.fixture(scope="module")
def default_bundle() -> Bundle:
    return load_bundle(default_bundle_path())


@pytest.fixture(scope="module")
def scorer(default_bundle: Bundle) -> HashedLinearScorer:
    scorer = default_bundle.model()
    assert isinstance(scorer, HashedLinearScorer)
    assert is_compilable(default_bundle.manifest.features, len(scorer.harms))
    return scorer


@pytest.fixture(scope="module")
def pipeline(default_bundle: Bundle) -> Pipeline:
    again = load_bundle(default_bundle.path)
    return build(again.manifest, again.tensors)


@settings(deadline=None, max_examples=200)
@given(st.lists(texts, min_size=1, max_size=6))
def test_it_gives_what_the_pipeline_gives(scorer: HashedLinearScorer, pipeline: Pipeline, texts: list[str]) -> None:
    np.testing.assert_allclose(scorer.score(texts), pipeline.predict_proba(texts), rtol=0, atol=TOLERANCE)


def test_samples_and_long_texts_come_out_alike(scorer: HashedLinearScorer, pipeline: Pipeline) -> None:
    texts = [*SAMPLES, "ab" * 90_000, "\ufdfa" * 1_500, "".join(map(chr, range(32, 1_500))), " ".join("abcdefgh" * 99)]
    np.testing.assert_allclose(scorer.score(texts), pipeline.predict_proba(texts), rtol=0, atol=TOLERANCE)


def _exact(block: FeatureBlock, rows: Sequence[str], frequencies: NDArray[np.float32]) -> NDArray[np.float64]:
    from sluicegate.models.features import count, hasher

    counts = count(hasher(block, np.float64), rows).toarray() * frequencies
    lengths = np.sqrt((counts**2).sum(axis=1, keepdims=True))
    return np.asarray(counts / np.where(lengths > 0, lengths, 1))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(worded, min_size=1, max_size=4),
    st.tuples(st.integers(1, 4), st.integers(0, 4)),
    st.sampled_from(["word", "char_wb"]),
    st.sampled_from([1, 7, 64, 1 << 10, 1_000]),
    st.integers(1, 20),
)
def test_any_range_size_and_number_of_harms(
    given_texts: list[str], lengths: tuple[int, int], analyzer: str, size: int, harms: int
) -> None:
    smallest, more = lengths
    block = msgspec.convert(
        {
            "name": "block",
            "analyzer": analyzer,
            "ngram_min": smallest,
            "ngram_max": smallest + more,
            "size": size,
            "token_pattern": r"(?u)\b\w+\b",
        },
        FeatureBlock,
    )
    draw = np.random.default_rng(size + harms)
    frequencies = draw.uniform(1, 12, size).astype(np.float32)
    coefficients = draw.normal(0, 3, (size, harms)).astype(np.float32)
    intercepts = draw.normal(0, 1, harms)
    compiled = compiled_scorer((block,), [(frequencies, coefficients)], intercepts)
    folded = [normalise(text) for text in given_texts]
    assert compiled is not None
    expected = _exact(block, folded, frequencies) @ coefficients.astype(np.float64) + intercepts
    found = compiled.logits(given_texts)
    np.testing.assert_allclose(sigmoid(found), sigmoid(expected), rtol=0, atol=TOLERANCE)


@settings(deadline=None, max_examples=150)
@given(texts, st.integers(0, 5), st.integers(1, 5))
def test_the_strongest_parts_are_those_of_the_explanation(
    scorer: HashedLinearScorer, text: str, column: int, limit: int
) -> None:
    found = scorer.why(text, scorer.harms[column], limit)
    expected = scorer.explainer.strongest(text, column, limit)
    assert [span.weight for span in found] == pytest.approx([span.weight for span in expected], abs=1e-5)
    # Of parts that weigh the same but for rounding either may come first, and the last of them be left out.
    _, weights = scorer.explainer.piece_weights(text, column)
    if len(set(np.round(weights, 4))) == len(weights):
        assert list(map(_places, found)) == list(map(_places, expected))


@pytest.mark.parametrize(
    "text",
    [
        "I will hurt you\U0001f52a\U0001f52a with this kitchen knife\U0001f52a",
        "free\U0001f381prize\U0001f381 win\U0001f381now click\u2757here",
        "\U0001f52a\U0001f595\U0001f52a",
        *SAMPLES,
    ],
)
def test_parts_that_touch_and_pieces_of_one_place_count_together(scorer: HashedLinearScorer, text: str) -> None:
    for column, harm in enumerate(scorer.harms):
        found, expected = scorer.why(text, harm, 4), scorer.explainer.strongest(text, column, 4)
        assert list(map(_places, found)) == list(map(_places, expected))
        assert [span.weight for span in found] == pytest.approx([span.weight for span in expected], abs=1e-5)


def _places(span: Span) -> tuple[int, int]:
    return span.start, span.end


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(any_text, worded), min_size=1, max_size=8), st.data())
def test_texts_in_a_buffer_come_out_as_strings_do(
    scorer: HashedLinearScorer, given_texts: list[str], data: st.DataObject
) -> None:
    sound = [text.encode("utf-8", "replace").decode()[:1_500] for text in given_texts]
    spans = spans_of([text.encode() for text in sound])
    found = buffer_scorer(WindowedScorer(scorer))
    assert found is not None
    assert (found.score(spans) == scorer.score(sound)).all()
    rows = np.repeat(np.arange(len(sound)), 2)
    columns = np.array(data.draw(st.lists(st.integers(0, 5), min_size=len(rows), max_size=len(rows))))
    parts = found.strongest(spans, rows, columns, 3)
    for asked, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        shown = [
            Span(start, end, weight)
            for place, start, end, weight in zip(*(part.tolist() for part in parts), strict=True)
            if place == asked
        ]
        assert tuple(shown) == scorer.why(sound[row], scorer.harms[column])


def test_a_later_calibration_maps_scores_and_stretches_reasons(scorer: HashedLinearScorer) -> None:
    mapped = MappedScorer(WindowedScorer(scorer), {"spam": LogitMap(2.0, -0.5)})
    found = buffer_scorer(mapped)
    assert found is not None
    text = "WIN a free prize, click now"
    spans = spans_of([text.encode()])
    np.testing.assert_array_equal(found.score(spans), mapped.score([text]))
    spam = np.array([scorer.harms.index("spam")])
    weights = found.strongest(spans, np.zeros(1, dtype=np.int64), spam, 3).weights
    assert weights.tolist() == pytest.approx([span.weight for span in mapped.why(text, "spam")])


def test_places_outside_of_the_buffer_are_refused(scorer: HashedLinearScorer) -> None:
    places = np.array([2]), np.array([4])
    with pytest.raises(ValueError, match="not within the buffer"):
        scorer.compiled.logits_in(b"abcde", *places)
    with pytest.raises(IndexError, match="no such text or harm"):
        scorer.compiled.strongest(["a"], np.array([0]), np.array([6]), 3)


def test_batches_do_not_matter(scorer: HashedLinearScorer) -> None:
    many = [f"we met {number} times, buy cheap soup" for number in range(700)]
    together = scorer.score(many)
    assert (together == np.concatenate([scorer.score([text]) for text in many])).all()


def test_a_model_of_too_many_harms_or_of_other_words_is_left_to_python() -> None:
    block = FeatureBlock("words", "word", 1, 2, 8, r"(?u)\b\w\w+\b")
    assert not is_compilable((block,), 2)
    assert not is_compilable((msgspec.structs.replace(block, token_pattern=r"(?u)\b\w+\b"),), 64)


@pytest.mark.parametrize("number", [np.inf, np.nan, 1e30])
def test_weights_without_bounds_are_left_to_python(number: float) -> None:
    block = FeatureBlock("words", "word", 1, 2, 8, r"(?u)\b\w+\b")
    frequencies, coefficients = np.ones(8, dtype=np.float32), np.zeros((8, 1), dtype=np.float32)
    assert compiled_scorer((block,), [(frequencies, coefficients)], np.zeros(1)) is not None
    coefficients[3, 0] = number
    assert compiled_scorer((block,), [(frequencies, coefficients)], np.zeros(1)) is None
