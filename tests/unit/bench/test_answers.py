"""Contestants that decide otherwise than the others fail the run."""

import json

import pytest

from sluicegate.bench.answers import Answers
from sluicegate.bench.processes import ContestantError

IDS = ["e-1", "e-2", "e-3"]
HARMS = ("spam", "hate")


def decision(event: str, *scores: float) -> bytes:
    named = dict(zip(HARMS, scores, strict=True)) if scores else {}
    return json.dumps({"data": {"event": {"source": "/s", "id": event}, "scores": named}}).encode()


THREE = [decision("e-1", 0.1, 0.2), decision("e-2"), decision("e-3", 0.3, 0.4)]


def test_equal_decisions_in_any_order_are_equal() -> None:
    answers = Answers(IDS, HARMS)

    assert answers.compare("first", 3, THREE) == 0.0
    assert answers.compare("second", 3, THREE[::-1]) == 0.0


def test_scores_may_differ_in_the_last_of_six_decimals() -> None:
    answers = Answers(IDS, HARMS)
    answers.compare("first", 3, THREE)

    assert answers.compare("second", 3, [decision("e-1", 0.100001, 0.2), *THREE[1:]]) == pytest.approx(1e-6)


def test_a_score_that_differs_by_more_is_named() -> None:
    answers = Answers(IDS, HARMS)
    answers.compare("first", 3, THREE)

    with pytest.raises(ContestantError, match=r"second gave e-3 the scores \[0\.3, 0\.400002\], others \[0\.3, 0\.4\]"):
        answers.compare("second", 3, [*THREE[:2], decision("e-3", 0.3, 0.400002)])


def test_an_event_that_one_scores_and_the_other_does_not_is_a_difference() -> None:
    answers = Answers(IDS, HARMS)
    answers.compare("first", 3, THREE)

    with pytest.raises(ContestantError, match="second gave e-2"):
        answers.compare("second", 3, [THREE[0], decision("e-2", 0.0, 0.0), THREE[2]])


def test_a_shorter_backlog_is_compared_with_the_beginning_and_a_longer_one_adds_to_it() -> None:
    answers = Answers(IDS, HARMS)
    answers.compare("stock", 1, THREE[:1])
    answers.compare("fast", 3, THREE)

    with pytest.raises(ContestantError, match="third gave e-3"):
        answers.compare("third", 3, [*THREE[:2], decision("e-3", 0.9, 0.4)])


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        (THREE[:2], "wrote 2 decisions of 3 events"),
        ([*THREE[:2], THREE[1]], "left 1 of 3 events out, and decided others twice"),
        ([*THREE[:2], decision("e-9", 0.1, 0.2)], "decided e-9, which it was not given"),
    ],
)
def test_events_left_out_decided_twice_or_made_up_are_refused(decisions: list[bytes], said: str) -> None:
    with pytest.raises(ContestantError, match=said):
        Answers(IDS, HARMS).compare("one", 3, decisions)
