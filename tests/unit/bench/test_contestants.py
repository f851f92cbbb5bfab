"""Contestants do the same work on the same events, in orders that the seed decides."""

import json
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from sluicegate.agents.settings import load_settings
from sluicegate.bench.contestants.entrants import ENTRANTS, MAIN, WORKLOADS, command_of, entrant, entrants_of
from sluicegate.bench.contestants.peer import Peer
from sluicegate.bench.contestants.plain_loop import score_all
from sluicegate.bench.contestants.silent_worker import PROBABILITY, ConstantScorer
from sluicegate.bench.events import make_events, texts_of
from sluicegate.bench.measuring import shuffled_rounds
from sluicegate.models import default_bundle_path, load_bundle
from sluicegate.models.bundle import unpickled

_HARMS = ("spam", "hate")
_NAMES = [each.name for each in ENTRANTS]


class _Lengths:
    """Gives the length of a text as the odds of every harm."""

    def predict_proba(self, texts: list[str]) -> NDArray[np.float64]:
        return np.array([[len(text) / 1000, 0.25] for text in texts])


def _decided(peer: Peer, values: list[bytes]) -> list[dict[str, Any]]:
    return [json.loads(decision)["data"] for decision in peer.decide(values)]


def test_every_contestant_runs_once_in_each_round() -> None:
    rounds = shuffled_rounds(_NAMES, seed=3, repeats=4)

    assert [sorted(contestants) for contestants in rounds] == [sorted(_NAMES)] * 4


def test_the_same_seed_gives_the_same_order_and_another_one_another() -> None:
    assert shuffled_rounds(_NAMES, 1, 3) == shuffled_rounds(_NAMES, 1, 3)
    assert shuffled_rounds(_NAMES, 1, 3) != shuffled_rounds(_NAMES, 2, 3)


def test_a_quick_run_has_the_main_contestants_of_each_workload() -> None:
    assert set(entrants_of("default", quick=True)) == set(MAIN)
    assert set(entrants_of("none", quick=True)) == set(MAIN) - {"scorer"}
    assert {name for workload in WORKLOADS for name in entrants_of(workload, quick=False)} == set(_NAMES)


def test_peers_are_told_the_workload_and_sluicegate_without_a_model_is_its_silent_worker() -> None:
    assert command_of(entrant("confluent"), "words")[1:] == ("model",)
    assert command_of(entrant("confluent-flush"), "none")[1:] == ("none", "each")
    assert command_of(entrant("sluicegate"), "words") == ("sluicegate", "worker")
    assert command_of(entrant("sluicegate"), "none") == ("sluicegate.bench.contestants.silent_worker",)


def test_the_same_seed_gives_the_same_events() -> None:
    assert make_events(50, 1) == make_events(50, 1)
    assert make_events(50, 1) != make_events(50, 2)


def test_fewer_events_are_the_beginning_of_more() -> None:
    assert make_events(200, 1)[:50] == make_events(50, 1)


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


def test_a_peer_decides_each_event_with_its_own_scores_and_deleted_content_without() -> None:
    events = make_events(500, 1)
    contents = [json.loads(event.value) for event in events]

    decisions = _decided(Peer(load_settings(), _Lengths(), _HARMS), [event.value for event in events])

    for content, decision in zip(contents, decisions, strict=True):
        text = content["data"].get("text")
        assert decision["event"] == {"source": content["source"], "id": content["id"]}
        assert decision["actor_id"] == content["data"]["actor_id"]
        assert decision["scores"] == ({} if text is None else {"spam": len(text) / 1000, "hate": 0.25})


def test_a_peer_asks_for_a_review_from_its_threshold_on() -> None:
    event = json.loads(make_events(1, 1)[0].value)
    texts = ["a" * 499, "a" * 500]
    values = [msgspec.json.encode({**event, "data": {**event["data"], "text": text}}) for text in texts]

    decisions = _decided(Peer(load_settings(), _Lengths(), _HARMS), values)

    assert [decision["outcome"] for decision in decisions] == ["allow", "review"]


def test_a_peer_without_a_model_gives_the_probabilities_of_the_silent_worker() -> None:
    values = [event.value for event in make_events(20, 1)]

    decisions = _decided(Peer(load_settings(), None, _HARMS), values)

    assert {score for decision in decisions for score in decision["scores"].values()} == {PROBABILITY}


def test_the_pipeline_of_the_peers_gives_what_sluicegate_serves() -> None:
    bundle = load_bundle(default_bundle_path())
    events = make_events(200, 1)
    texts = texts_of(events)

    decisions = _decided(
        Peer(load_settings(), unpickled(bundle), bundle.manifest.harms), [each.value for each in events]
    )

    given = [[each["scores"][harm] for harm in bundle.manifest.harms] for each in decisions if each["scores"]]
    assert np.array(given) == pytest.approx(bundle.scorer().score(texts), abs=1e-6)
