"""What stands around a scoring agent in its tests: a stream of batches, pipelines, and a publisher."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
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
from tests.unit.agents.batches import Record

RECORD = Record(b"{}")


class RowPipeline:
    """Gives one output for a batch, its partition's number as text; fails at one partition."""

    def __init__(self, failing: int | None) -> None:
        self._failing = failing

    def process(self, batch: RecordBatch, now: datetime) -> Outcome:
        if batch.partition == self._failing:
            raise RuntimeError("defect")
        output = Output("decisions", None, str(batch.partition).encode(), ())
        return Outcome([output], Counts(), np.zeros(0, dtype=np.int64), [], {})


class KeepingPublisher:
    """Keeps what is handed over."""

    def __init__(self) -> None:
        self.handed: list[int] = []

    async def send(self, written: Iterable[Written]) -> Awaitable[None]:
        # A later round would overtake here, were it let in.
        await asyncio.sleep(0)
        self.handed += [each.partition for each in written]
        return asyncio.sleep(0)


class BatchStream:
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

    def noack(self) -> "BatchStream":
        return self

    async def events(self) -> AsyncIterator[Any]:
        for number in range(self._batches):
            more = (number + 1) % self._together > 0
            yield SimpleNamespace(value=RecordBatch("events", number, [RECORD] * self._records, more=more))
            if self._together > 1:
                await as_far_as_it_goes()

    async def ack(self, event: Any) -> None:
        self.acknowledged.append(event.value.partition)


async def as_far_as_it_goes() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class RoundPipeline:
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


async def run_rounds(
    pipeline: RoundPipeline, stream: BatchStream, most_records: int, most_bytes: int
) -> tuple[KeepingPublisher, list[str]]:
    publisher, failures, watch = KeepingPublisher(), list[str](), DeadLetterWatch(1.0, 1.0, 1)

    def fail(error: BaseException) -> None:
        failures.append(str(error))

    books, bounds = Books(Metrics()), (most_records, most_bytes)
    agent = ScoringAgent(pipeline, publisher, books, Health(), watch, fail, *bounds)  # type: ignore[arg-type]
    async with asyncio.timeout(10):
        await agent.run(stream)
        await asyncio.gather(*agent.unfinished)
    return publisher, failures
