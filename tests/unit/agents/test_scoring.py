"""The scoring agent processes batches in rounds, hands these over in their order, and nothing past one that failed."""

import asyncio
import threading
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.books import Books
from sluicegate.agents.flood import DeadLetterWatch
from sluicegate.agents.health import Health
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.outcome import Counts, Outcome, Output
from sluicegate.agents.publisher import Written
from sluicegate.agents.scoring import ScoringAgent
from sluicegate.agents.tracking import OffsetTracker
from tests.unit.agents.batches import Record

RECORD = Record(b"{}")


class _Pipeline:
    """Gives one output for a batch, its partition's number as text; fails at one partition."""

    def __init__(self, failing: int | None) -> None:
        self._failing = failing

    def process(self, batch: RecordBatch, now: datetime) -> Outcome:
        if batch.partition == self._failing:
            raise RuntimeError("defect")
        output = Output("decisions", None, str(batch.partition).encode(), ())
        return Outcome([output], Counts(), np.zeros(0, dtype=np.int64), [], {})


class _Publisher:
    """Keeps what is handed over."""

    def __init__(self) -> None:
        self.handed: list[int] = []

    async def send(self, written: Iterable[Written]) -> Awaitable[None]:
        # A later round would overtake here, were it let in.
        await asyncio.sleep(0)
        self.handed += [each.partition for each in written]
        return asyncio.sleep(0)


class _Stream:
    """A stream of batches, as Faust hands one to an agent."""

    def __init__(self, batches: int, records: int = 1, together: int = 1) -> None:
        self._batches = batches
        self._records = records
        self._together = together
        self.acknowledged: list[int] = []
        self.app = SimpleNamespace(consumer=SimpleNamespace(begin=self._begin))
        self.revoked: set[int] = set()
        self.begun: list[int] = []

    def _begin(self, batch: RecordBatch) -> bool:
        self.begun.append(batch.partition)
        return batch.partition not in self.revoked

    def noack(self) -> "_Stream":
        return self

    async def events(self) -> AsyncIterator[Any]:
        for number in range(self._batches):
            more = (number + 1) % self._together > 0
            yield SimpleNamespace(value=RecordBatch("events", number, [RECORD] * self._records, more=more))
            if self._together > 1:
                await _as_far_as_it_goes()

    async def ack(self, event: Any) -> None:
        self.acknowledged.append(event.value.partition)


async def _as_far_as_it_goes() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def _run(batches: int, failing: int | None) -> tuple[_Publisher, _Stream, list[BaseException]]:
    publisher, stream, failures = _Publisher(), _Stream(batches), list[BaseException]()

    def fail(error: BaseException) -> None:
        failures.append(error)

    books, watch = Books(Metrics()), DeadLetterWatch(1.0, 1.0, 1)
    # Of one record at a time: each batch is a round of its own.
    agent = ScoringAgent(_Pipeline(failing), publisher, books, Health(), watch, fail, 1, 2**20)  # type: ignore[arg-type]
    async with asyncio.timeout(10):
        await agent.run(stream)
        await asyncio.gather(*agent.unfinished)
    return publisher, stream, failures


def test_batches_are_handed_over_in_the_order_they_were_taken_up() -> None:
    publisher, stream, failures = asyncio.run(_run(20, failing=None))
    assert publisher.handed == list(range(20))
    assert sorted(stream.acknowledged) == list(range(20))
    assert not failures


class _Swapping:
    """Gives its name as the output of a batch; has another take its place while it is at the batch of a number."""

    def __init__(self, name: str, number: int = -1, swap: Callable[[], None] = lambda: None) -> None:
        self._name = name
        self._number = number
        self._swap = swap

    def process(self, batch: RecordBatch, now: datetime) -> Outcome:
        if batch.partition == self._number:
            self._swap()
        output = Output("decisions", None, self._name.encode(), ())
        return Outcome([output] * 3, Counts(), np.zeros(0, dtype=np.int64), [], {})


class _Keeping(_Publisher):
    """Keeps the values that are handed over, those of a batch together."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[set[bytes | None]] = []

    async def send(self, written: Iterable[Written]) -> Awaitable[None]:
        kept = list(written)
        self.values += [{output.value for output in outputs if isinstance(output, Output)} for _, outputs, _ in kept]
        return await super().send(kept)


def test_another_pipeline_takes_its_place_between_two_batches() -> None:
    async def run() -> list[set[bytes | None]]:
        publisher = _Keeping()
        books, watch = Books(Metrics()), DeadLetterWatch(1.0, 1.0, 1)
        old = _Swapping("old")
        agent = ScoringAgent(old, publisher, books, Health(), watch, pytest.fail, 1, 2**20)  # type: ignore[arg-type]

        def swap() -> None:
            agent.pipeline = _Swapping("new")

        agent.pipeline = _Swapping("old", 7, swap)
        stream = _Stream(20)
        async with asyncio.timeout(10):
            await agent.run(stream)
            await asyncio.gather(*agent.unfinished)
        assert sorted(stream.acknowledged) == list(range(20))
        return publisher.values

    # The batch that was under way is the old one's, whole.
    assert asyncio.run(run()) == [{b"old"}] * 8 + [{b"new"}] * 12


def test_nothing_is_handed_over_past_a_batch_that_failed() -> None:
    publisher, stream, failures = asyncio.run(_run(20, failing=3))
    assert publisher.handed == [0, 1, 2]
    assert stream.acknowledged == [0, 1, 2]
    assert [str(failure) for failure in failures] == ["defect"]


class _Together:
    """Notes which partitions' batches come together; fails at one partition."""

    def __init__(self, failing: int | None = None) -> None:
        self.rounds: list[list[int]] = []
        self.threads: list[int] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self._failing = failing

    def process(self, batch: RecordBatch, now: datetime) -> Outcome:
        pytest.fail("batches that can be processed together were not")

    def process_together(self, batches: Sequence[RecordBatch], now: datetime) -> Outcome:
        self.rounds.append([batch.partition for batch in batches])
        self.threads.append(threading.get_ident())
        assert self.may_go_on.wait(10)
        if self._failing in self.rounds[-1]:
            raise RuntimeError("defect")
        ready: dict[int, Any] = {batch.partition: {} for batch in batches}
        return Outcome([], Counts(), np.zeros(0, dtype=np.int64), [], {}, ready=ready)


async def _run_together(
    pipeline: _Together, stream: _Stream, most_records: int, most_bytes: int
) -> tuple[_Publisher, list[str]]:
    publisher, failures, watch = _Publisher(), list[str](), DeadLetterWatch(1.0, 1.0, 1)

    def fail(error: BaseException) -> None:
        failures.append(str(error))

    books, bounds = Books(Metrics()), (most_records, most_bytes)
    agent = ScoringAgent(pipeline, publisher, books, Health(), watch, fail, *bounds)  # type: ignore[arg-type]
    async with asyncio.timeout(10):
        await agent.run(stream)
        await asyncio.gather(*agent.unfinished)
    return publisher, failures


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
    pipeline, stream = _Together(), _Stream(7, records)
    publisher, failures = asyncio.run(_run_together(pipeline, stream, *bounds))
    assert pipeline.rounds == expected
    assert publisher.handed == stream.acknowledged == list(range(7))
    assert not failures


def test_a_batch_whose_partition_was_taken_away_is_left_out_of_its_round() -> None:
    pipeline, stream = _Together(), _Stream(7, 10)
    stream.revoked = {0, 3, 4}
    asyncio.run(_run_together(pipeline, stream, 20, 2**20))
    assert pipeline.rounds == [[1, 2], [5, 6]]
    assert stream.acknowledged == [1, 2, 5, 6]
    assert stream.begun == list(range(7)), "each is asked about once"


def test_no_batch_of_a_round_is_acknowledged_where_one_failed() -> None:
    pipeline, stream = _Together(failing=3), _Stream(7, 10)
    publisher, failures = asyncio.run(_run_together(pipeline, stream, 20, 2**20))
    assert publisher.handed == stream.acknowledged == [0, 1]
    assert failures == ["defect"]


def test_all_that_was_fetched_together_is_waited_for() -> None:
    pipeline, stream = _Together(), _Stream(6, 10, together=3)
    asyncio.run(_run_together(pipeline, stream, 1_000, 2**20))
    assert pipeline.rounds == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(("records", "most_bytes", "here"), [(100, 2**20, True), (101, 2**20, False)])
def test_a_small_round_is_processed_in_the_loop_and_a_larger_one_in_the_thread(
    records: int, most_bytes: int, here: bool
) -> None:
    pipeline = _Together()
    asyncio.run(_run_together(pipeline, _Stream(2, records, together=2), 1_000, most_bytes))
    assert pipeline.rounds == [[0, 1]]
    assert (pipeline.threads == [threading.get_ident()]) == here


def test_a_small_round_of_large_records_is_processed_in_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.RECORD", Record(b"x" * 40_000))
    pipeline = _Together()
    asyncio.run(_run_together(pipeline, _Stream(4, together=4), 1_000, 2**20))
    assert pipeline.threads != [threading.get_ident()]


def test_a_small_round_is_not_processed_beside_one_that_is_in_the_thread() -> None:
    pipeline = _Together()

    class Stream(_Stream):
        async def events(self) -> AsyncIterator[Any]:
            pipeline.may_go_on.clear()
            yield SimpleNamespace(value=RecordBatch("events", 0, [RECORD] * 201))
            await _as_far_as_it_goes()
            yield SimpleNamespace(value=RecordBatch("events", 1, [RECORD]))
            await _as_far_as_it_goes()
            assert pipeline.rounds in ([], [[0]])
            pipeline.may_go_on.set()

    stream = Stream(2)
    publisher, failures = asyncio.run(_run_together(pipeline, stream, 1_000, 2**20))
    assert pipeline.rounds == [[0], [1]]
    assert len(set(pipeline.threads)) == 1
    assert publisher.handed == stream.acknowledged == [0, 1]
    assert not failures


def test_what_was_processed_in_the_loop_is_handed_over_before_the_next_round_but_one_is_processed() -> None:
    stream, handed = _Stream(6), list[int]()

    class Pipeline(_Together):
        def process_together(self, batches: Sequence[RecordBatch], now: datetime) -> Outcome:
            handed.append(len(publisher.handed))
            return super().process_together(batches, now)

    class Publisher(_Publisher):
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

    class Stream(_Stream):
        async def events(self) -> AsyncIterator[Any]:
            for _ in range(30):
                tracker.assign([0, 1])
                for partition in (0, 1):
                    ticket: Any = tracker.deliver(partition, 0, 1, 0, 2)
                    event = Event(value=RecordBatch("events", partition, [RECORD], ticket))
                    kept.append(weakref.ref(event))
                    yield event
                    await _as_far_as_it_goes()
            del event

    async def run() -> int:
        watch = DeadLetterWatch(1.0, 1.0, 1)
        agent = ScoringAgent(_Together(), _Publisher(), Books(Metrics()), health, watch, pytest.fail, 1_000, 2**20)  # type: ignore[arg-type]
        running = asyncio.create_task(agent.run(Stream(0)))
        while len(kept) < 60 and not running.done():
            await _as_far_as_it_goes()
        await _as_far_as_it_goes()
        held = sum(reference() is not None for reference in kept)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return held

    assert asyncio.run(run()) == 2
