"""Decisions that say which parts of a text carried their scores, as JSON and for people."""

import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console

from sluicegate.agents.pipeline import Pipeline
from sluicegate.cli.explaining import Explained, explain_lines
from sluicegate.cli.highlighting import highlighted
from sluicegate.cli.lines import read_json
from sluicegate.cli.scoring import decide_lines, file_pipeline
from sluicegate.models import Scorer, Served, Signals, Span
from sluicegate.policy import default_policy_path, load_policy

NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)
HARMS = ("spam", "scam", "hate", "harassment", "violence", "self_harm")


class WordScorer:
    """Finds the harm whose name the text says, and points at it."""

    name, version, digest, harms = "words", "1", "sha256:00", HARMS
    signals: tuple[str, ...] = ()
    served: Served = "weights"

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        return np.array([[0.9 if harm in text else 0.01 for harm in HARMS] for text in texts])

    def why(self, text: str, harm: str, limit: int = 3) -> tuple[Span, ...]:
        start = text.find(harm)
        return (Span(start, start + len(harm), 2.5),) if start >= 0 else ()


@pytest.fixture
def pipeline() -> Pipeline:
    scorer: Scorer = WordScorer()
    return file_pipeline(scorer, load_policy(default_policy_path()))


def explained(pipeline: Pipeline, *lines: str) -> list[Explained]:
    read = [read_json(number, line.encode()) for number, line in enumerate(lines, start=1)]
    return list(explain_lines(read, pipeline, NOW))


def printed(one: Explained, colours: bool = False) -> str:
    console = Console(
        file=io.StringIO(), width=200, force_terminal=colours, color_system="standard" if colours else None
    )
    console.print(highlighted(one))
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def test_a_decision_says_which_parts_carried_its_scores(pipeline: Pipeline) -> None:
    (one,) = explained(pipeline, json.dumps({"text": "this is violence and spam", "id": "e"}))
    assert json.loads(one.value)["data"]["why"] == [
        {"harm": "spam", "start": 21, "end": 25, "weight": 2.5},
        {"harm": "violence", "start": 8, "end": 16, "weight": 2.5},
    ]


def test_an_explained_decision_is_otherwise_the_same(pipeline: Pipeline) -> None:
    lines = ['{"text": "spam"}', "oops", '{"text": "", "type": "content.deleted"}'] * 300
    plain = [
        one.value for one in decide_lines([read_json(n, x.encode()) for n, x in enumerate(lines, 1)], pipeline, NOW)
    ]
    found = explained(pipeline, *lines)
    assert [one.is_error for one in found] == [False, True, False] * 300
    for one, value in zip(found, plain, strict=True):
        answer = json.loads(one.value)
        answer.get("data", {}).pop("why", None)
        assert answer == json.loads(value)


def test_what_is_not_scored_was_carried_by_nothing(pipeline: Pipeline) -> None:
    (one,) = explained(pipeline, '{"text": "spam", "type": "content.deleted"}')
    assert json.loads(one.value)["data"]["why"] == []


def test_people_see_the_text_with_the_parts_in_colour_and_what_they_add(pipeline: Pipeline) -> None:
    (one,) = explained(pipeline, '{"text": "this is violence, friend"}')
    assert printed(one).splitlines()[0] == "1: review -> threats, by rule: threat of violence"
    assert "this is violence, friend" in printed(one)
    assert "0.900   violence   violence +2.50" in printed(one)
    assert "\x1b[30;101mviolence\x1b[0m, friend" in printed(one, colours=True)


def test_a_line_that_cannot_be_read_is_shown_with_its_number_and_reason(pipeline: Pipeline) -> None:
    assert printed(explained(pipeline, "{}", "oops")[1]).startswith("2: json.invalid: ")


def test_nothing_in_a_text_steers_the_terminal(pipeline: Pipeline) -> None:
    (one,) = explained(pipeline, json.dumps({"text": "\x1b[2J[red]\u202espam\x07 [/x]"}))
    assert "\ufffd[2J[red]\ufffdspam\ufffd [/x]" in printed(one)


def test_of_a_long_text_the_surroundings_of_the_parts_are_shown(pipeline: Pipeline) -> None:
    (one,) = explained(pipeline, json.dumps({"text": "word " * 4_000 + "spam" + " more" * 4_000}))
    output = printed(one)
    assert "word spam more" in output
    assert len(output) < 1_500


def test_offsets_in_a_text_that_is_not_scored_whole_point_into_the_original(pipeline: Pipeline) -> None:
    text = "a" * 70_000 + " spam"
    (one,) = explained(pipeline, json.dumps({"text": text}))
    (part,) = json.loads(one.value)["data"]["why"]
    assert text[part["start"] : part["end"]] == "spam"
