"""What a second opinion does to a batch: the decision names it, and without one nothing is different."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.books import Books
from sluicegate.agents.encoding import Topics
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.opinion import read_opinion
from sluicegate.agents.outcome import Outcome
from sluicegate.agents.pipeline import Pipeline
from sluicegate.agents.settings import load_settings
from sluicegate.models import Scorer, Served, Signals
from sluicegate.models.opinion.consulted import Consulted, Opinion
from sluicegate.models.opinion.errors import OpinionError
from sluicegate.policy import default_policy_path, load_policy
from tests.unit.agents.batches import NOW, Record


class AnyDoubt:
    """Takes every text with a question mark for spam, and has no time for those that say "later"."""

    name, version, digest = "any doubt", "7", "sha256:" + "0" * 64

    def __init__(self, first: Scorer) -> None:
        self.first_digest = first.digest
        self._column = first.harms.index("spam")
        self.asked: list[str] = []

    def consult(self, texts: Sequence[str], scores: NDArray[np.float64]) -> Consulted:
        self.asked += texts
        changed = np.array(["?" in text for text in texts], dtype=np.bool_)
        found = scores.copy()
        found[changed, self._column] = 0.97123456789
        return Consulted(found, changed, sum("later" in text for text in texts), 0, 0)


class NothingFound:
    """A model that finds no harm in anything."""

    name, version, digest = "nothing", "1", "sha256:" + "1" * 64
    signals: tuple[str, ...] = ()
    served: Served = "weights"
    harms = tuple(load_policy(default_policy_path()).harms)

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        return np.full((len(texts), len(self.harms)), 0.001)

    def why(self, text: str, harm: str, limit: int = 3) -> tuple[()]:
        return ()


@pytest.fixture
def scorer() -> Scorer:
    return NothingFound()


def outcome_of(scorer: Scorer, opinion: Opinion | None, *texts: str | None) -> Outcome:
    """Decide created contents, or, where there is no text, a deleted one."""
    topics = Topics("decisions", "dead letters", "review.", 2**20, 2**20)
    records = []
    for number, text in enumerate(texts):
        data: dict[str, Any] = {"content_id": "c", "actor_id": "a", "surface": "comment"}
        data |= {} if text is None else {"text": text}
        kind = "content.deleted" if text is None else "content.created"
        event = {"specversion": "1.0", "id": f"e-{number}", "source": "/tests", "type": kind, "data": data}
        records.append(Record(msgspec.json.encode(event)))
    pipeline = Pipeline(scorer, load_policy(default_policy_path()), topics, opinion)
    return pipeline.process(RecordBatch("events", 0, records), NOW)


def decisions_of(outcome: Outcome) -> list[dict[str, Any]]:
    """Give the data of the decisions, in the order of the events."""
    written = [output.value or b"" for output in outcome.outputs if output.topic == "decisions"]
    return [msgspec.json.decode(value)["data"] for value in written]


def test_a_decision_names_the_opinion_that_changed_its_scores(scorer: Scorer) -> None:
    opinion = AnyDoubt(scorer)
    asked, plain = decisions_of(outcome_of(scorer, opinion, "Is the pool open?", "The pool is open."))
    assert asked["opinion"] == {"name": "any doubt", "version": "7", "digest": opinion.digest}
    assert asked["scores"]["spam"] == 0.971235
    assert asked["outcome"] == "review"
    assert "opinion" not in plain


def test_without_an_opinion_nothing_is_different(scorer: Scorer) -> None:
    texts = ("Is the pool open?", "later", None)
    with_none, with_silent = outcome_of(scorer, None, *texts), outcome_of(scorer, AnyDoubt(scorer), "later", None)
    assert all("opinion" not in decision for decision in decisions_of(with_none))
    assert decisions_of(with_none)[1]["scores"] == decisions_of(with_silent)[0]["scores"]
    assert not with_none.counts.opinions
    assert set(with_silent.stage_seconds) - set(with_none.stage_seconds) == {"opinion"}


def test_deleted_content_is_not_asked_about(scorer: Scorer) -> None:
    opinion = AnyDoubt(scorer)
    decisions = decisions_of(outcome_of(scorer, opinion, None, "Is it?"))
    assert opinion.asked == ["Is it?"]
    assert ["opinion" in decision for decision in decisions] == [False, True]


def test_an_opinion_of_another_model_is_silent(scorer: Scorer) -> None:
    opinion = AnyDoubt(scorer)
    opinion.first_digest = "sha256:other"
    outcome = outcome_of(scorer, opinion, "Is it?", None)
    assert opinion.asked == []
    assert outcome.counts.opinions == {"other_model": 1}


def test_what_became_of_the_doubtful_texts_is_counted(scorer: Scorer) -> None:
    metrics = Metrics()
    outcome = outcome_of(scorer, AnyDoubt(scorer), "Is it?", "Was it?", "later")
    Books(metrics).finished(outcome, 0.0, NOW.timestamp())
    exposition = metrics.exposition().decode()
    assert 'sluicegate_opinions_total{result="given"} 2.0' in exposition
    assert 'sluicegate_opinions_total{result="over_budget"} 1.0' in exposition
    assert 'sluicegate_stage_duration_seconds_count{stage="opinion"} 1.0' in exposition


def test_there_is_no_opinion_unless_one_is_set(scorer: Scorer) -> None:
    assert read_opinion(load_settings(), scorer) is None


def test_a_setting_that_leads_to_no_opinion_is_refused(scorer: Scorer, tmp_path: Path) -> None:
    with pytest.raises(OpinionError, match=r"no readable manifest\.json"):
        read_opinion(load_settings(opinion_bundle=tmp_path), scorer)
