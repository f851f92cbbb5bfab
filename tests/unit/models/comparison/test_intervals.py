"""Shares and their differences come with intervals that hold them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from sluicegate.models.comparison.intervals import difference, share

counts = st.integers(1, 10_000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@given(counts)
def test_the_interval_of_a_share_is_that_of_wilson(counted: tuple[int, int]) -> None:
    count, total = counted
    found, known = share(count, total), binomtest(count, total).proportion_ci(method="wilson")
    assert found.value == count / total
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=1e-9)
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(counts, counts)
def test_a_difference_lies_in_its_interval_and_turns_its_sign_when_turned(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    found, turned = difference(*one, *other), difference(*other, *one)
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert (turned.value, turned.low, turned.high) == pytest.approx((-found.value, -found.high, -found.low))


def test_the_difference_is_that_of_newcombes_example() -> None:
    # Newcombe (1998), table II, row (a): 56/70 less 48/80.
    found = difference(56, 70, 48, 80)
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_of_no_events_nothing_is_known() -> None:
    assert (share(0, 0).low, share(0, 0).high) == (0, 1)
