"""Calibration that was lost is found again on labelled texts, judged on texts it was not fitted on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sluicegate.models.calibrating.fitting import Fitted, Left, calibration_errors, moved, refit
from sluicegate.models.calibrating.recorded import LogitMap
from sluicegate.models.figures import log_odds, sigmoid


def texts(
    slope: float, intercept: float, count: int = 4_000
) -> tuple[NDArray[np.float64], NDArray[np.int8], list[str]]:
    """Return log-odds that are right once mapped by the line, labels, and a group for each text."""
    rng = np.random.default_rng(3)
    right = rng.normal(0, 2, count)
    labels = (rng.random(count) < sigmoid(right)).astype(np.int8)
    return (right - intercept) / slope, labels, [f"text:{number}" for number in range(count)]


@settings(max_examples=8, deadline=None)
@given(st.floats(0.3, 3), st.floats(-2, 2))
def test_the_line_that_was_lost_is_found(slope: float, intercept: float) -> None:
    fitted = refit(*texts(slope, intercept), 1, force=True)
    assert isinstance(fitted, Fitted)
    assert fitted.map.slope == pytest.approx(slope, rel=0.15)
    assert fitted.map.intercept == pytest.approx(intercept, abs=0.2)


def test_the_error_falls_and_its_intervals_hold_it() -> None:
    fitted = refit(*texts(0.3, 1.5), 1, force=False)
    assert isinstance(fitted, Fitted)
    assert fitted.after.high < fitted.before.low
    for error in (fitted.before, fitted.after):
        assert 0 <= error.low <= error.value <= error.high
    assert fitted.fitted + fitted.measured == 4_000
    assert fitted.positives + fitted.negatives == fitted.fitted


def test_no_group_is_fitted_on_and_measured_on() -> None:
    even, labels, _ = texts(0.3, 1.5)
    one_group = ["text:same"] * len(even)
    left = refit(even, labels, one_group, 1, force=False)
    assert isinstance(left, Left)
    assert "each part needs 20" in left.reason


def test_a_map_that_makes_it_worse_is_refused_unless_it_is_forced() -> None:
    even, labels, groups = texts(1.0, 0.0)
    results = {seed: refit(even, labels, groups, seed, force=False) for seed in range(4)}
    seed, left = next((seed, result) for seed, result in results.items() if isinstance(result, Left))
    assert "would rise from" in left.reason
    forced = refit(even, labels, groups, seed, force=True)
    assert isinstance(forced, Fitted)
    assert forced.after.value > forced.before.value


def test_scores_that_fall_with_the_labels_are_left() -> None:
    even, labels, groups = texts(1.0, 0.0)
    left = refit(-even, labels, groups, 1, force=True)
    assert isinstance(left, Left)
    assert "turned round" in left.reason


def test_the_same_seed_gives_the_same_map_and_intervals() -> None:
    assert refit(*texts(0.5, 1), 7, force=True) == refit(*texts(0.5, 1), 7, force=True)
    assert refit(*texts(0.5, 1), 7, force=True) != refit(*texts(0.5, 1), 8, force=True)


def test_texts_of_one_group_are_drawn_together() -> None:
    even, labels, groups = texts(0.5, 1, 1_000)
    apart = calibration_errors(labels, even, groups, 1)
    together = calibration_errors(labels, even, [f"user:{number // 100}" for number in range(1_000)], 1)
    assert apart.value == together.value
    assert (apart.low, apart.high) != (together.low, together.high)


@given(st.floats(0.2, 3), st.floats(-2, 2), st.floats(0.01, 0.6), st.floats(0.01, 0.6), st.floats(-4, 4))
def test_prevalences_stand_on_either_side_of_the_line(
    slope: float, intercept: float, before: float, after: float, even: float
) -> None:
    priors = log_odds(np.array([before, after]))
    line = moved(LogitMap(slope, intercept), before, after)
    served = line.slope * (even + priors[0]) + line.intercept
    assert served == pytest.approx(slope * even + intercept + priors[1])
