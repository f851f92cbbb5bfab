"""A goal gives the threshold that meets it and flags most, or says why there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.models.thresholds.goals import Goal, GoalError, Stream, share_hours
from sluicegate.models.thresholds.sample import Sample, sample
from sluicegate.models.thresholds.setting import Unmet, hours, meets, rates, threshold_for

SCORES = st.integers(0, 40).map(lambda number: number / 40)
SAMPLES = st.builds(
    lambda positives, harmless: Sample(np.sort(np.array(positives)), np.sort(np.array(harmless))),
    st.lists(SCORES, min_size=20, max_size=60),
    st.lists(SCORES, min_size=1, max_size=80),
)
STREAMS = st.builds(Stream, st.floats(0.001, 0.6), st.floats(10, 1e6), st.floats(0.1, 5))
GOALS = st.one_of(
    st.builds(Goal, st.sampled_from(["precision", "recall"]), st.floats(0.05, 0.99)),
    st.builds(Goal, st.just("false_alarms"), st.floats(0.5, 999)),
    st.builds(Goal, st.just("hours"), st.floats(0.1, 1e5)),
)


def supported_rates(found: Sample, threshold: float) -> tuple[float, float]:
    caught = sum(score >= threshold for score in found.positives) / len(found.positives)
    return caught, min(1.0, max(3, sum(score >= threshold for score in found.harmless)) / len(found.harmless))


def is_met(goal: Goal, stream: Stream, found: Sample, threshold: float) -> bool:
    caught, false_alarms = supported_rates(found, threshold)
    right, wrong = stream.prevalence * caught, (1 - stream.prevalence) * false_alarms
    if goal.kind == "precision":
        return caught > 0 and right / (right + wrong) >= goal.value
    if goal.kind == "recall":
        return caught >= goal.value - 1e-12 and 1 - 3 / len(found.positives) >= goal.value
    if goal.kind == "false_alarms":
        return 1000 * false_alarms <= goal.value
    assert stream.events_a_day is not None
    assert stream.minutes is not None
    return (right + wrong) * stream.events_a_day * stream.minutes / 60 <= goal.value


@given(GOALS, STREAMS, SAMPLES)
def test_the_threshold_is_the_one_that_trying_all_of_them_finds(goal: Goal, stream: Stream, found: Sample) -> None:
    meeting = [t for t in sorted({*found.positives, *found.harmless}) if is_met(goal, stream, found, t)]
    threshold = threshold_for(goal, stream, found)
    if isinstance(threshold, Unmet):
        assert not meeting
    elif goal.kind == "recall":
        assert threshold == max(t for t in meeting if t in found.positives)
    else:
        assert threshold == min(meeting)


@given(GOALS, STREAMS, SAMPLES)
def test_a_goal_is_met_on_the_texts_it_was_set_on(goal: Goal, stream: Stream, found: Sample) -> None:
    threshold = threshold_for(goal, stream, found)
    if isinstance(threshold, Unmet):
        return
    at = np.array([threshold])
    seen = rates(found, found.caught(at), found.false_alarms(at))
    if goal.kind == "recall":
        assert seen.caught[0] >= goal.value - 1e-9
    else:
        assert meets(goal, stream, seen).all()


@given(GOALS, STREAMS, SAMPLES)
def test_the_nearest_goal_can_be_met(goal: Goal, stream: Stream, found: Sample) -> None:
    unmet = threshold_for(goal, stream, found)
    if not isinstance(unmet, Unmet) or unmet.nearest is None:
        return
    assert isinstance(threshold_for(Goal(goal.kind, unmet.nearest), stream, found), float)
    assert (unmet.nearest < goal.value) == (goal.kind in ("precision", "recall"))


@given(STREAMS, SAMPLES, st.sampled_from(["recall", "false_alarms", "hours"]), st.floats(0.05, 0.5), st.floats(1, 2))
def test_a_goal_that_allows_more_never_raises_the_threshold(
    stream: Stream, found: Sample, kind: str, low: float, factor: float
) -> None:
    scale = {"recall": 1.0, "false_alarms": 1000.0, "hours": 10.0}[kind]
    strict = threshold_for(Goal(kind, low * scale), stream, found)  # type: ignore[arg-type]
    lax = threshold_for(Goal(kind, low * scale * factor * 0.99), stream, found)  # type: ignore[arg-type]
    if isinstance(strict, float) and isinstance(lax, float) and factor * 0.99 >= 1:
        assert lax <= strict


@given(SAMPLES, st.floats(0.1, 0.9), st.floats(0.001, 0.3), st.floats(1.01, 3))
def test_where_the_harm_is_rarer_precision_needs_a_threshold_no_lower(
    found: Sample, value: float, prevalence: float, factor: float
) -> None:
    rare = threshold_for(Goal("precision", value), Stream(prevalence), found)
    common = threshold_for(Goal("precision", value), Stream(prevalence * factor), found)
    if isinstance(rare, float):
        assert isinstance(common, float)
        assert common <= rare


def test_five_hundred_ordinary_texts_cannot_speak_of_one_in_a_thousand() -> None:
    found = Sample(np.linspace(0.5, 1, 50), np.linspace(0, 0.4, 500))
    unmet = threshold_for(Goal("false_alarms", 1), Stream(0.03), found)
    assert isinstance(unmet, Unmet)
    assert "500 ordinary texts are too few" in unmet.reason
    assert unmet.nearest == pytest.approx(6, abs=0.002)


def test_a_precision_that_no_threshold_reaches_is_told_with_the_best_there_is() -> None:
    found = Sample(np.linspace(0, 1, 100), np.linspace(0, 1, 10_000))
    unmet = threshold_for(Goal("precision", 0.9), Stream(0.02), found)
    assert isinstance(unmet, Unmet)
    assert "prevalence of 0.02 no threshold reaches it" in unmet.reason
    assert unmet.nearest is not None
    assert 0.02 < unmet.nearest < 0.9


def test_too_few_texts_with_the_harm_are_told() -> None:
    found = Sample(np.linspace(0, 1, 19), np.linspace(0, 1, 100))
    unmet = threshold_for(Goal("precision", 0.2), Stream(0.3), found)
    assert unmet == Unmet(Goal("precision", 0.2), "19 texts hold the harm, 20 are needed", None)
    enough = threshold_for(Goal("recall", 0.99), Stream(0.3), Sample(np.linspace(0, 1, 50), found.harmless))
    assert isinstance(enough, Unmet)
    assert "50 texts with the harm cannot tell a recall of 0.99; 300 can" in enough.reason


def test_ordinary_texts_stand_for_the_stream_where_there_are_any() -> None:
    scores, labels = np.array([0.9, 0.8, 0.1]), np.array([1, 0, 0], dtype=np.int8)
    assert sample(scores, labels).harmless.tolist() == [0.1, 0.8]
    assert sample(scores, labels, np.array([0.3, 0.2])).harmless.tolist() == [0.2, 0.3]


def test_hours_are_shared_as_true_cases_take_them() -> None:
    shared = share_hours(10, {"spam": Stream(0.03, minutes=0.5), "violence": Stream(0.005, minutes=3)})
    assert shared == pytest.approx({"spam": 5, "violence": 5})


def test_hours_need_events_and_minutes() -> None:
    found = Sample(np.linspace(0, 1, 50), np.linspace(0, 1, 50))
    with pytest.raises(GoalError, match="events a day"):
        threshold_for(Goal("hours", 3), Stream(0.1), found)
    at = np.array([0.5])
    counted = rates(found, found.caught(at), found.false_alarms(at))
    assert hours(Stream(0.1, 1200, 2), counted) == pytest.approx(20)


@pytest.mark.parametrize(
    ("kind", "value"), [("precision", 1), ("recall", 0), ("false_alarms", 1000), ("hours", -1), ("hours", float("nan"))]
)
def test_a_goal_out_of_range_is_refused(kind: str, value: float) -> None:
    with pytest.raises(GoalError, match="give"):
        Goal(kind, value)  # type: ignore[arg-type]


def test_a_stream_out_of_range_is_refused() -> None:
    with pytest.raises(GoalError, match="prevalence"):
        Stream(0)
    with pytest.raises(GoalError, match="minutes a case"):
        Stream(0.1, 10, 0)
