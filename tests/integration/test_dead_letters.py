"""Dead letters that can be worked, on a real Kafka: redriven once and to the byte, shown without payload, purged."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from sluicegate.schemas import (
    Headers,
    Redrive,
    Refusal,
    decision_id,
    error_headers,
    read_redrive_headers,
    redrive_headers,
    value_digest,
)
from sluicegate.schemas.redrive import REDRIVE_PREFIX
from tests.integration.dead_letters import Letter, dlq, listed, redrive_at, write_letters
from tests.integration.streams import Message, Stream, event
from tests.integration.worker_process import until

EARLIER = [*error_headers(Refusal("record.too_large"), "elsewhere", 7, 8, 9), *value_digest(b"earlier")]
ORIGINALS: list[tuple[bytes | None, bytes | None, Headers]] = [
    (b"a-1", b"{", ()),
    (None, None, ()),
    (None, b"", [("empty", b""), ("null", None)]),
    (b"", None, [("twice", b"1"), ("other", b"\x00\xff"), ("twice", b"2"), ("twice", b"1")]),
    (b"\xff\x00", b"\x1b[2J", [("\u202e", b"\x1b]0;x\x07")]),
    (b"a-2", b"of an earlier refusal", EARLIER),
    (b"a-3", b"as a publisher may send it", [(REDRIVE_PREFIX + "attempt", b"4"), (REDRIVE_PREFIX + "id", b"x")]),
    (b"a-4", b"x" * 900_000, [("large", b"y" * 1_000)]),
]


def redriven(stream: Stream) -> list[tuple[Message, Redrive]]:
    """Give the events that were redriven, with what their headers say of it."""
    found = [(message, read_redrive_headers(message.headers)) for message in stream.read(stream.events)]
    return [(message, told) for message, told in found if told is not None]


async def write(stream: Stream, topic: str, key: bytes) -> None:
    """Write one record to a topic."""
    async with AIOKafkaProducer(bootstrap_servers=stream.bootstrap) as producer:
        await producer.send_and_wait(topic, b"value", key)


async def ends(stream: Stream, topic: str, isolation_level: str) -> dict[TopicPartition, int]:
    """Give the end of each partition as those see it who read committed records only, or all."""
    async with AIOKafkaConsumer(topic, bootstrap_servers=stream.bootstrap, isolation_level=isolation_level) as consumer:
        found: dict[TopicPartition, int] = await consumer.end_offsets(consumer.assignment())
        assert found
        return found


def test_originals_are_put_back_to_the_byte_and_each_once_after_a_dry_run_that_changes_nothing(
    narrow_stream: Stream,
) -> None:
    stream = narrow_stream
    letters = [
        Letter(100 + number, key, value, headers, partition=number % 2)
        for number, (key, value, headers) in enumerate(ORIGINALS)
    ]
    # A worker that crashed wrote one of them twice.
    doubled = letters[0]._replace(reason="score.failed")
    left_out = [
        Letter(200, value=None, behind=value_digest(b"too large to be kept")),
        Letter(201, topic="another.topic"),
        Letter(202, partition=1, headers=[("x", b"y" * 1_100_000)]),
    ]
    write_letters(stream, [*letters, doubled, *left_out])
    rehearsed = dlq(stream, "redrive", "--all")
    assert rehearsed.exit_code == 0, rehearsed.stderr
    assert "8  to be redriven" in rehearsed.stdout
    assert "1  redriven before" in rehearsed.stdout
    assert "1  without their value" in rehearsed.stdout
    assert "1  of another topic or partition" in rehearsed.stdout
    assert "1  too large" in rehearsed.stdout
    assert stream.read(stream.events) == []

    done = dlq(stream, "redrive", "--all", "--yes")
    assert done.exit_code == 0, done.stderr
    assert "8  redriven to" in done.stdout
    found = redriven(stream)
    assert len(found) == len(stream.read(stream.events)) == len(ORIGINALS)
    for message, told in found:
        number = told.source_offset - 100
        key, value, headers = ORIGINALS[number]
        assert (message.key, message.value, message.partition) == (key, value, number % 2)
        assert list(message.headers) == [*headers, *redrive_headers(told)]
        assert (told.attempt, told.source_topic, told.source_partition) == (1, stream.events, number % 2)
        assert (told.topic, told.source_timestamp, told.reason) == (
            stream.dead_letters,
            1_700_000_000_000,
            "json.invalid",
        )
    for partition in range(2):
        mine = [told.source_offset for message, told in found if message.partition == partition]
        assert mine == sorted(mine)

    again = dlq(stream, "redrive", "--all", "--again", "--yes")
    assert again.exit_code == 0, again.stderr
    assert "9  redriven before, or by another of these: no original is redriven twice" in again.stdout
    assert len(redriven(stream)) == len(ORIGINALS)
    assert listed(stream)["json.invalid"]["redriven"] == len(ORIGINALS)


def test_a_redrive_that_is_killed_before_during_and_behind_a_commit_redrives_each_original_exactly_once(
    stream: Stream,
) -> None:
    write_letters(stream, [Letter(number, value=b"%d" % number, partition=number % 4) for number in range(600)])
    order = ["dlq", "redrive", "--reason", "json.invalid", "--yes", "--rate", "200"]
    committed = 0
    for when, commit, least in (("before", 2, 100), ("during", 2, 200), ("behind", 1, 300)):
        killed = subprocess.run(
            [sys.executable, "-m", "tests.integration.killed_redrive", when, str(commit), *order],
            env={**os.environ, **stream.environment},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        committed = len(stream.read(stream.events))
        assert least <= committed < 600
    last = stream.command(*order)
    assert last.returncode == 0, last.stderr
    assert f"{committed}  redriven before" in last.stdout or f"{committed + 100}  redriven before" in last.stdout
    assert Counter(message.value for message, _ in redriven(stream)) == {b"%d" % number: 1 for number in range(600)}


def test_a_second_redrive_ends_the_first_and_each_original_is_redriven_once(narrow_stream: Stream) -> None:
    stream = narrow_stream
    write_letters(stream, [Letter(number, partition=number % 2) for number in range(40)])
    with redrive_at(stream, 2) as first:
        until(lambda: stream.read(stream.events), 30)
        second = dlq(stream, "redrive", "--all", "--yes")
        _, said = first.communicate(timeout=30)
    assert second.exit_code == 0, second.stderr
    assert first.returncode == 1
    assert b"another redrive has taken over" in said
    assert Counter(told.source_offset for _, told in redriven(stream)) == dict.fromkeys(range(40), 1)


def test_an_interrupted_redrive_tells_how_far_it_came_and_leaves_no_transaction_open(narrow_stream: Stream) -> None:
    stream = narrow_stream
    write_letters(stream, [Letter(number, partition=number % 2) for number in range(400)])
    with redrive_at(stream, 2) as process:
        until(lambda: len(stream.read(stream.events)) >= 2, 30)
        process.send_signal(signal.SIGINT)
        told, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said == b"sluicegate: interrupted: the same command goes on where this one ended\n"
    events = stream.read(stream.events)
    assert told.startswith(f"{len(events)} events redriven, with the id ".encode())
    assert len(events) < 400
    for topic in (stream.events, f"{stream.dead_letters}.redriven"):
        assert asyncio.run(ends(stream, topic, "read_committed")) == asyncio.run(
            ends(stream, topic, "read_uncommitted")
        )


def test_a_ledger_that_holds_anything_else_is_refused_and_nothing_redriven(narrow_stream: Stream) -> None:
    stream = narrow_stream
    write_letters(stream, [Letter(1)])
    asyncio.run(write(stream, f"{stream.dead_letters}.redriven", b"of others"))
    refused = dlq(stream, "redrive", "--all", "--yes")
    assert refused.exit_code == 1
    assert "that no redrive wrote, so it cannot be told what was redriven" in refused.stderr
    assert stream.read(stream.events) == []


def test_a_ledger_that_forgets_in_time_is_refused_and_nothing_redriven(narrow_stream: Stream) -> None:
    stream = narrow_stream
    write_letters(stream, [Letter(1)])
    ledger = f"{stream.dead_letters}.redriven"
    stream.configure(ledger, cleanup_policy="delete")
    refused = dlq(stream, "redrive", "--all", "--yes")
    assert refused.exit_code == 1
    assert f"{ledger} has cleanup.policy delete, so it forgets what was redriven" in refused.stderr
    assert stream.read(stream.events) == []
    assert listed(stream)["json.invalid"]["letters"] == 1


def test_what_can_be_decided_now_is_decided_under_its_id_and_what_comes_back_is_held_until_told_again(
    narrow_stream: Stream,
) -> None:
    stream = narrow_stream
    good = event(1)
    write_letters(stream, [Letter(5_000, good.key, good.value, good.headers, reason="score.failed", partition=1)])
    stream.publish([Message(b"a-9", b"not json", [("trace", b"1")], partition=0)])
    worker = stream.start_worker()
    until(lambda: len(stream.read(stream.dead_letters)) == 2, 40, worker)

    done = dlq(stream, "redrive", "--all", "--yes")
    assert "2  redriven" in done.stdout, done.stderr
    (decision,) = stream.wait_for_decisions(1)
    assert decision.json()["id"] == decision_id("/tests", "1")
    assert decision.partition == 1
    until(lambda: len(stream.read(stream.dead_letters)) == 3, 20, worker)

    held = dlq(stream, "redrive", "--all", "--yes")
    assert held.exit_code == 0, held.stderr
    assert "1  came back after a redrive: --again" in held.stdout
    assert listed(stream)["json.invalid"]["returned"] == 1
    again = dlq(stream, "redrive", "--all", "--again", "--yes")
    assert again.exit_code == 0, again.stderr
    until(lambda: len(stream.read(stream.dead_letters)) == 4, 20, worker)
    poison = [told for message, told in redriven(stream) if message.value == b"not json"]
    assert [(told.attempt, told.source_offset) for told in poison] == [(1, 0), (2, 1)]
    assert {message.headers[0] for message, _ in redriven(stream) if message.value == b"not json"} == {("trace", b"1")}


def test_the_payload_is_shown_only_where_asked_for_and_nothing_of_a_letter_reaches_the_terminal_raw(
    narrow_stream: Stream,
) -> None:
    stream = narrow_stream
    hostile = [("\x1b]0;name\x07", b"\x1b[31mred\x9b"), ("right to left", "\u202egnp".encode()), ("null", None)]
    write_letters(stream, [Letter(1, b"\x1b[2Jkey\r", b"a private remark \x1b[H", hostile)])
    shown = dlq(stream, "show", "--at", "0:0")
    assert shown.exit_code == 0, shown.stderr
    assert "private" not in shown.stdout + shown.stderr
    assert "20 bytes; --payload shows them" in shown.stdout
    for escaped in ('"\\x1b[2Jkey\\x0d"', "\\x1b]0;name\\x07", "\\x1b[31mred\\x9b", "\\u202egnp", "null: null"):
        assert escaped in shown.stdout
    whole = dlq(stream, "show", "--reason", "json.invalid", "--payload")
    assert '"a private remark \\x1b[H"' in whole.stdout
    for said in (shown.stdout, whole.stdout):
        assert all(character.isprintable() or character == "\n" for character in said)
    machine = json.loads(dlq(stream, "show", "--json").stdout)
    assert machine["key"] == "\x1b[2Jkey\r"
    assert machine["headers"][0] == {"name": "\x1b]0;name\x07", "value_base64": "G1szMW1yZWSb"}
    assert "value" not in machine
    assert dlq(stream, "show", "--at", "1:7").exit_code == 1


def test_a_purge_tells_what_it_deletes_and_asks_and_with_yes_it_spares_what_was_not_redriven(
    narrow_stream: Stream,
) -> None:
    stream = narrow_stream
    write_letters(stream, [Letter(number, partition=number % 2) for number in range(10)])
    refused = dlq(stream, "purge", "--all", stdin="yes\n")
    assert refused.exit_code == 1
    assert "10 in all, of which 10 were never redriven" in refused.stdout
    assert "nothing was deleted" in refused.stdout
    assert dlq(stream, "redrive", "--at", "0:0-2", "--yes").exit_code == 0
    spared = dlq(stream, "purge", "--all", "--yes")
    assert spared.exit_code == 1
    assert "7 of them were never redriven; add --unredriven" in spared.stderr
    assert listed(stream)["json.invalid"]["letters"] == 10
    assert dlq(stream, "purge", "--through", "0:2", "--yes").exit_code == 0
    assert listed(stream)["json.invalid"]["letters"] == 7
    told = dlq(stream, "purge", "--all", stdin=stream.dead_letters + "\n")
    assert (told.exit_code, "7 dead letters deleted" in told.stdout) == (0, True)
    assert listed(stream) == {}
