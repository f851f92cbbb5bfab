"""Bins of a reference are joined until each holds enough of it, and categories have one more for all others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.models.drift.feature import categorical, numeric
from sluicegate.models.manifest import Histogram

COUNTS = st.lists(st.integers(0, 1_000), min_size=2, max_size=60).filter(any)


@given(COUNTS)
def test_every_bin_of_a_number_holds_its_share_and_all_texts_are_in_one(counts: list[int]) -> None:
    edges = [float(edge) for edge in range(len(counts) - 1)]
    feature = numeric("length", Histogram(edges, counts))
    if feature is None:
        return
    assert feature.texts == sum(counts)
    assert feature.shares.sum() == pytest.approx(1)
    assert feature.shares[-1] >= 0.01
    assert feature.shares[:-1].min() >= 0.08 - 1e-9
    assert set(feature.edges) <= set(edges)
    # Counting the texts between the edges that are left gives the same shares.
    values = np.repeat(np.arange(len(counts)) - 0.5, counts)
    found = np.bincount(np.searchsorted(feature.edges, values, side="right"), minlength=len(feature.shares))
    assert found / sum(counts) == pytest.approx(feature.shares)


@pytest.mark.parametrize("counts", [[0, 0, 0], [0, 50, 0], [50, 0, 0]])
def test_a_number_that_tells_nothing_apart_is_not_watched(counts: list[int]) -> None:
    assert numeric("length", Histogram([1.0, 2.0], counts)) is None


@given(COUNTS)
def test_the_mean_rank_of_the_reference_is_one_half(counts: list[int]) -> None:
    feature = numeric("length", Histogram([float(edge) for edge in range(len(counts) - 1)], counts))
    if feature is not None:
        assert feature.shares @ feature.ranks == pytest.approx(0.5)
        assert (np.diff(feature.ranks) > 0).all()


def test_others_have_a_share_even_if_the_reference_has_none() -> None:
    feature = categorical("language", [90, 10], 100)
    assert feature is not None
    assert feature.shares == pytest.approx(np.array([90, 10, 0.5]) / 100.5)
    assert feature.edges.tolist() == [0.5, 1.5]
    assert categorical("language", [], 0) is None
