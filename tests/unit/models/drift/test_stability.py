"""The index is a divergence of two distributions, and its bound is where chance ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sluicegate.models.drift.stability import noise_bound, population_stability_index, smoothed_shares

COUNTS = st.integers(2, 12).flatmap(
    lambda bins: st.tuples(*[st.lists(st.integers(1, 10_000), min_size=bins, max_size=bins)] * 2)
)


def shares(counts: list[int]) -> NDArray[np.float64]:
    return np.array(counts, dtype=np.float64) / sum(counts)


@given(COUNTS)
def test_the_index_is_never_negative_and_the_same_from_both_sides(pair: tuple[list[int], list[int]]) -> None:
    live, reference = map(shares, pair)
    assert population_stability_index(live, reference) >= 0
    assert population_stability_index(live, reference) == pytest.approx(population_stability_index(reference, live))


@given(COUNTS, st.integers(2, 1_000))
def test_the_index_is_0_for_the_same_distribution_alone_however_many_texts_there_are(
    pair: tuple[list[int], list[int]], times: int
) -> None:
    live, reference = map(shares, pair)
    more = shares([number * times for number in pair[0]])
    assert population_stability_index(more, reference) == pytest.approx(population_stability_index(live, reference))
    assert population_stability_index(more, live) == pytest.approx(0, abs=1e-12)
    if np.abs(live - reference).max() > 1e-3:
        assert population_stability_index(live, reference) > 1e-7


@given(COUNTS, st.data())
def test_a_bin_cut_into_like_parts_changes_nothing_and_bins_put_together_never_add(
    pair: tuple[list[int], list[int]], data: st.DataObject
) -> None:
    live, reference = map(shares, pair)
    index = population_stability_index(live, reference)
    place = data.draw(st.integers(0, len(live) - 2))
    cut = [
        np.concatenate([one[:place], [one[place] * 0.3, one[place] * 0.7], one[place + 1 :]])
        for one in (live, reference)
    ]
    assert population_stability_index(*cut) == pytest.approx(index, abs=1e-12)
    joined = [
        np.concatenate([one[:place], [one[place] + one[place + 1]], one[place + 2 :]]) for one in (live, reference)
    ]
    assert population_stability_index(*joined) <= index + 1e-12


@given(COUNTS)
def test_smoothed_shares_are_positive_and_draw_nothing_away_from_the_reference(
    pair: tuple[list[int], list[int]],
) -> None:
    reference = shares(pair[1])
    counts = np.array(pair[0], dtype=np.float64)
    counts[0] = 0
    smoothed = smoothed_shares(counts, reference)
    assert smoothed.min() > 0
    assert smoothed.sum() == pytest.approx(1)
    assert smoothed_shares(reference * 4_000, reference) == pytest.approx(reference)


def test_one_sample_in_a_thousand_of_the_same_distribution_exceeds_the_bound() -> None:
    source = np.random.default_rng(11)
    shape = np.array([0.25, 0.2, 0.15, 0.12, 0.1, 0.1, 0.06, 0.02])
    live, reference = source.multinomial(2_000, shape, 20_000), source.multinomial(10_000, shape, 20_000)
    found = np.array(
        [
            population_stability_index(smoothed_shares(one, other / other.sum()), other / other.sum())
            for one, other in zip(live.astype(np.float64), reference, strict=True)
        ]
    )
    # Its mean is that of a chi-square of 7 degrees of freedom times the noise of both samples.
    assert found.mean() == pytest.approx(7 * (1 / 2_000 + 1 / 10_000), rel=0.03)
    exceeding = int((found > noise_bound(8, 2_000, 10_000, 10_000)).sum())
    assert 5 <= exceeding <= 40


@given(st.integers(2, 20), st.integers(200, 10**7), st.integers(200, 10**7), st.integers(2, 40))
def test_the_bound_falls_with_more_texts_and_with_more_blocks(
    bins: int, live: int, reference: int, blocks: int
) -> None:
    bound = noise_bound(bins, live, reference, blocks)
    assert bound > noise_bound(bins, live * 2, reference, blocks) > 0
    assert bound > noise_bound(bins, live, reference * 2, blocks)
    assert bound > noise_bound(bins, live, reference, blocks + 1)
