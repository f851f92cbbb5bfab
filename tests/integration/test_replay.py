"""The past is decided again beside a running deployment: under the same ids, its topics and its group untouched."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.consumer import fetcher

from sluicegate.policy import default_policy_path
from tests.commands import ran
from tests.integration.streams import Message, Stream, event
from tests.integration.worker_process import WorkerProcess

TEXTS = (
    "a plain remark",
    "WIN a free prize, click now: example.org/win",
    "you are a stupid idiot",
    "send me a gift card and I double your money, visit example.org/double",
)
EVENTS = 600
POISON = 20


def events(count: int) -> list[Message]:
    found = [event(number, TEXTS[number % len(TEXTS)]) for number in range(count)]
    return [*found, event(7, "", type="content.deleted")._replace(value=found[7].value)]


def settle(stream: Stream) -> WorkerProcess:
    """Have everything decided and committed; some decisions stand there twice, as after a crash."""
    stream.publish(events(EVENTS))
    stream.publish([Message(b"k-%d" % number, b"{", partition=number % 2) for number in range(POISON)])
    worker = stream.start_worker()
    repeated = stream.wait_for_decisions(EVENTS)[100:200]
    stream.wait_until_committed(EVENTS + 1 + POISON)
    asyncio.run(write_again(stream, repeated))
    return worker


async def write_again(stream: Stream, decisions: list[Message]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=stream.bootstrap) as producer:
        for each in decisions:
            await producer.send_and_wait(stream.decisions, each.value, each.key, partition=each.partition)


def first_decisions(messages: list[Message]) -> dict[str, dict[str, Any]]:
    """Give the decision that counts of each id: the first of its partition."""
    ordered = sorted(messages, key=lambda message: (message.partition or 0, message.offset or 0))
    return {decision["id"]: decision["data"] for decision in (each.json() for each in reversed(ordered))}


def replayed(stream: Stream, *arguments: str) -> dict[str, Any]:
    file = stream.folder / "report.json"
    said = stream.command("replay", *arguments, "--json", str(file))
    assert said.returncode == 0, said.stderr
    found: dict[str, Any] = json.loads(file.read_text())
    return found


@pytest.fixture
def other_policy(tmp_path: Path) -> Path:
    """The shipped policy, but for what it does with insults and scams."""
    text = default_policy_path().read_text(encoding="utf-8")
    for before, after in (
        ("|| scores.harassment >= 0.45\n", "|| scores.harassment >= 0.99999\n"),
        ("when: scores.scam >= 0.08\n    then: review\n    queue: fraud", None),
        ('revision: "2026-11"', 'revision: "other"'),
    ):
        assert text.count(before) == 1
        text = text.replace(before, before.replace("fraud", "general") if after is None else after)
    file = tmp_path / "other.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_replay_gives_the_same_ids_in_other_topics_and_says_what_another_policy_changes(
    narrow_stream: Stream, other_policy: Path
) -> None:
    stream = narrow_stream
    worker = settle(stream)
    raw = stream.read(stream.decisions)
    committed, before, letters = stream.committed(), first_decisions(raw), stream.ends(stream.dead_letters)
    prefix = f"{stream.name}.again."

    # By what decided them, everything is decided as it was.
    same = replayed(stream, "--since", "2020-01-01T00:00:00Z", "--report-only")
    assert (same["events"], same["decided"], same["repeated"]) == (EVENTS + 1 + POISON, EVENTS + 1, 1)
    assert (same["compared"], same["same"], same["live_missing"], same["live_only"]) == (EVENTS, EVENTS, 0, 0)
    assert same["live_repeated"] == len(raw) - EVENTS
    assert same["outcomes"]["dead letter"]["dead letter"] == sum(same["dead_lettered"].values()) == POISON
    assert same["examples"] == []
    assert {quantile for each in same["scores"].values() for quantile in each["quantiles"].values()} == {0}

    # By another policy the report says what the topics show.
    arguments = ("--policy", str(other_policy), "--out-prefix", prefix)
    report = replayed(stream, "--since", "2020-01-01T00:00:00Z", *arguments, "--create-topics")
    again = stream.read(f"{prefix}{stream.decisions}")
    after = first_decisions(again)
    assert set(after) == set(before)
    changed = Counter((before[each]["outcome"], after[each]["outcome"]) for each in before)
    assert changed["review", "allow"] > 0
    assert {
        (then, now): number
        for then, row in report["outcomes"].items()
        for now, number in row.items()
        if number and "dead letter" not in (then, now)
    } == dict(changed)
    queues = Counter((before[each].get("queue", "none"), after[each].get("queue", "none")) for each in before)
    moved = {pair: number for pair, number in queues.items() if pair[0] != pair[1]}
    assert moved["fraud", "general"] > 0
    assert {(then, now): number for then, row in report["queues"].items() for now, number in row.items()} == moved
    # Of each place that is named, the event is there and was decided so.
    ids = {
        (each.partition, each.offset): json.loads(each.value or b"")["id"]
        for each in stream.read(stream.events)
        if each.value != b"{"
    }
    assert report["examples"]
    for example in report["examples"]:
        data = before[example["decision_id"]]
        assert ids[example["partition"], example["offset"]] == data["event"]["id"]
        assert example["live"].split()[0] == data["outcome"]
    assert {row["policy"]["version"] for row in report["replayed"]} == {"other"}

    # Tasks and dead letters are of the new topics, in the partitions of their events.
    tasks = [each.json() for each in stream.read(*review_topics(stream, prefix))]
    reviewed = {each for each, data in after.items() if data["outcome"] == "review"}
    assert {task["id"] for task in tasks if task["type"] == "review.task"} == reviewed
    assert stream.ends(f"{prefix}{stream.dead_letters}") == POISON
    places = {each.json()["id"]: each.partition for each in raw}
    assert all(places[each.json()["id"]] == each.partition for each in again)

    # The running deployment has noticed nothing.
    assert stream.committed() == committed
    assert (len(stream.read(stream.decisions)), stream.ends(stream.dead_letters)) == (len(raw), letters)
    assert worker.metric("sluicegate_rebalances_total") == 1


def review_topics(stream: Stream, prefix: str) -> list[str]:
    return [f"{prefix}{topic}" for topic in stream.review_topics()]


def test_a_stretch_by_offsets_is_exact_and_missing_topics_are_named(narrow_stream: Stream) -> None:
    stream = narrow_stream
    stream.publish([event(number)._replace(partition=number % 2) for number in range(400)])
    stream.start_worker()
    stream.wait_for_decisions(400)
    # Events that nobody has decided yet, and some that are asked for.
    stream.workers[0].terminate()
    stream.publish([event(number)._replace(partition=0) for number in range(400, 450)])
    report = replayed(stream, "--offsets", "0:50-219", "--offsets", "1:10-10", "--report-only")
    assert (report["events"], report["compared"], report["live_missing"]) == (171, 151, 20)
    assert report["outcomes"]["none"]["allow"] == 20

    beyond = stream.command("replay", "--offsets", "0:200-250", "--out-prefix", f"{stream.name}.other.")
    assert beyond.returncode == 1
    assert "--create-topics" in beyond.stderr


async def publish_at(stream: Stream, moments: Mapping[int, Sequence[int]]) -> None:
    """Publish an event of each time to its partition; its id is both their numbers."""
    async with AIOKafkaProducer(bootstrap_servers=stream.bootstrap, linger_ms=100, compression_type="gzip") as producer:
        for partition, times in moments.items():
            for place, moment in enumerate(times):
                number = 100 * partition + place
                sent = event(number)
                await producer.send(stream.events, sent.value, sent.key, partition=partition, timestamp_ms=moment)


def test_a_stretch_by_times_ends_before_the_first_event_of_its_end_in_each_partition(narrow_stream: Stream) -> None:
    stream = narrow_stream
    since = int(time.time() * 1000) - 3_600_000
    end = since + 60_000
    moments = {
        # What stands behind the first event of the end is not of the stretch, whatever its own time.
        0: [since - 3_600_000, since - 1, since, since, since + 1, end - 1, end, end + 1, end - 1, end + 60_000],
        # Nothing is as late as the end, until more comes.
        1: [since - 1, since + 7, end - 2, end - 1],
    }
    asyncio.run(publish_at(stream, moments))
    first, last = (datetime.fromtimestamp(each / 1000, UTC).isoformat(timespec="milliseconds") for each in (since, end))
    within = {100 * partition + place for partition in moments for place in range(6 if partition == 0 else 4)}

    prefix = f"{stream.name}.again."
    assert replayed_here(stream, "--until", last, "--out-prefix", prefix, "--create-topics")["events"] == len(within)
    assert decided(stream, prefix) == sorted(within)

    prefix = f"{stream.name}.bounded."
    within -= {0, 1, 100}
    replayed_here(stream, "--since", first, "--until", last, "--out-prefix", prefix, "--create-topics")
    assert decided(stream, prefix) == sorted(within)
    assert replayed_here(stream, "--since", "90m", "--until", last, "--report-only")["events"] == len(within) + 2


def replayed_here(stream: Stream, *arguments: str) -> dict[str, Any]:
    """Replay within the process of the test, which has loaded it all, and leave aiokafka as it was."""
    own = {name: getattr(fetcher, name) for name in ("MemoryRecords", "PartitionRecords", "FetchResult")}
    with patch.multiple(fetcher, **own):
        said = ran("replay", *arguments, "--json", "-", env=stream.environment)
    assert said.exit_code == 0, said.stderr
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def decided(stream: Stream, prefix: str) -> list[int]:
    """Give the ids of the events of which a replay has written a decision, each as often as it has."""
    raw = stream.read(f"{prefix}{stream.decisions}")
    return sorted(int(each.json()["data"]["event"]["id"]) for each in raw)
