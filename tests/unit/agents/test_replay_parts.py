"""The parts of a replay: which part of the past, where it goes, and how live decisions are found in bounded memory."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.agents.broker import BrokerUnavailable
from sluicegate.agents.replay import Stretch, StretchError, TargetError, Targets
from sluicegate.agents.replay.joining import Decided, PartitionJoin, Windows
from sluicegate.agents.replay.reading import PartitionReader
from sluicegate.agents.replay.targets import prepared
from sluicegate.agents.settings import load_settings
from sluicegate.models.comparison import ReplayReport, ReplayTally, Verdict
from sluicegate.policy import default_policy_path, load_policy
from sluicegate.schemas import Provenance

MODEL, POLICY = Provenance("made", "1", "sha256:1"), Provenance("rules", "1", "sha256:2")
SMALL = Windows(ahead=20, waiting=20, passed=200, overtaken=10)


def verdict(number: int, outcome: str = "allow") -> Verdict:
    return Verdict(f"d-{number}", outcome, "rule", None, None, None, ("spam",), (0.25,), MODEL, POLICY, False)


class Live:
    """Live decisions, a few at a time."""

    def __init__(self, numbers: Iterable[int], chunk: int = 3) -> None:
        self._left = [verdict(number) for number in numbers]
        self._chunk = chunk

    async def read_on(self) -> Sequence[Verdict]:
        found, self._left = self._left[: self._chunk], self._left[self._chunk :]
        return found


def joined(
    live: Iterable[int], replayed: Iterable[int], *, complete: bool = True, windows: Windows = SMALL, batch: int = 5
) -> tuple[ReplayReport, int]:
    """Join, and give the report and how many decisions were held at the most."""
    tally = ReplayTally()
    join = PartitionJoin(0, tally, Live(live).read_on, complete=complete, windows=windows)
    decided = [Decided(offset, verdict(number)) for offset, number in enumerate(replayed)]

    async def add_all() -> int:
        held = 0
        for start in range(0, len(decided), batch):
            await join.add(decided[start : start + batch])
            held = max(held, join.held)
        return held

    held = asyncio.run(add_all())
    join.finish()
    return tally.report(), held


def test_all_are_found_where_both_hold_the_same() -> None:
    report, _ = joined(range(1_000), range(1_000))
    assert (report.compared, report.same, report.live_missing, report.live_only) == (1_000, 1_000, 0, 0)


def test_what_was_decided_before_the_stretch_is_passed_over_however_much_it_is() -> None:
    report, held = joined(range(1_000), range(900, 1_000))
    assert (report.compared, report.live_missing, report.live_only) == (100, 0, 0)
    assert held < 60


def test_decisions_that_retention_took_count_as_missing_and_those_behind_are_found() -> None:
    report, held = joined(range(600, 1_000), range(1_000), complete=False)
    assert (report.compared, report.live_missing) == (400, 600)
    assert held < 60


def test_events_that_were_never_decided_are_missing_and_hide_no_others() -> None:
    report, held = joined((n for n in range(1_000) if not 300 <= n < 700), range(1_000))
    assert (report.compared, report.live_missing) == (600, 400)
    assert held < 60


def test_live_decisions_of_events_that_are_not_decided_now_are_counted() -> None:
    report, held = joined(range(1_000), (n for n in range(1_000) if n % 10))
    assert (report.compared, report.live_missing, report.live_only) == (900, 0, 99)
    assert held < 60


def test_of_repeated_decisions_and_events_the_first_counts() -> None:
    tally = ReplayTally()
    live = [verdict(1, "review"), verdict(1, "allow"), verdict(2)]

    async def read_on() -> Sequence[Verdict]:
        found = live[:]
        live.clear()
        return found

    join = PartitionJoin(0, tally, read_on, complete=True)
    asyncio.run(join.add([Decided(5, verdict(1)), Decided(6, verdict(1)), Decided(7, verdict(2))]))
    join.finish()
    report = tally.report()
    assert (report.decided, report.repeated, report.compared, report.live_repeated) == (3, 1, 2, 1)
    assert report.outcomes["review"] == {"allow": 1, "review": 0, "act": 0, "dead letter": 0}
    (example,) = report.examples
    assert (example.decision_id, example.partition, example.offset) == ("d-1", 0, 5)


@settings(deadline=None)
@given(
    count=st.integers(1, 300),
    crashes=st.lists(st.tuples(st.integers(0, 299), st.integers(1, 8)), max_size=6),
    lost=st.sets(st.integers(0, 299), max_size=8),
)
def test_crashes_and_holes_within_the_windows_cost_no_pair(
    count: int, crashes: list[tuple[int, int]], lost: set[int]
) -> None:
    back = dict(crashes)
    live: list[int] = []
    for number in range(count):
        live += [number] if number not in lost else []
        # A worker that crashed goes back to what is committed, and decides that again.
        live += [each for each in range(max(0, number - back.get(number, 0)), number) if each not in lost]
    report, held = joined(live, range(count))
    assert report.compared == len(set(live))
    assert report.live_missing == count - len(set(live))
    assert held < 80


@pytest.mark.parametrize(
    ("since", "until", "offsets", "said"),
    [
        (None, None, [], "say which part"),
        ("yesterday", None, [], "is no time"),
        ("2026-11-22T07:00:00", None, [], "has no zone"),
        ("2026-11-22T07:00:00Z", "2026-11-22T07:00:00Z", [], "is not before"),
        ("2026-11-22T07:00:00Z", None, ["0:1-2"], "not both"),
        (None, None, ["0:1"], "partition:from-to"),
        (None, None, ["0:5-1"], "is behind"),
        (None, None, ["0:1-5", "0:7-9"], "twice"),
    ],
)
def test_a_part_of_the_past_that_says_nothing_is_refused(
    since: str | None, until: str | None, offsets: list[str], said: str
) -> None:
    with pytest.raises(StretchError, match=said):
        Stretch.parse(since, until, offsets)


def test_a_part_of_the_past_is_read_with_its_zone() -> None:
    stretch = Stretch.parse("2026-11-22T07:00:00+02:00", None, [])
    assert stretch.since == datetime(2026, 11, 22, 5, tzinfo=UTC)
    assert Stretch.parse(None, None, ["3:10-19", "0:0-0"]).offsets == {3: (10, 19), 0: (0, 0)}


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({}, "say where to write"),
        ({"decisions": "x"}, "--dead-letters-topic, --review-prefix as well"),
        ({"prefix": ""}, "belongs to the running deployment"),
        ({"prefix": "x.", "review_prefix": "review."}, "belongs to the running deployment"),
        ({"prefix": "x.", "review_prefix": "review.replayed."}, "belongs to the running deployment"),
        ({"prefix": "x.", "decisions": "review.fraud.0"}, "belongs to the running deployment"),
        ({"prefix": "x.", "decisions": "content.events"}, "is read by the running deployment"),
        ({"prefix": "x.", "decisions": "content.events.dlq.redriven"}, "is read by the running deployment"),
        ({"prefix": "x.", "decisions": "y", "dead_letters": "y"}, "cannot both go to y"),
        ({"prefix": "x" * 249}, "too long"),
        ({"prefix": "bad topic!"}, "'bad topic!content.decisions' cannot be the name of a topic: it must be made of"),
        ({"prefix": "x.", "review_prefix": "tasks "}, "'tasks ' cannot be what the names of review topics begin with"),
        ({"prefix": "x.", "review_prefix": "x" * 151}, "at most 150 of them"),
    ],
)
def test_topics_of_the_running_deployment_are_refused(named: dict[str, Any], said: str) -> None:
    with pytest.raises(TargetError, match=said):
        Targets.named(load_settings(), **named)


def test_a_prefix_stands_before_the_live_names_and_live_topics_may_be_written_to_when_told_so() -> None:
    live = load_settings()
    named = Targets.named(live, "replay.", dead_letters="elsewhere")
    assert named == Targets("replay.content.decisions", "elsewhere", "replay.review.")
    assert named.settings(live).review_prefix == "replay.review."
    assert Targets.named(live, "", into_live=True).decisions == live.decisions_topic
    with pytest.raises(TargetError, match="is read by"):
        Targets.named(live, "", decisions=live.events_topic, into_live=True)


def test_tasks_that_would_go_to_a_topic_that_is_read_are_refused_before_a_broker_is_asked() -> None:
    policy = load_policy(default_policy_path())
    live = load_settings(events_topic=policy.review_topics("tasks.")[0])
    targets = Targets.named(live, "replay.", review_prefix="tasks.", into_live=True)
    with pytest.raises(TargetError, match="is read by the running deployment"):
        prepared(cast(Any, None), live, targets, policy, 1, create=False)


class SilentFetcher:
    """A fetcher whose broker never answers."""

    def __init__(self) -> None:
        self._closed = False
        self._subscriptions = SimpleNamespace(fetch_context=nullcontext)
        self.asked = 0

    async def fetched_records(self, *_: Any, **__: Any) -> dict[Any, Any]:
        self.asked += 1
        await asyncio.sleep(0)
        return {}


def test_a_broker_that_falls_silent_ends_the_reading_with_a_sentence() -> None:
    fetcher = SilentFetcher()
    consumer = SimpleNamespace(
        _fetcher=fetcher,
        _closed=False,
        _subscription=SimpleNamespace(subscription=SimpleNamespace(assignment=None)),
        assign=lambda _: None,
        seek=lambda *_: None,
    )
    reader = PartitionReader(consumer, "content.events", 3, 10, 20)
    with pytest.raises(BrokerUnavailable, match=r"nothing of content\.events, partition 3, for 30 s.* offset 10"):
        asyncio.run(asyncio.wait_for(reader.read(100), 10))
    assert fetcher.asked >= 60
