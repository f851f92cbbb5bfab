"""Deciding the lines of a file by the worker's pipeline."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sluicegate.agents.pipeline import Pipeline
from sluicegate.cli.lines import ReadLine, UnreadLine, read_json
from sluicegate.cli.scoring import decide_lines, file_pipeline
from sluicegate.models import Scorer, Served, Signals
from sluicegate.policy import default_policy_path, load_policy
from sluicegate.schemas import decision_id

NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)
HARMS = ("spam", "scam", "hate", "harassment", "violence", "self_harm")


class NamedHarmScorer:
    """Finds the harm whose name the text says; cannot score the text ``boom``."""

    name, version, digest, harms = "named", "1", "sha256:00", HARMS
    signals: tuple[str, ...] = ()
    served: Served = "weights"

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        if any("boom" in text for text in texts):
            raise ValueError("boom")
        return np.array([[0.9 if harm in text else 0.01 for harm in HARMS] for text in texts])

    def why(self, text: str, harm: str, limit: int = 3) -> tuple[()]:
        return ()


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    scorer: Scorer = NamedHarmScorer()
    return file_pipeline(scorer, load_policy(default_policy_path()))


def lines(*texts: str) -> list[ReadLine | UnreadLine]:
    return [read_json(number, text.encode()) for number, text in enumerate(texts, start=1)]


def test_each_line_gives_one_decision_in_the_order_of_the_input(pipeline: Pipeline) -> None:
    texts = ["hello", "violence", "scam", "hello again"] * 400
    given = lines(*(json.dumps({"text": text, "id": f"e{number}"}) for number, text in enumerate(texts)))
    decided = [json.loads(one.value) for one in decide_lines(given, pipeline, NOW)]
    assert [one["data"]["event"]["id"] for one in decided] == [f"e{number}" for number in range(len(texts))]
    assert [one["data"]["outcome"] for one in decided[:4]] == ["allow", "review", "review", "allow"]
    assert decided[1]["data"]["queue"] == "threats"
    assert decided[0]["id"] == decision_id("/sluicegate/publish", "e0")


def test_a_line_that_cannot_be_read_gives_a_line_with_its_number_and_reason(pipeline: Pipeline) -> None:
    decided = list(decide_lines(lines('{"text": "a"}', "oops", '{"text": "b"}'), pipeline, NOW))
    assert [one.is_error for one in decided] == [False, True, False]
    error = json.loads(decided[1].value)
    assert error["line"] == 2
    assert error["error"]["reason"] == "json.invalid"


def test_a_text_that_cannot_be_scored_is_an_error_of_its_line_alone(pipeline: Pipeline) -> None:
    decided = list(decide_lines(lines('{"text": "a"}', '{"text": "boom"}', '{"text": "scam"}'), pipeline, NOW))
    assert [one.is_error for one in decided] == [False, True, False]
    assert json.loads(decided[1].value) == {
        "line": 2,
        "error": {"reason": "score.failed", "message": json.loads(decided[1].value)["error"]["message"]},
    }
    assert json.loads(decided[2].value)["data"]["queue"] == "fraud"


def test_deleted_content_is_decided_by_one_line(pipeline: Pipeline) -> None:
    (decided,) = decide_lines(lines('{"type": "content.deleted", "content_id": "c"}'), pipeline, NOW)
    assert json.loads(decided.value)["data"]["outcome"] == "allow"


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.lists(st.sampled_from(["hello", "boom", "spam", None]), max_size=40))
def test_there_are_as_many_lines_out_as_in(texts: list[str | None], pipeline: Pipeline) -> None:
    given = lines(*(json.dumps({"text": text}) for text in texts))
    decided = list(decide_lines(given, pipeline, NOW))
    assert [one.is_error for one in decided] == [text in {"boom", None} for text in texts]
