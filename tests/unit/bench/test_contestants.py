"""Contestants do the same work on the same events, in orders that the seed decides."""

import json
from datetime import UTC, datetime

import msgspec
import numpy as np

from sluicegate.bench.contestants.plain_loop import score_all
from sluicegate.bench.contestants.silent_worker import PROBABILITY, ConstantScorer
from sluicegate.bench.contestants.stock_faust import decision_of
from sluicegate.bench.events import make_events, texts_of
from sluicegate.bench.measuring import CONTESTANTS, shuffled_rounds
from sluicegate.schemas import Decision

_HARMS = ("spam", "hate")
_POLICY = {"name": "default", "version": "1", "digest": "sha256:0"}


def test_every_contestant_runs_once_in_each_round() -> None:
    rounds = shuffled_rounds(seed=3, repeats=4)

    assert [sorted(contestants) for contestants in rounds] == [sorted(CONTESTANTS)] * 4


def test_the_same_seed_gives_the_same_order_and_another_one_another() -> None:
    assert shuffled_rounds(1, 3) == shuffled_rounds(1, 3)
    assert shuffled_rounds(1, 3) != shuffled_rounds(2, 3)


def test_the_same_seed_gives_the_same_events() -> None:
    assert make_events(50, 1) == make_events(50, 1)
    assert make_events(50, 1) != make_events(50, 2)


def test_deleted_content_has_no_text_to_score() -> None:
    events = make_events(500, 1)
    deleted = sum(json.loads(event.value)["type"] == "content.deleted" for event in events)

    assert deleted
    assert len(texts_of(events)) == len(events) - deleted


def test_the_constant_scorer_gives_each_text_a_row() -> None:
    scores = ConstantScorer(_HARMS).score(["a", "", "c"])

    assert scores.shape == (3, 2)
    assert np.all(scores == PROBABILITY)


def test_the_plain_loop_scores_every_text_once_though_the_last_batch_is_short() -> None:
    assert score_all(ConstantScorer(_HARMS), ["a"] * 7, batch=3) == 7


def test_stock_faust_writes_decisions_that_readers_of_sluicegate_understand() -> None:
    event = json.loads(make_events(1, 1)[0].value)

    decision = msgspec.convert(decision_of(event, _HARMS, _POLICY, datetime(2026, 1, 1, tzinfo=UTC)), Decision)

    assert decision.data.event.id == event["id"]
    assert decision.data.scores == dict.fromkeys(_HARMS, PROBABILITY)
    assert decision.data.outcome == "allow"
