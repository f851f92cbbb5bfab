"""Two models share the contents of every batch, each decision says which, and the order of records is kept."""

from hypothesis import given
from hypothesis import strategies as st

from sluicegate.agents.books import Books
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.pipeline import Pipeline
from sluicegate.agents.split import SplitPipeline
from sluicegate.schemas.sampling import SPLIT, place_of
from tests.unit.agents.batches import NOW, POLICY, TOPICS, Failing, Steady, batch_of, decisions_of


def split(share: float, first: Steady | None = None, second: Steady | None = None) -> SplitPipeline:
    one, other = first or Steady("1", 0.001), second or Steady("2", 0.97)
    return SplitPipeline(Pipeline(one, POLICY, TOPICS), Pipeline(other, POLICY, TOPICS), share)


@given(st.lists(st.one_of(st.none(), st.integers(0, 99).map("c-{}".format)), max_size=30), st.floats(0.01, 1.0))
def test_every_record_ends_once_in_its_order_and_by_the_model_of_its_content(
    ids: list[str | None], share: float
) -> None:
    outcome = split(share).process(batch_of(*ids), NOW)
    ends = [output for output in outcome.outputs if output.topic in {"decisions", "dead letters"}]
    assert [output.topic == "dead letters" for output in ends] == [content_id is None for content_id in ids]
    decided = decisions_of(outcome)
    assert [decision["content_id"] for decision in decided] == [content_id for content_id in ids if content_id]
    for decision in decided:
        second = place_of(SPLIT, decision["content_id"]) < share
        assert decision["model"]["version"] == ("2" if second else "1")
        assert (decision["outcome"] == "allow") is not second
    counts = outcome.counts
    assert counts.consumed == len(ids) == counts.decided.total() + counts.dead_lettered.total()
    assert counts.models.total() == counts.decided.total()
    assert len(outcome.timestamps) == counts.decided.total()


def test_models_with_their_harms_in_another_order_are_each_read_by_their_own() -> None:
    metrics = Metrics()
    harms = tuple(POLICY.harms)
    other = Steady("2", 0.002, (*harms[::-1], "another"))
    outcome = split(0.5, second=other).process(batch_of(*(f"c-{number}" for number in range(20))), NOW)
    for decision in decisions_of(outcome):
        assert list(decision["scores"]) == list(harms if decision["model"]["version"] == "1" else other.harms)
    Books(metrics).finished(outcome, 0.0, NOW.timestamp())
    text = metrics.exposition().decode()
    second = outcome.counts.models["sha256:2", "allow"]
    assert 0 < second < 20
    assert f'sluicegate_model_events_decided_total{{digest="sha256:1",outcome="allow"}} {20.0 - second}' in text
    assert f'sluicegate_model_events_decided_total{{digest="sha256:2",outcome="allow"}} {float(second)}' in text
    assert f'sluicegate_score_count{{harm="another"}} {float(second)}' in text
    assert 'sluicegate_score_count{harm="spam"} 20.0' in text


class CannotScore(Failing):
    """A model that takes no text."""

    def score(self, texts: object, signals: object = None) -> None:  # type: ignore[override]
        raise ValueError("no text is good enough")


def test_events_that_one_model_cannot_score_are_dead_letters_and_those_of_the_other_are_decided() -> None:
    ids = [f"c-{number}" for number in range(20)]
    outcome = split(0.5, second=CannotScore("2", 0.5)).process(batch_of(*ids), NOW)
    assert [decision["content_id"] for decision in decisions_of(outcome)] == [
        content_id for content_id in ids if place_of(SPLIT, content_id) >= 0.5
    ]
    assert outcome.counts.dead_lettered["score.failed"] == 20 - len(decisions_of(outcome))
