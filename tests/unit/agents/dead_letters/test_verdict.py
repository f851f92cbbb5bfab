"""What becomes of a dead letter in a redrive."""

import pytest

from sluicegate.agents.dead_letters.letter import Letter
from sluicegate.agents.dead_letters.originals import Originals
from sluicegate.agents.dead_letters.verdict import MOST_ATTEMPTS, Destination, Verdict, judge, record_bytes
from sluicegate.agents.log.codec import CODECS
from sluicegate.agents.log.records import ReadRecord
from sluicegate.agents.log.topic_records import TopicRecords
from sluicegate.schemas import (
    REASONS,
    Headers,
    Redrive,
    Refusal,
    error_headers,
    redrive_headers,
    value_digest,
)
from sluicegate.schemas.dead_letter import HEADER_PREFIX

DESTINATION = Destination("content.events", 6, 10_000)


def letter(
    headers: Headers = (),
    behind: Headers = (),
    topic: str = "content.events",
    partition: int = 3,
    value: bytes | None = b"{",
    offset: int = 41,
    code: str = "json.invalid",
) -> Letter:
    reasons = error_headers(Refusal(code), topic, partition, offset, 1_700_000_000_000)
    return Letter.of(ReadRecord(b"a-1", value, [*headers, *reasons, *behind], 7, 1_800_000_000_000), 2)


def redriven_before(attempt: int) -> Headers:
    return redrive_headers(Redrive("x", attempt, "content.events.dlq", 2, 1, "content.events", 3, 4, 5, "json.invalid"))


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (letter(), Verdict.REDRIVE),
        (letter(topic="other"), Verdict.ELSEWHERE),
        (letter(partition=6), Verdict.ELSEWHERE),
        (letter(partition=-1), Verdict.ELSEWHERE),
        (letter(behind=value_digest(b"large"), value=None), Verdict.NOT_KEPT),
        (letter(value=b"\0" * 80, code="record.unreadable_batch"), Verdict.BATCH),
        (letter(value=b"x" * 10_000), Verdict.TOO_LARGE),
        (letter(headers=[("x", b"x" * 10_000)]), Verdict.TOO_LARGE),
        (letter(redriven_before(1)), Verdict.RETURNED),
        (letter(redriven_before(MOST_ATTEMPTS)), Verdict.EXHAUSTED),
        (letter(behind=[(HEADER_PREFIX + "offset", b"9" * 30)]), Verdict.FOREIGN),
        (Letter.of(ReadRecord(None, b"of others", (), 7, 0), 0), Verdict.FOREIGN),
    ],
)
def test_a_letter_is_redriven_only_where_its_original_can_be_put_back(found: Letter, verdict: Verdict) -> None:
    assert judge(found, DESTINATION, Originals(), again=False) is verdict


def test_an_original_is_never_redriven_twice_also_when_told_again() -> None:
    redriven, first = Originals(), letter()
    assert first.original is not None
    redriven.add(first.original)
    doubled = letter(headers=[("another", b"dead letter of it")])
    assert judge(doubled, DESTINATION, redriven, again=True) is Verdict.REDRIVEN
    assert judge(letter(offset=42), DESTINATION, redriven, again=True) is Verdict.REDRIVE


def test_what_came_back_is_redriven_when_told_again_until_that_was_often_enough() -> None:
    verdicts = [
        judge(letter(redriven_before(attempt)), DESTINATION, Originals(), again=True)
        for attempt in range(MOST_ATTEMPTS + 2)
    ]
    assert verdicts == [Verdict.REDRIVE] * MOST_ATTEMPTS + [Verdict.EXHAUSTED] * 2


def test_the_attempts_are_those_of_the_last_redrive_before_it_became_this_letter() -> None:
    assert letter([*redriven_before(1), ("x", b"y"), *redriven_before(2)]).attempts == 2
    assert letter(behind=redriven_before(4)).attempts == 0
    assert letter(redriven_before(10**30)).attempts == 2**31


@pytest.mark.parametrize("code", REASONS)
def test_what_is_written_is_never_larger_than_what_was_reckoned(code: str) -> None:
    topic, large = "t" * 249, 2**62
    headers = [("é" * 20, b"x" * 300), ("", None)]
    reasons = error_headers(Refusal(code), topic, 2**31, large, large)
    found = Letter.of(ReadRecord(b"k" * 100, b"v" * 1_000, [*headers, *reasons], large, large), 2**31)
    provenance = Redrive("f" * 32, 2**31, topic, 2**31, large, topic, 2**31, large, large, code)
    records = TopicRecords(0, 2**20)
    records.append(found.key, found.value, [*headers, *redrive_headers(provenance)])
    (batch,) = records.finish(CODECS["none"])
    assert batch.size() <= record_bytes(found)
