"""What the demo counts, and when it says that the books balance."""

from dataclasses import replace

import msgspec
import pytest

from sluicegate.cli.demo.ledger import Figures, Ledger, quantile
from sluicegate.cli.demo.plain import status_line, summary
from sluicegate.cli.demo.scrape import parse_figures
from sluicegate.schemas import (
    Decision,
    DecisionData,
    EventReference,
    HarmProbability,
    Priority,
    Provenance,
    Refusal,
    ReviewTask,
    ReviewTaskData,
    error_headers,
)

MODEL = Provenance("default", "1", "sha256:00")


def decision(number: int, outcome: str = "allow") -> bytes:
    event = EventReference("/apps/feed", f"e-{number}", "2026-11-22T07:00:00Z")
    data = DecisionData(event, "c", "a", "post", {"spam": 0.1}, outcome, "default", False, False, MODEL, MODEL)
    return msgspec.json.encode(Decision(f"d-{number}", "2026-11-22T07:00:00Z", data))


def task(text: str = "buy now") -> bytes:
    data = ReviewTaskData(
        event=EventReference("/apps/feed", "e-2", "2026-11-22T07:00:00Z"),
        content_id="c",
        actor_id="a",
        surface="post",
        text=text,
        text_truncated=False,
        harms=(HarmProbability("spam", 0.9),),
        why=(),
        queue="fraud",
        priority=Priority(10.0, 0.5, 0.0, 1),
        enqueued_at="2026-11-22T07:00:00Z",
        due_at="2026-11-22T08:00:00Z",
        content_warning="",
        rule="spam",
        model=MODEL,
        policy=MODEL,
    )
    return msgspec.json.encode(ReviewTask("d-2", "2026-11-22T07:00:00Z", data))


@pytest.fixture
def ledger() -> Ledger:
    """Three records: one allowed, one for review, one dead letter; the books balance."""
    ledger = Ledger()
    for event_id in ("e-1", "e-2", None):
        ledger.produce(event_id, now=1.0)
    ledger.take_decision(decision(1), now=1.02)
    ledger.take_decision(decision(2, "review"), now=1.05)
    ledger.take_review(task(), now=1.06)
    ledger.take_dead_letter(error_headers(Refusal("json.invalid"), "content.events", 0, 7, 1))
    ledger.figures = Figures(consumed=3, decided=2, dead_lettered=1, tasks=1)
    return ledger


def test_books_balance_when_topics_and_metrics_agree(ledger: Ledger) -> None:
    assert ledger.faults() == []
    assert ledger.underway == 0
    assert "The books balance" in summary(ledger, 1.0)


@pytest.mark.parametrize(
    "figures",
    [
        {"consumed": 2},
        {"decided": 1},
        {"dead_lettered": 2},
        {"in_flight": 1},
        {"tasks": 0},
    ],
)
def test_metrics_that_disagree_are_told(ledger: Ledger, figures: dict[str, int]) -> None:
    ledger.figures = replace(ledger.figures, **figures)
    assert ledger.faults()
    assert "do not balance" in summary(ledger, 1.0)


def test_a_record_of_which_nothing_came_out_is_told(ledger: Ledger) -> None:
    ledger.produce("e-3", now=2.0)
    assert any("3" in fault and "4" in fault for fault in ledger.faults())


def test_a_missing_task_is_told(ledger: Ledger) -> None:
    ledger.tasks.clear()
    assert any("tasks in the topics" in fault for fault in ledger.faults())


def test_a_decision_that_comes_again_is_counted_once(ledger: Ledger) -> None:
    ledger.take_decision(decision(1), now=3.0)
    assert ledger.faults() == []
    assert ledger.repeated == 1


def test_a_withdrawal_is_no_task(ledger: Ledger) -> None:
    ledger.take_review(b'{"type":"review.task.withdrawn"}', now=3.0)
    assert ledger.tasks.total() == 1
    assert ledger.withdrawals == 1


def test_a_text_that_names_the_task_type_changes_nothing(ledger: Ledger) -> None:
    ledger.take_review(task('"review.task.withdrawn"'), now=3.0)
    assert ledger.tasks["fraud", 1] == 2


def test_latency_is_from_production_to_the_decision(ledger: Ledger) -> None:
    assert ledger.latencies(now=2.0) == [pytest.approx(0.02), pytest.approx(0.05)]
    assert ledger.latencies(now=60.0) == []
    assert "p50 50 ms" in status_line(ledger, 1.0, now=2.0)


def test_quantiles_are_of_the_nearest_rank() -> None:
    values = [float(number) for number in range(100)]
    assert quantile(values, 0.5) == 50.0
    assert quantile(values, 0.99) == 99.0
    assert quantile([], 0.5) is None


def test_figures_are_summed_over_labels() -> None:
    text = (
        "# TYPE sluicegate_events_consumed counter\nsluicegate_events_consumed_total 10.0\n"
        "# TYPE sluicegate_events_decided counter\n"
        'sluicegate_events_decided_total{outcome="allow"} 7.0\nsluicegate_events_decided_total{outcome="review"} 1.0\n'
        "# TYPE sluicegate_lag_records gauge\n"
        'sluicegate_lag_records{partition="0"} 15.0\nsluicegate_lag_records{partition="1"} 5.0\n'
    )
    figures = parse_figures(text)
    assert (figures.consumed, figures.decided, figures.lag_records) == (10, 8, 20)
    assert not figures.balance
