"""The verdict names the guarantee that was broken, and no other: each test alters one thing of a run that went well."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sluicegate.bench.chaos.evidence import Books, Evidence, Expiry, Read, Sample, Stop, Struck
from sluicegate.bench.chaos.schedule import Kind
from sluicegate.bench.chaos.verdict import judge
from sluicegate.schemas import decision_id
from tests.unit.bench.chaos.honest import BEGAN, PREFIX, honest, repeated


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return honest()


def rewritten(read: Read, change: Callable[[dict[str, Any]], Any]) -> Read:
    message = json.loads(read.value or b"")
    change(message)
    return read._replace(value=json.dumps(message).encode())


def with_a_decision(evidence: Evidence, change: Callable[[dict[str, Any]], Any]) -> Evidence:
    # Not the very first, which has a task.
    changed = rewritten(evidence.decisions[1], change)
    return replace(evidence, decisions=[evidence.decisions[0], changed, *evidence.decisions[2:]])


def tasks_of(evidence: Evidence) -> list[Read]:
    return [read for read in evidence.reviews if read.topic == f"{PREFIX}first.1"]


def without_poison(evidence: Evidence) -> Evidence:
    return replace(evidence, dead_letters=evidence.dead_letters[1:])


def with_letter_altered(evidence: Evidence) -> Evidence:
    first, *rest = evidence.dead_letters
    return replace(evidence, dead_letters=[first._replace(value=(first.value or b"") + b" "), *rest])


def with_letter_header_lost(evidence: Evidence) -> Evidence:
    first, *rest = evidence.dead_letters
    return replace(evidence, dead_letters=[first._replace(headers=first.headers[1:]), *rest])


def with_letter_for_a_good_event(evidence: Evidence) -> Evidence:
    good = next(read for read, planned in zip(evidence.events, evidence.planned, strict=True) if planned.reason is None)
    ours = evidence.dead_letters[0].headers[-7:]
    letter = evidence.dead_letters[0]._replace(key=good.key, value=good.value, headers=(*good.headers, *ours))
    return replace(evidence, dead_letters=[*evidence.dead_letters, letter])


def with_order_broken(evidence: Evidence) -> Evidence:
    key = evidence.decisions[0].key
    first, second = [place for place, read in enumerate(evidence.decisions) if read.key == key][:2]
    decisions = list(evidence.decisions)
    decisions[first] = decisions[first]._replace(value=evidence.decisions[second].value)
    decisions[second] = decisions[second]._replace(value=evidence.decisions[first].value)
    # Their tasks, and when both were there, are none of this test's business.
    return replace(evidence, decisions=decisions, samples=evidence.samples[-1:])


def with_poison_decided(evidence: Evidence) -> Evidence:
    poison = next(planned for planned in evidence.planned if planned.reason is not None)
    event = {"source": poison.source, "id": poison.event_id}

    def speak_of_poison(message: dict[str, Any]) -> None:
        message["id"] = decision_id(poison.source, poison.event_id)
        message["data"]["event"] = event

    copy = rewritten(evidence.decisions[1], speak_of_poison)
    return replace(evidence, decisions=[*evidence.decisions, copy])


def with_event_missing(evidence: Evidence) -> Evidence:
    return replace(evidence, events=[*evidence.events[:50], *evidence.events[51:]])


def with_decision_missing(evidence: Evidence) -> Evidence:
    return replace(evidence, decisions=[*evidence.decisions[:1], *evidence.decisions[2:]])


def with_commit_ahead(evidence: Evidence) -> Evidence:
    samples = list(evidence.samples)
    samples[100] = Sample(samples[99].time, samples[100].offsets)
    return replace(evidence, samples=samples)


def with_commit_gone_back(evidence: Evidence) -> Evidence:
    return replace(evidence, samples=[*evidence.samples, *evidence.samples[-2:]])


BROKEN: list[tuple[str, str, Callable[[Evidence], Evidence]]] = [
    ("an event that is not there as it was published", "load", with_event_missing),
    ("an event that was published twice", "load", lambda e: replace(e, events=[*e.events, e.events[0]])),
    ("an event without a decision", "nothing lost", with_decision_missing),
    ("a decision on poison", "no decision for poison", with_poison_decided),
    ("an output that is no JSON", "no decision for poison", lambda e: replace(e, reviews=[
        *e.reviews, e.reviews[0]._replace(value=b"{"),
    ])),
    ("an id that is not its event's", "one id", lambda e: with_a_decision(e, lambda m: m.update(id="fresh"))),
    ("poison without a dead letter", "dead letters", without_poison),
    ("a dead letter that differs by a byte", "dead letters", with_letter_altered),
    ("a dead letter that lost a header", "dead letters", with_letter_header_lost),
    ("a dead letter of an event that can be read", "dead letters", with_letter_for_a_good_event),
    ("a task that is missing", "review tasks", lambda e: replace(e, reviews=[
        read for read in e.reviews if read != tasks_of(e)[0]
    ])),
    ("a task without a decision", "review tasks", lambda e: replace(e, reviews=[
        *e.reviews, rewritten(tasks_of(e)[0], lambda m: m.update(id="other")),
    ])),
    ("a task in another queue", "review tasks", lambda e: replace(e, reviews=[
        read._replace(topic=f"{PREFIX}second.1") if read == tasks_of(e)[0] else read for read in e.reviews
    ])),
    ("a withdrawal that is missing", "review tasks", lambda e: replace(e, reviews=[
        read for read in e.reviews if read.topic != f"{PREFIX}second.0"
    ])),
    ("a commit before its outputs", "offsets", with_commit_ahead),
    ("a committed offset that went back", "offsets", with_commit_gone_back),
    ("books that do not balance", "books", lambda e: replace(e, books=[Books("worker-0", 10, 8, 1, 0)])),
    ("something in flight at the end", "books", lambda e: replace(e, books=[Books("worker-0", 10, 8, 1, 1)])),
    ("an end that is not committed", "books", lambda e: replace(e, samples=e.samples[:-1])),
    ("no worker left", "books", lambda e: replace(e, books=[])),
    ("a stop with another exit code", "clean stops", lambda e: replace(e, stops=[Stop("w", 1.0, 1, 2.0)])),
    ("a duplicate without a crash", "duplicates", lambda e: repeated(e, 5, 1)),
]  # fmt: skip


def test_a_run_that_went_well_passes(evidence: Evidence) -> None:
    verdict = judge(evidence)
    assert verdict.broken == set()
    assert verdict.passed
    assert verdict.figures.lost == 0
    assert verdict.figures.events + verdict.figures.poison == len(evidence.planned)


@pytest.mark.parametrize(("guarantee", "alter"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_the_verdict_names_exactly_the_guarantee_that_was_broken(
    evidence: Evidence, guarantee: str, alter: Callable[[Evidence], Evidence]
) -> None:
    verdict = judge(alter(evidence))
    assert verdict.broken == {guarantee}
    assert not verdict.passed


def crash(kind: Kind, began: float, partitions: tuple[int, ...] = ()) -> Struck:
    return Struck(kind, began, began + 1, "" if kind is Kind.BROKER_KILL else "worker-0", partitions)


@pytest.mark.parametrize(
    ("fault", "explained"),
    [
        (crash(Kind.KILL, 1055.0, (0, 1)), True),
        (crash(Kind.BROKER_KILL, 1055.0), True),
        (crash(Kind.ZOMBIE, 1055.0, (0, 1)), True),
        (crash(Kind.STOP, 1055.0, (0, 1)), False),
        (crash(Kind.ADD, 1055.0), False),
        (crash(Kind.KILL, 1500.0, (0, 1)), False),
        (crash(Kind.KILL, 900.0, (0, 1)), False),
        (crash(Kind.KILL, 1055.0, (7,)), False),
    ],
)
def test_a_duplicate_is_explained_by_a_crash_of_its_partition_between_the_two_alone(
    evidence: Evidence, fault: Struck, explained: bool
) -> None:
    assert evidence.decisions[500].timestamp < 1_055_000
    verdict = judge(replace(repeated(evidence, 500, 1000), faults=[fault]))
    assert verdict.broken == (set() if explained else {"duplicates"})
    assert verdict.figures.raw_duplicates == 1
    assert verdict.figures.duplicates_by_fault == {fault.kind if explained else "none": 1}


def test_a_duplicate_counts_for_the_last_fault_that_explains_it(evidence: Evidence) -> None:
    faults = [crash(Kind.BROKER_KILL, 1056.0), crash(Kind.KILL, 1057.0, (7,)), crash(Kind.ZOMBIE, 1055.0, (0, 1))]
    figures = judge(replace(repeated(evidence, 500, 1000), faults=faults)).figures
    assert figures.duplicates_by_fault == {Kind.BROKER_KILL: 1}


def test_a_worker_that_ended_by_itself_explains_a_duplicate_and_is_counted(evidence: Evidence) -> None:
    verdict = judge(replace(repeated(evidence, 500, 1000), stops=[Stop("worker-0", 1055.0, 1, None)]))
    assert verdict.passed
    assert verdict.figures.ended_by_themselves == 1


@pytest.mark.parametrize(("noticed", "explained"), [(1055.0, True), (1070.0, True), (1040.0, False), (1110.0, False)])
def test_a_membership_that_was_lost_explains_a_duplicate_written_since_or_shortly_before_it_was_noticed(
    evidence: Evidence, noticed: float, explained: bool
) -> None:
    verdict = judge(replace(repeated(evidence, 500, 1000), expiries=[Expiry("worker-0", noticed)]))
    assert verdict.broken == (set() if explained else {"duplicates"})
    assert verdict.figures.expiries == 1


def test_with_exactly_once_no_crash_explains_a_duplicate(evidence: Evidence) -> None:
    crashed = replace(repeated(evidence, 500, 1000), faults=[crash(Kind.KILL, 1055.0, (0, 1))], delivery="exactly_once")
    assert judge(crashed).broken == {"duplicates"}


def test_a_duplicate_of_another_content_is_no_replay(evidence: Evidence) -> None:
    doubled = replace(repeated(evidence, 500, 1000), faults=[crash(Kind.KILL, 1055.0, (0, 1))])
    altered = rewritten(doubled.decisions[-1], lambda message: message["data"].update(rule="another"))
    assert judge(replace(doubled, decisions=[*doubled.decisions[:-1], altered])).broken == {"same content"}
    later = rewritten(doubled.decisions[-1], lambda message: message.update(time="later"))
    assert judge(replace(doubled, decisions=[*doubled.decisions[:-1], later])).passed


def test_a_run_that_was_given_up_does_not_pass_whatever_was_found(evidence: Evidence) -> None:
    verdict = judge(replace(evidence, stalled=True))
    assert verdict.broken == set()
    assert not verdict.passed


def test_order_is_judged_by_the_first_decisions_of_an_actor_alone(evidence: Evidence) -> None:
    verdict = judge(with_order_broken(evidence))
    assert "order" in verdict.broken
    doubled = replace(repeated(evidence, 0, 1000), faults=[crash(Kind.KILL, BEGAN / 1000, (0, 1))])
    assert judge(doubled).broken == set()
