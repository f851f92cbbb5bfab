"""A worker under pressure leaves out second opinions, but none on severe harms, and says so wherever it did."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pytest

from sluicegate.models.bundle import default_bundle_path, load_bundle
from sluicegate.models.figures import log_odds
from sluicegate.models.opinion.bundle import OpinionBundle
from sluicegate.policy import default_policy_path, load_policy
from tests.integration.streams import Message, Stream, event
from tests.integration.worker_process import WorkerProcess, until
from tests.opinions import make_opinion

#: Nothing in it is in doubt; it keeps a worker busy.
LONG: Final = "we walked to the lake and back again in the rain " * 140
#: Harms that are not severe are in doubt, in the last beside a severe one that is not.
DOUBTFUL: Final = (
    "Our new offer ends on Sunday",
    "Order before Friday and delivery is free",
    "Wait until I get you, I will beat you",
)
#: Severe harms are in doubt, in the last two beside one that is not severe.
SEVERE: Final = (
    "Nobody would miss me if I were gone",
    "I have been hurting myself again",
    "I will hit him when he comes out",
    "I do not want to live any more",
    "I will find out where you live and hurt you",
)
#: Every partition gets them in this order, again and again.
TEXTS: Final = (*DOUBTFUL, LONG, *SEVERE, LONG)
FIRST: Final = 200
LEFT_OUT: Final = {"opinion": "pressure"}

Decision = dict[str, Any]


@pytest.fixture(scope="module")
def opinion(tmp_path_factory: pytest.TempPathFactory) -> OpinionBundle:
    """Return a second opinion beside the shipped model."""
    return make_opinion(tmp_path_factory.mktemp("opinions") / "made", load_bundle(default_bundle_path()))


def text_of(number: int) -> str:
    """Give the text of an event; each of the two partitions gets all texts, one after the other."""
    return TEXTS[number // 2 % len(TEXTS)]


def events(start: int, count: int) -> list[Message]:
    return [event(number, text_of(number))._replace(partition=number % 2) for number in range(start, start + count)]


def first_scores(texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """Give what the shipped model says, as decisions have it."""
    scorer = load_bundle(default_bundle_path()).scorer()
    scores = scorer.score(texts).round(6).tolist()
    return {text: dict(zip(scorer.harms, row, strict=True)) for text, row in zip(texts, scores, strict=True)}


def in_doubt(opinion: OpinionBundle, scores: Mapping[str, float]) -> set[str]:
    bands = opinion.manifest.bands
    logits = {harm: float(log_odds(np.array(score))) for harm, score in scores.items()}
    return {harm for harm, logit in logits.items() if bands[harm].low <= logit <= bands[harm].high}


def decided(worker: WorkerProcess) -> float:
    return worker.metric("sluicegate_events_decided_total")


def wait_for_decided(worker: WorkerProcess, count: int) -> None:
    until(lambda: decided(worker) == count, 60, worker)


def is_pressed(worker: WorkerProcess) -> bool:
    return worker.metric("sluicegate_under_pressure") == 1


def press(stream: Stream, worker: WorkerProcess) -> int:
    """Publish until the worker is under pressure; give how many events there are then.

    More is always waiting than it has ever done, so soon more than it does in two seconds, however fast it is.
    """
    total = FIRST

    def comes_under_pressure() -> bool:
        nonlocal total
        if is_pressed(worker):
            return True
        wanted = 2 * int(decided(worker)) + FIRST
        if wanted > total:
            stream.publish(events(total, wanted - total))
            total = wanted
        return False

    until(comes_under_pressure, 60, worker)
    return total


def start_worker(stream: Stream, opinion: OpinionBundle) -> WorkerProcess:
    """Start a worker that soon has more before it than it can do; it has all the time it wants for opinions."""
    return stream.start_worker(
        # Without the kernels a worker is a tenth as fast, and far slower than what is published here.
        SLUICEGATE_COMPILED="off",
        SLUICEGATE_PRESSURE_AFTER="0.5",
        SLUICEGATE_BATCH_MAX="50",
        SLUICEGATE_OPINION_BUNDLE=str(opinion.path),
        SLUICEGATE_OPINION_SHARE="1",
    ).wait_until_ready(60)


def results_of(decisions: Sequence[Decision]) -> Counter[str]:
    """Count decisions by what they say became of their second opinions, in the words of the metric."""
    found = Counter(decision["skipped"]["opinion"] for decision in decisions if "skipped" in decision)
    found["given"] = sum("opinion" in decision for decision in decisions)
    return found


def counted(worker: WorkerProcess) -> Counter[str]:
    results = ("given", "pressure", "over_budget", "too_long", "failed", "other_model")
    return Counter({result: int(worker.metric("sluicegate_opinions_total", result=result)) for result in results})


def test_the_texts_are_what_they_are_taken_for(opinion: OpinionBundle) -> None:
    severe = set(load_policy(default_policy_path()).severe_harms)
    doubts = {text: in_doubt(opinion, scores) for text, scores in first_scores(TEXTS).items()}
    assert not doubts[LONG]
    assert all(doubts[text] and not doubts[text] & severe for text in DOUBTFUL)
    assert all(doubts[text] & severe for text in SEVERE)
    assert severe == {harm for text in SEVERE for harm in doubts[text] & severe}


def by_partition(messages: Sequence[Message]) -> list[list[Decision]]:
    """Give the decisions of each partition in their order."""
    found: dict[int | None, list[Decision]] = {}
    for message in messages:
        found.setdefault(message.partition, []).append(message.json()["data"])
    return list(found.values())


def texts_under_pressure(decisions: Sequence[Decision]) -> set[str]:
    """Give the texts of a partition's events between the first and the last that pressure left something out of."""
    places = [place for place, decision in enumerate(decisions) if decision.get("skipped") == LEFT_OUT]
    within = decisions[places[0] : places[-1]] if places else []
    return {text_of(int(decision["event"]["id"])) for decision in within}


def hold_each_decision(decisions: Sequence[Decision], opinion: OpinionBundle) -> None:
    """Hold what became of the second opinion on each event against what its text and the decision itself say."""
    # The worker without kernels and the test with them round the last digit as they come to it.
    first = {text: pytest.approx(scores, abs=2e-6) for text, scores in first_scores(TEXTS).items()}
    source = {"name": "made", "version": "1", "digest": opinion.digest}
    for decision in decisions:
        text = text_of(int(decision["event"]["id"]))
        if text in SEVERE:
            assert decision.get("opinion") == source, text
            assert decision["scores"] != first[text]
            assert "skipped" not in decision, text
        elif text == LONG:
            assert not {"opinion", "skipped"} & set(decision), text
        elif "skipped" in decision:
            assert "opinion" not in decision
            assert decision["scores"] == first[text]
        else:
            assert decision.get("opinion") == source, text


def test_under_pressure_second_opinions_are_left_out_and_said_to_be_but_never_those_on_severe_harms(
    narrow_stream: Stream, opinion: OpinionBundle
) -> None:
    stream = narrow_stream
    stream.publish(events(0, FIRST))
    worker = start_worker(stream, opinion)
    total = press(stream, worker)
    wait_for_decided(worker, total)
    partitions = by_partition(stream.read(stream.decisions))
    decisions = [decision for partition in partitions for decision in partition]
    assert sorted(int(decision["event"]["id"]) for decision in decisions) == list(range(total))
    hold_each_decision(decisions, opinion)
    # Among those that something was left out of there were all of both kinds.
    assert set(TEXTS) == set().union(*map(texts_under_pressure, partitions))
    assert counted(worker) == results_of(decisions)

    until(lambda: not is_pressed(worker), 30, worker)
    for number in range(total, total + len(DOUBTFUL)):
        # One by one, each with whatever time there is: none of them is behind another that was slow.
        stream.publish([event(number, DOUBTFUL[number - total])])
        wait_for_decided(worker, number + 1)
    asked = [m.json()["data"] for m in stream.read(stream.decisions) if int(m.json()["data"]["event"]["id"]) >= total]
    assert [("opinion" in decision, "skipped" in decision) for decision in asked] == [(True, False)] * len(DOUBTFUL)
    assert counted(worker) == results_of([*decisions, *asked])
    assert worker.terminate()[0] == 0
