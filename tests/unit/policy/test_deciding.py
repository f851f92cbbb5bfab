"""What is decided for a batch, and what a review is worth."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sluicegate.policy import (
    ACT,
    ALLOW,
    DEFAULT_RULE,
    DELETED_RULE,
    REVIEW,
    DeskState,
    Features,
    PolicyError,
    QueueState,
    check_harms,
    comparable,
    decide,
    default_policy_path,
    load_policy,
    parse_policy,
)
from tests.unit.policy.documents import HARMS, SMALL, events, with_condition

POLICY = parse_policy(SMALL, "small.yaml")


def scores(*rows: Sequence[float]) -> NDArray[np.float64]:
    return np.array(rows, dtype=np.float64)


def test_the_first_rule_that_fires_decides() -> None:
    batch = events(
        4, type_=["content.created", "content.reported", "content.created", "content.created"], reports=[0, 5, 5, 0]
    )
    decisions = decide(POLICY, batch, scores((0.95, 0.6), (0.95, 0.1), (0.95, 0.1), (0.1, 0.1)), HARMS)
    assert decisions.outcome.tolist() == [REVIEW, REVIEW, ACT, ALLOW]
    assert [decisions.rule_name(row) for row in range(4)] == ["hate", "reported", "spam", "default"]
    assert decisions.rule.tolist() == [0, 1, 2, DEFAULT_RULE]
    assert decisions.action.tolist() == [-1, -1, 0, -1]
    assert POLICY.actions == ("remove",)


def test_a_rule_whose_signal_is_missing_does_not_fire() -> None:
    batch = events(2, type_=["content.reported"] * 2, reports=[float("nan"), 3])
    assert decide(POLICY, batch, scores((0, 0), (0, 0)), HARMS).outcome.tolist() == [ALLOW, REVIEW]
    nowhere = events(1, type_=["content.reported"])
    assert decide(POLICY, nowhere, scores((0, 0)), HARMS).outcome.tolist() == [ALLOW]


@pytest.mark.parametrize(
    "condition",
    ['tenant == "acme"', 'tenant in ["acme", "other"]', '!(tenant == "acme\\u0000")', '!(tenant in ["acme\\u0000"])'],
)
def test_a_tenant_is_not_taken_for_one_that_differs_in_zero_characters_at_its_end(condition: str) -> None:
    policy = parse_policy(with_condition(condition), "p.yaml")
    batch = replace(events(2), tenant=np.array([comparable("acme\0"), comparable("acme")]))
    assert decide(policy, batch, scores((0, 0), (0, 0)), HARMS).outcome.tolist() == [ALLOW, REVIEW]


@pytest.mark.parametrize("condition", ["!(signals.reports > 3)", "signals.reports != 3", "!(signals.reports in [3.0])"])
def test_the_opposite_of_a_condition_on_a_missing_signal_does_not_fire_either(condition: str) -> None:
    policy = parse_policy(with_condition(condition), "p.yaml")
    batch = events(2, reports=[float("nan"), 1])
    assert decide(policy, batch, scores((0, 0), (0, 0)), HARMS).outcome.tolist() == [ALLOW, REVIEW]


def test_deleted_content_is_allowed_before_any_rule() -> None:
    decisions = decide(POLICY, events(1, type_=["content.deleted"]), scores((1.0, 1.0)), HARMS)
    assert (decisions.outcome[0], decisions.rule[0]) == (ALLOW, DELETED_RULE)
    assert decisions.rule_name(0) == "deleted"


def test_content_goes_to_the_first_queue_that_serves_its_language() -> None:
    decisions = decide(POLICY, events(3, language=["en", "de", ""]), scores(*[(0, 0.9)] * 3), HARMS)
    assert [POLICY.queues[queue].name for queue in decisions.queue] == ["abuse_en", "abuse", "abuse"]


def test_an_empty_batch_gives_no_decisions() -> None:
    assert len(decide(POLICY, events(0), np.zeros((0, 2)), HARMS)) == 0


def test_value_minutes_and_class_follow_the_formula_of_the_desk() -> None:
    batch = events(3, age_hours=[0, 5, float("nan")], views_per_hour=[12, float("nan"), 0])
    decisions = decide(POLICY, batch, scores((0.2, 0.6), (0.0, 0.5), (0.9, 0.5)), HARMS)
    views = np.array([100, 10, 20])
    averted = 0.9 * np.array([0.2 + 3.0, 2.5, 0.9 + 2.5]) * views
    wronged = np.array([0.4, 0.5, 0.1]) * 0.05 * (10 + 0.5 * views)
    assert decisions.value.tolist() == pytest.approx((averted - wronged).tolist())
    assert decisions.minutes.tolist() == [2, 2, 2]
    assert decisions.class_.tolist() == [0, 2, 1]
    assert decisions.price.tolist() == [0, 0, 0]


def test_minutes_are_those_of_the_harm_that_weighs_most() -> None:
    policy = parse_policy(with_condition("scores.spam > 0.1"), "p.yaml")
    decisions = decide(policy, events(2), scores((0.9, 0.1), (0.4, 0.1)), HARMS)
    assert decisions.minutes.tolist() == [0.5, 2]


def test_what_is_not_reviewed_has_no_priority() -> None:
    decisions = decide(POLICY, events(2), scores((0, 0), (0.95, 0)), HARMS)
    assert decisions.class_.tolist() == decisions.queue.tolist() == [-1, -1]
    assert decisions.value.tolist() == decisions.minutes.tolist() == [0, 0]


def test_the_state_of_the_desk_sets_prices_and_class_bounds() -> None:
    state = DeskState(
        as_of="2026-11-22T07:00:00Z",
        clearing=10.0,
        class_bounds=(5.0, 1.0),
        queues={"abuse": QueueState(outstanding_minutes=24.0, capacity=60.0)},
    )
    batch = events(2, language=["en", "de"], age_hours=[5, 5])
    decisions = decide(POLICY, batch, scores((0, 0.5), (0, 0.5)), HARMS, state)
    # 24 minutes wait where 12 minutes of one reviewer are aimed at: twice that, squared.
    assert decisions.price.tolist() == [0, 40]
    assert decisions.class_.tolist() == [0, 0]


def test_a_task_names_the_harms_that_reached_its_rule_highest_first() -> None:
    policy = parse_policy(
        with_condition("(scores.spam >= 0.3 || !(scores.hate < 0.4)) && scores.hate < 0.95"), "p.yaml"
    )
    decisions = decide(policy, events(3), scores((0.3, 0.6), (0.7, 0.39), (0.9, 0.5)), HARMS)
    reached = [decisions.harms_reached(row) for row in range(3)]
    assert reached == [(("hate", 0.6), ("spam", 0.3)), (("spam", 0.7),), (("spam", 0.9), ("hate", 0.5))]


def test_a_task_of_a_rule_that_asks_for_no_harm_names_the_highest() -> None:
    policy = parse_policy(with_condition("text_truncated"), "p.yaml")
    decisions = decide(policy, events(1, text_truncated=[True]), scores((0.1, 0.2)), HARMS)
    assert decisions.harms_reached(0) == (("hate", 0.2),)


def test_harms_are_found_by_name_in_whatever_order_the_model_has_them() -> None:
    given = scores((0.3, 0.9, 0.2))
    decisions = decide(POLICY, events(1), given, ("violence", "hate", "spam"))
    assert decisions.rule_name(0) == "hate"
    assert decisions.harms_reached(0) == (("hate", 0.9),)
    assert decisions.value[0] == decide(POLICY, events(1), scores((0.2, 0.9)), HARMS).value[0]


def test_a_policy_that_names_a_harm_which_the_model_lacks_is_refused() -> None:
    check_harms(POLICY, ("hate", "spam", "scam"))
    with pytest.raises(PolicyError, match=r"\.yaml:\d+:3: the model scores no harm 'hate'; did you mean 'hates'"):
        check_harms(POLICY, ("spam", "hates"))


def test_watched_is_what_the_condition_says_unless_deleted_or_acted_on() -> None:
    policy = parse_policy(
        SMALL.replace("missed: 0.1", "missed: 0.1\nwatch: scores.spam > 0.2 || signals.reports > 1"), "p.yaml"
    )
    types = ["content.created", "content.created", "content.deleted", "content.created", "content.updated"]
    batch = events(5, type_=types, reports=[float("nan"), 2, 2, 0, float("nan")])
    decisions = decide(policy, batch, scores((0.5, 0), (0, 0), (0.5, 0), (0.95, 0), (0, 0.6)), HARMS)
    assert decisions.watch.tolist() == [True, True, False, False, False]
    assert not decide(POLICY, batch, scores(*[(0.5, 0)] * 5), HARMS).watch.any()


def test_the_topics_of_a_policy_are_three_classes_for_each_queue() -> None:
    assert POLICY.review_topics("review.") == [
        "review.abuse_en.0",
        "review.abuse_en.1",
        "review.abuse_en.2",
        "review.abuse.0",
        "review.abuse.1",
        "review.abuse.2",
    ]


def test_the_digest_is_that_of_the_document() -> None:
    assert POLICY.digest == parse_policy(SMALL, "elsewhere.yaml").digest
    assert POLICY.digest != parse_policy(SMALL + "# more\n", "small.yaml").digest
    assert POLICY.digest.startswith("sha256:")


def test_the_signals_of_a_policy_are_those_that_a_decision_depends_on() -> None:
    assert POLICY.signals == {"reports", "views_per_hour"}


@pytest.mark.parametrize("type_", ["content.created", "content.updated", "content.reported"])
def test_the_shipped_policy_never_allows_what_could_not_be_read_whole(type_: str) -> None:
    policy = load_policy(default_policy_path())
    harms = tuple(policy.harms)
    rng = np.random.default_rng(7)
    n = 200
    batch = events(n, type_=[type_] * n, text_truncated=[True] * n, account_age_days=[0.5] * n)
    decisions = decide(policy, batch, rng.beta(0.2, 0.2, (n, len(harms))), harms)
    assert (decisions.outcome == REVIEW).all()


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1), st.sampled_from(["en", "de", ""]), st.booleans()),
        min_size=1,
        max_size=20,
    )
)
def test_a_row_is_decided_the_same_alone_and_in_a_batch(rows: list[tuple[float, float, str, bool]]) -> None:
    def decided(chosen: list[tuple[float, float, str, bool]]) -> list[tuple[float, ...]]:
        batch: Features = events(
            len(chosen),
            language=[row[2] for row in chosen],
            type_=["content.reported" if row[3] else "content.created" for row in chosen],
            reports=[5.0 if row[3] else float("nan") for row in chosen],
        )
        found = decide(POLICY, batch, scores(*[row[:2] for row in chosen]), HARMS)
        columns = (found.outcome, found.rule, found.queue, found.action, found.value, found.minutes, found.class_)
        return [tuple(float(column[row]) for column in columns) for row in range(len(chosen))]

    assert decided(rows) == [decided([row])[0] for row in rows]
