"""A shadow is asked about its share, changes nothing, and costs no event whatever it does."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from numpy.typing import NDArray

from sluicegate.agents.books import Books
from sluicegate.agents.encoding import Topics
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.outcome import Outcome
from sluicegate.agents.pipeline import Pipeline
from sluicegate.agents.shadow import Shadow
from sluicegate.models import Signals
from sluicegate.policy import PolicyError
from sluicegate.schemas.json_schema import json_schemas
from sluicegate.schemas.sampling import SHADOW, place_of
from tests.unit.agents.batches import NOW, POLICY, TOPICS, Failing, Steady, batch_of, decisions_of

V1 = Path(__file__).parents[2] / "contract" / "v1" / "schemas"
IDS = [f"c-{number}" for number in range(40)]


def outcome_of(
    shadow: Steady, share: float = 1.0, ids: Sequence[str | None] = IDS, topics: Topics = TOPICS, deleted: bool = False
) -> Outcome:
    pipeline = Pipeline(Steady("1", 0.001), POLICY, topics, shadow=Shadow(shadow, POLICY, share))
    return pipeline.process(batch_of(*ids, deleted=deleted), NOW)


def test_a_decision_says_what_the_shadow_would_have_had_decided() -> None:
    outcome = outcome_of(Steady("2", 0.97))
    for decision in decisions_of(outcome):
        shadow = decision["shadow"]
        assert decision["outcome"] == "allow"
        assert shadow["model"] == {"name": "steady", "version": "2", "digest": "sha256:2"}
        assert set(shadow["scores"].values()) == {0.97}
        assert shadow["outcome"] != "allow"
        assert shadow["rule"] != decision["rule"]
        assert ("queue" in shadow) == ("priority" in shadow) == (shadow["outcome"] == "review")
    # Nothing acts on it: there are no tasks.
    assert {output.topic for output in outcome.outputs} == {"decisions"}


def test_a_decision_with_a_shadow_is_valid_by_its_schema_and_for_readers_of_the_first_version() -> None:
    outcome = outcome_of(Steady("2", 0.97))
    frozen = json.loads((V1 / "decision.json").read_text(encoding="utf-8"))
    for output in outcome.outputs:
        for schema in (json_schemas()["decision"], frozen):
            Draft202012Validator(schema).validate(json.loads(output.value or b""))


@given(st.floats(0.01, 1.0))
def test_the_share_is_that_of_the_contents_places(share: float) -> None:
    model = Steady("2", 0.5)
    decisions = decisions_of(outcome_of(model, share))
    inside = [content_id for content_id in IDS if place_of(SHADOW, content_id) < share]
    assert [decision["content_id"] for decision in decisions if "shadow" in decision] == inside
    assert model.asked == inside


def test_without_its_own_member_a_decision_is_what_it_is_without_a_shadow() -> None:
    alone = Pipeline(Steady("1", 0.001), POLICY, TOPICS).process(batch_of(*IDS), NOW)
    for one, other in zip(decisions_of(alone), decisions_of(outcome_of(Steady("2", 0.97))), strict=True):
        del other["shadow"]
        assert one == other


def test_a_shadow_that_fails_costs_no_event_and_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    outcome = outcome_of(Failing("2", 0.5), ids=[*IDS, None])
    assert len(decisions_of(outcome)) == len(IDS)
    assert not any("shadow" in decision for decision in decisions_of(outcome))
    assert outcome.counts.shadowed == {"failed": len(IDS)}
    assert outcome.counts.decided.total() == len(IDS)
    assert [record.message for record in caplog.records] == ["shadow sha256:2 fails with RuntimeError; it is left out"]


class SometimesNothing(Steady):
    """A model that gives some texts no number."""

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        scores = super().score(texts, signals)
        scores[[text.endswith("7") for text in texts]] = np.nan
        return scores


def test_a_text_that_the_shadow_cannot_score_costs_the_others_nothing() -> None:
    outcome = outcome_of(SometimesNothing("2", 0.5))
    missing = [decision["content_id"] for decision in decisions_of(outcome) if "shadow" not in decision]
    assert missing == ["c-7", "c-17", "c-27", "c-37"]
    assert outcome.counts.shadowed == {"scored": 36, "failed": 4}


def test_what_a_shadow_adds_never_makes_a_decision_too_large() -> None:
    alone = Pipeline(Steady("1", 0.001), POLICY, TOPICS).process(batch_of("c"), NOW)
    size = max(len(output.value or b"") for output in alone.outputs) + 200
    narrow = Topics("decisions", "dead letters", "review.", size, 2**20)
    outcome = outcome_of(Steady("2", 0.97), ids=["c"], topics=narrow)
    assert len(decisions_of(outcome)) == 1
    assert "shadow" not in decisions_of(outcome)[0]
    assert +outcome.counts.shadowed == {"failed": 1}
    assert not outcome.counts.shadow_outcomes
    assert not outcome.shadow_differences


def test_deleted_content_is_not_asked_about() -> None:
    model = Steady("2", 0.5)
    outcome_of(model, deleted=True)
    assert model.asked == []


def test_flips_and_differences_are_counted_in_the_metrics() -> None:
    metrics = Metrics()
    harms = (*tuple(POLICY.harms)[::-1], "another")
    outcome = outcome_of(Steady("2", 0.97, harms), ids=["a", "b", "c"])
    Books(metrics).finished(outcome, 0.0, NOW.timestamp())
    text = metrics.exposition().decode()
    assert 'sluicegate_shadow_events_total{result="scored"} 3.0' in text
    flipped = decisions_of(outcome)[0]["shadow"]["outcome"]
    assert f'sluicegate_shadow_outcomes_total{{outcome="allow",shadow="{flipped}"}} 3.0' in text
    assert 'sluicegate_shadow_score_difference_bucket{harm="spam",le="0.5"} 0.0' in text
    assert 'sluicegate_shadow_score_difference_bucket{harm="spam",le="1.0"} 3.0' in text
    # Of a harm that the first model lacks there is no difference.
    assert 'harm="another"' not in text


def test_a_model_that_lacks_a_harm_of_the_policy_is_no_shadow() -> None:
    with pytest.raises(PolicyError):
        Shadow(Steady("2", 0.5, ("spam",)), POLICY, 1.0)
