"""Words that a model was not trained on are told from those that it was."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from sluicegate.models.bundle import Bundle, default_bundle_path, load_bundle
from sluicegate.models.drift.unknown import UnknownWords, unknown_words
from sluicegate.models.features import BLOCKS, count, hasher
from sluicegate.models.manifest import FeatureBlock
from tests.unit.models.imported.test_kinds import imported

WORDS = BLOCKS[0]


def words_of(bundle: Bundle) -> UnknownWords:
    found = unknown_words(bundle.manifest, bundle.tensors)
    assert found is not None
    return found


def test_words_of_the_training_are_known_and_others_are_not(bundle: Bundle) -> None:
    words = words_of(bundle)
    known, half, none = words.shares(
        ["We talked about chess at the library", "Chess perkele library jäätelö", "perkele jäätelö"]
    )
    assert (known, half, none) == (0.0, 0.5, 1.0)


@given(st.text(max_size=400) | st.text("a \n", min_size=281, max_size=400))
def test_every_text_has_a_share_or_none(bundle: Bundle, text: str) -> None:
    (share,) = words_of(bundle).shares([text])
    assert np.isnan(share) or 0 <= share <= 1


def test_a_text_without_words_has_no_share(bundle: Bundle) -> None:
    assert np.isnan(words_of(bundle).shares(["", "...", "\n", " " * 999])).all()
    assert words_of(bundle).shares([]).shape == (0,)


def test_a_word_is_looked_up_where_the_model_finds_it() -> None:
    idf = np.linspace(1, 12, WORDS.size, dtype=np.float32)
    words = UnknownWords.hashed(hasher(WORDS).build_tokenizer(), idf)
    texts = [f"word{number}" for number in range(300)]
    columns = count(hasher(WORDS), texts).indices
    expected = idf[columns] > np.quantile(idf, 0.25)
    assert words.shares(texts).tolist() == expected.astype(float).tolist()
    # Three columns of four count as unknown, where none was never seen.
    assert expected.mean() == pytest.approx(0.75, abs=0.1)


def test_texts_are_folded_and_read_at_their_beginning(bundle: Bundle) -> None:
    words = words_of(bundle)
    plain, written, long = words.shares(
        ["talked about chess", "TALKED ABOUT CHESS", "about chess " * 30 + "perkele " * 99]
    )
    assert (plain, written, long) == (0.0, 0.0, 0.0)


def test_the_default_bundle_knows_more_words_of_its_languages_than_of_another() -> None:
    words = words_of(load_bundle(default_bundle_path()))
    english, finnish = words.shares(
        [
            "we went to the market with my grandmother to buy some apples and then had ice cream in the square",
            "tänään kävimme isoäidin kanssa torilla ostamassa omenoita ja söimme herkullista jäätelöä aukiolla",
        ]
    )
    assert english < 0.1
    assert finnish > 0.5


def test_words_outside_a_vocabulary_are_unknown_in_the_way_that_the_model_reads() -> None:
    fitted = CountVectorizer(ngram_range=(1, 2), strip_accents="unicode").fit(["Soup at the café", "the park"])
    words = UnknownWords.outside(CountVectorizer(**{**fitted.get_params(), "vocabulary": fitted.vocabulary_}))
    assert words.shares(["THE cafe", "the satama", "soup-park satama perkele"]).tolist() == [0.0, 0.5, 0.5]


@pytest.mark.parametrize("block", [BLOCKS[1], msgspec.structs.replace(WORDS, analyzer="char_wb")])
def test_a_model_without_words_tells_none(bundle: Bundle, block: FeatureBlock) -> None:
    assert unknown_words(msgspec.structs.replace(bundle.manifest, features=(block,)), bundle.tensors) is None


@pytest.mark.parametrize("kind", ["words, tf-idf", "union", "hashed, no signs", "case kept"])
def test_words_that_an_imported_pipeline_was_trained_on_are_told_from_others(kind: str) -> None:
    words = unknown_words(imported(kind).manifest, imported(kind).tensors)
    assert words is not None
    known, other = words.shares(["bring bread at the office", "perkele jäätelö satama mansikka kesä ilta"])
    assert known == 0
    assert other > 0.5


@pytest.mark.parametrize("kind", ["characters", "own stop words", "hashed, signs", "forest"])
def test_of_an_imported_pipeline_that_does_not_tell_its_words_none_are_unknown(kind: str) -> None:
    assert unknown_words(imported(kind).manifest, imported(kind).tensors) is None


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=400),
            st.lists(st.sampled_from(["soup", "park", "zebra", "it's", "x", "42", "Ünder"]), max_size=90).map(" ".join),
        ),
        max_size=4,
    )
)
def test_the_kernel_finds_the_shares_that_python_finds(bundle: Bundle, texts: list[str]) -> None:
    words = words_of(bundle)
    assert words._rare is not None
    found = words.shares(texts)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(words, "_rare", None)
        expected = words.shares(texts)
    np.testing.assert_array_equal(found, expected)
