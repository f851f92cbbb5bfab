"""Quantiles of the F distribution are those of scipy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import fdtri

from sluicegate.models.drift.quantile import f_quantile
from sluicegate.models.drift.stability import CONFIDENCE


@given(st.integers(1, 60), st.integers(2, 1_000), st.sampled_from([0.001, 0.1, 0.5, 0.9, CONFIDENCE]))
def test_quantiles_are_those_of_scipy(freedom: int, blocks: int, probability: float) -> None:
    other = (blocks - 1) * freedom
    assert f_quantile(freedom, other, probability) == pytest.approx(fdtri(freedom, other, probability), rel=1e-7)


@pytest.mark.parametrize("freedom", range(1, 25))
@pytest.mark.parametrize("blocks", [2, 3, 8, 32, 10_000])
def test_those_of_the_bounds_are_so_to_ten_digits(freedom: int, blocks: int) -> None:
    other = (blocks - 1) * freedom
    assert f_quantile(freedom, other, CONFIDENCE) == pytest.approx(fdtri(freedom, other, CONFIDENCE), rel=1e-10)
