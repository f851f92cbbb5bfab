"""The scoring agent hands batches over in their order, and nothing past one that failed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

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
from tests.unit.agents.scored import (
    BatchStream,
    KeepingPublisher,
    RowPipeline,
)


async def _run(batches: int, failing: int | None) -> tuple[KeepingPublisher, BatchStream, list[BaseException]]:
    publisher, stream, failures = KeepingPublisher(), BatchStream(batches), list[BaseException]()

    def fail(error: BaseException) -> None:
        failures.append(error)

    books, watch = Books(Metrics()), DeadLetterWatch(1.0, 1.0, 1)
    # Of one record at a time: each batch is a round of its own.
    agent = ScoringAgent(RowPipeline(failing), publisher, books, Health(), watch, fail, 1, 2**20)  # type: ignore[arg-type]
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


class _Keeping(KeepingPublisher):
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
        stream = BatchStream(20)
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
