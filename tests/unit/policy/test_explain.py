"""An explanation says what was decided and from what."""

import numpy as np
import pytest

from sluicegate.policy import decide, explain, parse_policy
from sluicegate.policy.explain import Step
from tests.unit.policy.documents import HARMS, SMALL, events

POLICY = parse_policy(SMALL, "small.yaml")


def test_each_rule_is_shown_with_every_part_of_its_condition_and_its_values() -> None:
    explanation = explain(POLICY, events(1, reports=[2]), np.array([[0.95, 0.1]]), HARMS)
    assert (explanation.outcome, explanation.rule, explanation.action) == ("act", "spam", "remove")
    hate, reported, spam = explanation.rules
    assert [rule.verdict for rule in explanation.rules] == ["no", "no", "fired"]
    assert hate.steps == (Step(0, "scores.hate >= 0.5", "false", (("scores.hate", "0.1"),)),)
    assert reported.steps == (
        Step(0, "type == 'content.reported' && signals.reports >= 3.0", "false", ()),
        Step(1, "type == 'content.reported'", "false", (("type", "'content.created'"),)),
        Step(1, "signals.reports >= 3.0", "false", (("signals.reports", "2"),)),
    )
    assert spam.steps[0].answer == "true"
    assert explanation.priority is None


def test_a_missing_signal_is_shown_as_missing() -> None:
    explanation = explain(POLICY, events(1, type_=["content.reported"]), np.array([[0.1, 0.1]]), HARMS)
    assert [step.answer for step in explanation.rules[1].steps] == ["missing", "true", "missing"]
    assert explanation.rules[1].steps[2].operands == (("signals.reports", "missing"),)
    assert explanation.rule == "default"


def test_the_arithmetic_of_the_priority_gives_the_decided_value() -> None:
    batch, scores = events(1, views_per_hour=[50], language=["de"]), np.array([[0.2, 0.6]])
    explanation, decisions = explain(POLICY, batch, scores, HARMS), decide(POLICY, batch, scores, HARMS)
    priority = explanation.priority
    assert priority is not None
    assert explanation.queue == "abuse"
    assert [rule.verdict for rule in explanation.rules] == ["fired", "later", "later"]
    assert priority.averted - priority.false_alarm_cost == pytest.approx(decisions.value[0])
    assert priority.averted == pytest.approx(0.9 * (0.6 * 5 + 0.2) * 100)
    assert (priority.views_left, priority.minutes, priority.class_) == (100, 2, 0)
    assert [share.harm for share in priority.shares] == ["hate", "spam"]


def test_deleted_content_is_explained_without_rules() -> None:
    explanation = explain(POLICY, events(1, type_=["content.deleted"]), np.zeros((1, 2)), HARMS)
    assert (explanation.outcome, explanation.rule, explanation.rules) == ("allow", "deleted", ())


def test_one_event_is_explained_at_a_time() -> None:
    with pytest.raises(ValueError, match="explain takes one event, not 2"):
        explain(POLICY, events(2), np.zeros((2, 2)), HARMS)
