"""Words that a model was not trained on are told from those that it was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.models.bundle import Bundle, default_bundle_path, load_bundle
from sluicegate.models.drift.unknown import UnknownWords, unknown_words
from sluicegate.models.features import BLOCKS, count, hasher

WORDS = BLOCKS[0]


def words_of(bundle: Bundle) -> UnknownWords:
    found = unknown_words(bundle.manifest.features, bundle.tensors)
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
    words = UnknownWords(WORDS, idf)
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


def test_a_model_without_words_tells_none(bundle: Bundle) -> None:
    assert unknown_words(bundle.manifest.features[1:], bundle.tensors) is None
    assert unknown_words(bundle.manifest.features, {}) is None
