"""What is left out under pressure is counted, and the decision says so; old readers take such decisions."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from jsonschema import Draft202012Validator
from numpy.typing import NDArray

from sluicegate.agents.books import Books
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.outcome import Outcome
from sluicegate.agents.pipeline import Pipeline
from sluicegate.agents.shadow import Shadow
from sluicegate.models.opinion.consulted import Consulted, WhySkipped
from sluicegate.policy import default_policy_path, load_policy
from sluicegate.schemas import Decision
from sluicegate.schemas.json_schema import json_schemas
from tests.unit.agents.batches import NOW, POLICY, TOPICS, Steady, batch_of, decisions_of

V1 = Path(__file__).parents[2] / "contract" / "v1" / "schemas"
IDS = [f"c-{number}" for number in range(4)]


class Hurried:
    """Has no time for the first text, is not let to the second, and has nothing to say of the others."""

    name, version, digest = "hurried", "1", "sha256:" + "0" * 64
    first_digest = "sha256:1"

    def consult(self, texts: Sequence[str], scores: NDArray[np.float64]) -> Consulted:
        skipped: dict[int, WhySkipped] = {0: "over_budget", 1: "pressure"}
        return Consulted(scores, np.zeros(len(texts), dtype=np.bool_), 1, 0, 0, 1, skipped)


def outcome_of(*, pressed: bool) -> Outcome:
    shadow = Shadow(Steady("2", 0.97), POLICY, 1.0, lambda: pressed)
    return Pipeline(Steady("1", 0.001), POLICY, TOPICS, Hurried(), shadow).process(batch_of(*IDS), NOW)


def test_a_decision_says_which_stages_were_left_out_and_why() -> None:
    decisions = decisions_of(outcome_of(pressed=True))
    assert [decision["skipped"] for decision in decisions] == [
        {"opinion": "over_budget", "shadow": "pressure"},
        {"opinion": "pressure", "shadow": "pressure"},
        {"shadow": "pressure"},
        {"shadow": "pressure"},
    ]
    assert all("shadow" not in decision for decision in decisions)


def test_a_decision_of_which_nothing_was_left_out_says_nothing_of_it() -> None:
    decisions = decisions_of(outcome_of(pressed=False))
    assert ["skipped" in decision for decision in decisions] == [True, True, False, False]
    assert all("shadow" in decision for decision in decisions)


def test_what_was_left_out_is_counted_by_reason() -> None:
    outcome, metrics = outcome_of(pressed=True), Metrics()
    assert outcome.counts.opinions == Counter(over_budget=1, pressure=1)
    Books(metrics).finished(outcome, 0.0, NOW.timestamp())
    exposition = metrics.exposition().decode()
    assert 'sluicegate_opinions_total{result="pressure"} 1.0' in exposition
    assert 'sluicegate_shadow_events_total{result="pressure"} 4.0' in exposition


def test_readers_of_the_first_version_take_such_decisions() -> None:
    frozen: dict[str, Any] = json.loads((V1 / "decision.json").read_text(encoding="utf-8"))
    for output in outcome_of(pressed=True).outputs:
        for schema in (json_schemas()["decision"], frozen):
            Draft202012Validator(schema).validate(json.loads(output.value or b""))
        assert msgspec.json.decode(output.value or b"", type=Decision).data.skipped is not None


def test_the_severe_harms_are_those_the_policy_weighs_most() -> None:
    policy = load_policy(default_policy_path())
    assert policy.severe_harms == ("violence", "self_harm")
    milder = replace(policy, harms={name: policy.harms[name] for name in ("spam", "scam", "hate")})
    assert milder.severe_harms == ("scam", "hate")
