"""What decisions say of the models that made them: agreement, flips, load, differences, and rates by model."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.models.comparison import Comparison, Tally, encode_comparison
from sluicegate.schemas import (
    Decision,
    DecisionData,
    EventReference,
    Priority,
    Provenance,
    ShadowDecision,
    decision_id,
)

ONE, TWO, THREE = (Provenance("made", str(n), f"sha256:{n}") for n in (1, 2, 3))
POLICY = Provenance("policy", "1", "sha256:p")
RANK = Priority(1.0, 2.5, 0.0, 1)


def decision(
    number: int,
    model: Provenance = ONE,
    outcome: str = "allow",
    spam: float = 0.1,
    shadow: ShadowDecision | None = None,
    scores: dict[str, float] | None = None,
) -> bytes:
    reviewed = outcome == "review"
    data = DecisionData(
        event=EventReference("/tests", str(number), "2026-11-24T12:00:00Z"),
        content_id=f"c-{number}",
        actor_id="a",
        surface="comment",
        scores={"spam": spam} if scores is None else scores,
        outcome=outcome,
        rule="default",
        watch=False,
        text_truncated=False,
        model=model,
        policy=POLICY,
        action="remove" if outcome == "act" else None,
        queue="general" if reviewed else None,
        priority=RANK if reviewed else None,
        shadow=shadow,
    )
    time = f"2026-11-24T12:00:{number % 60:02}.000Z"
    return msgspec.json.encode(Decision(decision_id("/tests", str(number)), time, data))


def shadow(outcome: str, spam: float, queue: str = "general", model: Provenance = TWO) -> ShadowDecision:
    reviewed = outcome == "review"
    return ShadowDecision(
        model=model,
        scores={"spam": spam, "new": 0.5},
        outcome=outcome,
        rule="default",
        action="remove" if outcome == "act" else None,
        queue=queue if reviewed else None,
        priority=RANK if reviewed else None,
    )


def comparison_of(decisions: Sequence[bytes]) -> Comparison:
    tally = Tally()
    for each in decisions:
        tally.add(each)
    return tally.comparison()


def test_a_shadow_is_compared_event_by_event() -> None:
    found = comparison_of(
        [
            decision(1, spam=0.1, shadow=shadow("allow", 0.2)),
            decision(2, outcome="review", spam=0.5, shadow=shadow("review", 0.4)),
            decision(3, outcome="review", spam=0.5, shadow=shadow("review", 0.5, queue="urgent")),
            decision(4, outcome="review", spam=0.6, shadow=shadow("allow", 0.1)),
            decision(5, spam=0.1, shadow=shadow("act", 0.9)),
            decision(6),
        ]
    )
    (compared,) = found.shadows
    assert (compared.model, compared.shadow, compared.events) == (ONE, TWO, 5)
    assert compared.agreement.value == 0.4
    assert compared.outcomes["review"] == {"allow": 1, "review": 2, "act": 0}
    assert compared.outcomes["allow"] == {"allow": 1, "review": 0, "act": 1}
    general, urgent = compared.queues["general"], compared.queues["urgent"]
    assert (general.tasks, general.minutes, general.shadow_tasks, general.shadow_minutes) == (3, 7.5, 1, 2.5)
    assert (urgent.tasks, urgent.shadow_tasks, urgent.shadow_minutes) == (0, 1, 2.5)
    # Of a harm that only one of them has there is no difference.
    assert set(compared.scores) == {"spam"}
    spam = compared.scores["spam"]
    assert spam.events == 5
    assert spam.mean == pytest.approx((0.1 - 0.1 + 0.0 - 0.5 + 0.8) / 5, abs=1e-6)
    assert spam.quantiles["0.5"] == pytest.approx(0.0, abs=1e-6)


def test_models_that_share_the_stream_have_rates_with_intervals_and_a_difference() -> None:
    first = [decision(number, outcome="review" if number < 20 else "allow") for number in range(200)]
    second = [decision(number, TWO, "review" if number < 330 else "allow", spam=0.3) for number in range(300, 400)]
    found = comparison_of([*second, *first])
    assert [(rates.model, rates.events) for rates in found.models] == [(ONE, 200), (TWO, 100)]
    review = found.models[1].outcomes["review"]
    assert review.low < review.value == 0.3 < review.high
    assert found.models[1].queues["general"].minutes_per_thousand == 750
    assert found.models[1].mean_scores == {"spam": 0.3}
    (compared,) = found.differences
    assert (compared.model, compared.other) == (TWO, ONE)
    assert compared.outcomes["review"].value == pytest.approx(0.2)
    assert compared.outcomes["review"].low > 0
    assert not found.shadows


def test_what_is_repeated_deleted_or_no_decision_is_counted_and_left_out() -> None:
    found = comparison_of(
        [
            decision(1, outcome="review"),
            decision(1, outcome="allow"),
            decision(2, scores={}),
            b'{"line": 3, "error": {"reason": "json.invalid", "message": "..."}}',
            b"\xff",
            b"[" * 100_000,
        ]
    )
    assert (found.decisions, found.duplicates, found.deleted, found.unread) == (1, 1, 1, 3)
    assert found.models[0].outcomes["review"].value == 1


@given(st.permutations(range(12)))
def test_the_order_of_decisions_changes_nothing(order: list[int]) -> None:
    made = [
        decision(
            number,
            (ONE, TWO)[number % 2],
            ("allow", "review", "act")[number % 3],
            spam=number / 20,
            shadow=shadow(("review", "allow")[number % 2], number / 30, model=THREE),
        )
        for number in range(12)
    ]
    assert comparison_of([made[number] for number in order]) == comparison_of(made)


def test_nothing_to_compare_is_no_error() -> None:
    found = comparison_of([])
    assert found.decisions == 0
    assert msgspec.json.decode(encode_comparison(found))["models"] == []
