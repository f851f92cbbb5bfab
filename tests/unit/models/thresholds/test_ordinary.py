"""No source, language or length of ordinary texts is flagged far more than the goal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.models.thresholds.ordinary import above, ordinary_threshold

PROBABILITIES = st.lists(st.floats(0, 0.999), min_size=1, max_size=60)


@given(PROBABILITIES, st.floats(0.001, 1))
def test_at_most_the_stated_share_reaches_the_threshold_and_any_lower_one_flags_more(
    scores: list[float], rate: float
) -> None:
    column = np.array(scores)
    threshold = above(column, rate)
    allowed = rate * len(column) + 1e-6
    assert (column >= threshold).sum() <= allowed
    below = column[column < threshold]
    if len(below):
        assert (column >= below.max()).sum() > allowed - 2e-6


def test_short_posts_that_score_high_raise_the_threshold_that_long_ones_ask_for() -> None:
    rng = np.random.default_rng(1)
    long, short = rng.beta(1, 60, 20_000), rng.beta(2, 12, 2_000)
    scores = np.concatenate([long, short])
    sources = ["mail"] * len(long) + ["tweets"] * len(short)
    assert (short >= above(long, 0.002)).mean() > 0.15
    found = ordinary_threshold(scores, {"source": sources})
    assert found.probability > found.together
    assert all(group.flagged <= 0.002 for group in found.groups.values())


def test_every_kind_of_group_has_a_say() -> None:
    scores = np.linspace(0, 0.5, 3_000)
    languages = ["en"] * 2_000 + ["de"] * 1_000
    found = ordinary_threshold(scores, {"source": ["all"] * 3_000, "language": languages}, percentile=99)
    assert found.groups["language:de"].flagged == pytest.approx(0.01)
    assert set(found.groups) == {"source:all", "language:en", "language:de"}


def test_a_small_group_asks_for_no_more_than_three_of_its_texts_can_vouch_for() -> None:
    scores = np.concatenate([np.linspace(0, 0.1, 10_000), np.linspace(0.2, 0.5, 300)])
    found = ordinary_threshold(scores, {"source": ["big"] * 10_000 + ["small"] * 300})
    assert found.groups["source:small"].flagged == pytest.approx(0.01)


def test_a_group_that_is_too_small_is_named_and_has_no_say() -> None:
    scores = np.concatenate([np.linspace(0, 0.1, 5_000), np.full(100, 0.9)])
    found = ordinary_threshold(scores, {"source": ["big"] * 5_000 + ["few"] * 100}, percentile=95)
    assert found.too_small == ("source:few",)
    assert found.probability < 0.5


def test_below_the_highest_quantile_one_odd_source_does_not_decide() -> None:
    sources = [name for name in "abcdefghij" for _ in range(1_000)]
    scores = np.concatenate([np.tile(np.linspace(0, 0.1, 1_000), 9), np.full(1_000, 0.9)])
    names = {"source": sources}
    assert ordinary_threshold(scores, names, percentile=80).probability > 0.9
    assert ordinary_threshold(scores, names, percentile=80, across=0.8).probability < 0.2


def test_names_that_are_not_one_for_each_text_are_refused() -> None:
    with pytest.raises(ValueError, match="3 scores, but 1 names of source"):
        ordinary_threshold(np.zeros(3), {"source": ["a"]})
    with pytest.raises(ValueError, match="no ordinary text"):
        ordinary_threshold(np.zeros(0), {})
