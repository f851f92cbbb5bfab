"""The arithmetic of a measurement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.bench.figures import Spread, growth_of, latency_of, ratios

_RATES = st.floats(1, 1e6)


@given(st.lists(_RATES, min_size=1))
def test_a_median_lies_between_the_least_and_the_most(values: list[float]) -> None:
    spread = Spread.of(values)

    assert spread.least <= spread.median <= spread.most
    assert spread.count == len(values)


def test_there_is_no_spread_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values"):
        Spread.of([])


def test_ratios_are_taken_of_runs_of_the_same_round() -> None:
    assert ratios([10, 40, 90], [10, 20, 30]) == Spread(2.0, 1.0, 3.0, 3)


def test_ratios_of_unequal_rounds_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])


def test_delays_in_seconds_become_percentiles_in_milliseconds() -> None:
    latency = latency_of([second / 1000 for second in range(1, 102)])

    assert (latency.p50, latency.p95, latency.most) == pytest.approx((51, 96, 101))
    assert latency.p99 == pytest.approx(100)
    assert latency.count == 101


def test_memory_that_grows_by_a_steady_amount_shows_it_as_slope() -> None:
    growth = growth_of([(float(second), 100 + second / 60 * 3) for second in range(601)])

    assert growth.slope == pytest.approx(3)
    assert growth.grown == pytest.approx(3 * (595 - 54.5) / 60, abs=0.1)


def test_memory_that_is_taken_in_the_first_minute_is_no_growth() -> None:
    growth = growth_of([(float(second), min(second, 40) * 5.0) for second in range(121)])

    assert growth.grown == 0
    assert growth.slope == pytest.approx(0, abs=1e-6)


def test_memory_watched_for_a_minute_has_no_growth_to_tell() -> None:
    with pytest.raises(ValueError, match="first minute"):
        growth_of([(float(second), 100.0) for second in range(60)])
