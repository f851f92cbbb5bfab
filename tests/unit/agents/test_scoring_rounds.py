"""The scoring agent processes batches in rounds, in the loop or in its thread, and hands these over in their order."""

import asyncio
import threading
import weakref
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.books import Books
from sluicegate.agents.flood import DeadLetterWatch
from sluicegate.agents.health import Health
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.outcome import Outcome
from sluicegate.agents.publisher import Written
from sluicegate.agents.scoring import ScoringAgent
from sluicegate.agents.tracking import OffsetTracker
from tests.unit.agents.batches import Record
from tests.unit.agents.scored import (
    RECORD,
    BatchStream,
    KeepingPublisher,
    RoundPipeline,
    as_far_as_it_goes,
    run_rounds,
)


@pytest.mark.parametrize(
    ("records", "bounds", "expected"),
    [
        (10, (1_000, 2**20), [[0, 1, 2, 3, 4, 5, 6]]),
        (10, (30, 2**20), [[0, 1, 2], [3, 4, 5], [6]]),
        (10, (29, 2**20), [[0, 1], [2, 3], [4, 5], [6]]),
        (10, (1_000, 40), [[0, 1], [2, 3], [4, 5], [6]]),
        (10, (9, 2**20), [[0], [1], [2], [3], [4], [5], [6]]),
    ],
)
def test_batches_that_wait_are_processed_together_within_the_bounds(
    records: int, bounds: tuple[int, int], expected: list[list[int]]
) -> None:
    pipeline, stream = RoundPipeline(), BatchStream(7, records)
    publisher, failures = asyncio.run(run_rounds(pipeline, stream, *bounds))
    assert pipeline.rounds == expected
    assert publisher.handed == stream.acknowledged == list(range(7))
    assert not failures


def test_a_batch_whose_partition_was_taken_away_is_left_out_of_its_round() -> None:
    pipeline, stream = RoundPipeline(), BatchStream(7, 10)
    stream.revoked = {0, 3, 4}
    asyncio.run(run_rounds(pipeline, stream, 20, 2**20))
    assert pipeline.rounds == [[1, 2], [5, 6]]
    assert stream.acknowledged == [1, 2, 5, 6]
    assert stream.begun == list(range(7)), "each is asked about once"


def test_no_batch_of_a_round_is_acknowledged_where_one_failed() -> None:
    pipeline, stream = RoundPipeline(failing=3), BatchStream(7, 10)
    publisher, failures = asyncio.run(run_rounds(pipeline, stream, 20, 2**20))
    assert publisher.handed == stream.acknowledged == [0, 1]
    assert failures == ["defect"]


def test_all_that_was_fetched_together_is_waited_for() -> None:
    pipeline, stream = RoundPipeline(), BatchStream(6, 10, together=3)
    asyncio.run(run_rounds(pipeline, stream, 1_000, 2**20))
    assert pipeline.rounds == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(("records", "most_bytes", "here"), [(100, 2**20, True), (101, 2**20, False)])
def test_a_small_round_is_processed_in_the_loop_and_a_larger_one_in_the_thread(
    records: int, most_bytes: int, here: bool
) -> None:
    pipeline = RoundPipeline()
    asyncio.run(run_rounds(pipeline, BatchStream(2, records, together=2), 1_000, most_bytes))
    assert pipeline.rounds == [[0, 1]]
    assert (pipeline.threads == [threading.get_ident()]) == here


def test_a_small_round_of_large_records_is_processed_in_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{BatchStream.__module__}.RECORD", Record(b"x" * 40_000))
    pipeline = RoundPipeline()
    asyncio.run(run_rounds(pipeline, BatchStream(4, together=4), 1_000, 2**20))
    assert pipeline.threads != [threading.get_ident()]


def test_a_small_round_is_not_processed_beside_one_that_is_in_the_thread() -> None:
    pipeline = RoundPipeline()

    class Stream(BatchStream):
        async def events(self) -> AsyncIterator[Any]:
            pipeline.may_go_on.clear()
            yield SimpleNamespace(value=RecordBatch("events", 0, [RECORD] * 201))
            await as_far_as_it_goes()
            yield SimpleNamespace(value=RecordBatch("events", 1, [RECORD]))
            await as_far_as_it_goes()
            assert pipeline.rounds in ([], [[0]])
            pipeline.may_go_on.set()

    stream = Stream(2)
    publisher, failures = asyncio.run(run_rounds(pipeline, stream, 1_000, 2**20))
    assert pipeline.rounds == [[0], [1]]
    assert len(set(pipeline.threads)) == 1
    assert publisher.handed == stream.acknowledged == [0, 1]
    assert not failures


def test_what_was_processed_in_the_loop_is_handed_over_before_the_next_round_but_one_is_processed() -> None:
    stream, handed = BatchStream(6), list[int]()

    class Pipeline(RoundPipeline):
        def process_together(self, batches: Sequence[RecordBatch], now: datetime) -> Outcome:
            handed.append(len(publisher.handed))
            return super().process_together(batches, now)

    class Publisher(KeepingPublisher):
        async def send(self, written: Iterable[Written]) -> Awaitable[None]:
            self.handed += [each.partition for each in written]
            return asyncio.sleep(0)

    publisher = Publisher()

    async def run() -> None:
        watch, pipeline = DeadLetterWatch(1.0, 1.0, 1), Pipeline()
        agent = ScoringAgent(pipeline, publisher, Books(Metrics()), Health(), watch, pytest.fail, 1, 2**20)  # type: ignore[arg-type]
        async with asyncio.timeout(10):
            await agent.run(stream)
            await asyncio.gather(*agent.unfinished)

    asyncio.run(run())
    assert handed == list(range(6))


def test_a_halted_worker_keeps_no_batches_of_assignments_that_have_ended() -> None:
    tracker, health, kept = OffsetTracker[int](), Health(halted="a flood"), list[weakref.ref[Any]]()

    class Event(SimpleNamespace):
        """One that can be looked at without being kept."""

    class Stream(BatchStream):
        async def events(self) -> AsyncIterator[Any]:
            for _ in range(30):
                tracker.assign([0, 1])
                for partition in (0, 1):
                    ticket: Any = tracker.deliver(partition, 0, 1, 0, 2)
                    event = Event(value=RecordBatch("events", partition, [RECORD], ticket))
                    kept.append(weakref.ref(event))
                    yield event
                    await as_far_as_it_goes()
            del event

    async def run() -> int:
        watch = DeadLetterWatch(1.0, 1.0, 1)
        books, bounds = Books(Metrics()), (1_000, 2**20)
        agent = ScoringAgent(RoundPipeline(), KeepingPublisher(), books, health, watch, pytest.fail, *bounds)  # type: ignore[arg-type]
        running = asyncio.create_task(agent.run(Stream(0)))
        while len(kept) < 60 and not running.done():
            await as_far_as_it_goes()
        await as_far_as_it_goes()
        held = sum(reference() is not None for reference in kept)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return held

    assert asyncio.run(run()) == 2
