"""What a replay counts: changes from what to what, shifts of scores, and nothing of people."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pytest

from sluicegate.models.comparison import ReplayTally, Verdict, encode_replay_report, read_verdict
from sluicegate.schemas import Decision, DecisionData, EventReference, Priority, Provenance

MODEL, OTHER = Provenance("made", "1", "sha256:1"), Provenance("made", "2", "sha256:2")
RULES = Provenance("rules", "1", "sha256:3")


@dataclass
class Told:
    """A decision, as little of it as differs."""

    number: int = 0
    outcome: str = "allow"
    rule: str = "default"
    queue: str | None = None
    class_: int = 0
    spam: float = 0.1
    model: Provenance = MODEL

    def verdict(self) -> Verdict:
        decision = Decision(
            id=f"d-{self.number}",
            time="2026-11-22T07:00:00.000Z",
            data=DecisionData(
                event=EventReference("/tests", "e-secret", "2026-11-22T07:00:00.000Z"),
                content_id="c-secret",
                actor_id="a-secret",
                surface="comment",
                scores={"spam": self.spam, "hate": 0.2},
                outcome=self.outcome,
                rule=self.rule,
                watch=False,
                text_truncated=False,
                model=self.model,
                policy=RULES,
                queue=self.queue,
                priority=None if self.queue is None else Priority(1.0, 2.0, 0.0, self.class_),
            ),
        )
        found = read_verdict(msgspec.json.encode(decision))
        assert found is not None
        return found


def compared(*pairs: tuple[Told, Told], **options: Any) -> dict[str, Any]:
    tally = ReplayTally(**options)
    for offset, (live, now) in enumerate(pairs):
        tally.compare(live.verdict(), now.verdict(), 3, offset)
    found: dict[str, Any] = msgspec.json.decode(encode_replay_report(tally.report()))
    return found


def test_a_change_of_queue_or_class_is_none_of_the_outcome() -> None:
    before = Told(outcome="review", rule="spam", queue="fraud", class_=2)
    found = compared(
        (before, Told(outcome="review", rule="spam", queue="general", class_=2)),
        (before, Told(outcome="review", rule="spam", queue="fraud", class_=0)),
        (before, Told()),
        (before, before),
    )
    assert found["outcomes"]["review"] == {"allow": 1, "review": 3, "act": 0, "dead letter": 0}
    assert found["queues"] == {"fraud": {"general": 1, "none": 1}}
    assert found["classes"] == {"2": {"0": 1, "none": 1}}
    assert found["rules"] == {"spam": {"default": 1}}
    assert (found["compared"], found["same"]) == (4, 1)
    assert [(each["live"], each["replayed"], each["partition"], each["offset"]) for each in found["examples"]] == [
        ("review fraud", "allow", 3, 2),
        ("review fraud", "review general", 3, 0),
    ]


def test_examples_of_a_change_are_few_and_say_nothing_of_people() -> None:
    found = compared(*((Told(number, "act", "rule"), Told(number)) for number in range(50)), examples=2)
    assert len(found["examples"]) == 2
    assert "secret" not in str(found)


def test_shifts_of_scores_are_exact_in_the_mean_and_to_a_thousandth_in_quantiles() -> None:
    random = np.random.default_rng(1)
    shifts = random.normal(0.1, 0.05, 6_000).clip(-0.4, 0.4).tolist()
    found = compared(*((Told(spam=0.5), Told(spam=0.5 + shift)) for shift in shifts))["scores"]
    assert found["spam"]["events"] == 6_000
    assert found["spam"]["mean"] == pytest.approx(np.mean(shifts), abs=1e-6)
    assert found["spam"]["mean_absolute"] == pytest.approx(np.mean(np.abs(shifts)), abs=1e-6)
    for share, value in found["spam"]["quantiles"].items():
        assert value == pytest.approx(np.quantile(shifts, float(share)), abs=1.5e-3)
    assert set(found["hate"]["quantiles"].values()) == {0.0}


def test_harms_that_only_one_model_scores_are_left_out_of_the_shifts() -> None:
    tally = ReplayTally()
    live = Told().verdict()._replace(harms=("hate", "scam"), scores=(0.1, 0.9))
    tally.compare(live, Told(model=OTHER).verdict(), 0, 0)
    report = tally.report()
    assert set(report.scores) == {"hate"}
    assert report.scores["hate"].mean == pytest.approx(0.1)
    assert [served.model for served in (*report.live, *report.replayed)] == [MODEL, OTHER]


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b'{"id": "x"}', b"[" * 2_000])
def test_what_is_no_decision_has_no_verdict(raw: bytes) -> None:
    assert read_verdict(raw) is None
