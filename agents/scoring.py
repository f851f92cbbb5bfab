"""The scoring agent: takes record batches, has them processed in a thread and published, and acknowledges them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from time import monotonic, time
from typing import Any, Final, Protocol

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.books import Books
from sluicegate.agents.flood import DeadLetterWatch
from sluicegate.agents.health import Health
from sluicegate.agents.outcome import Outcome
from sluicegate.agents.publisher import Publisher
from sluicegate.agents.transport import Consumer

__all__ = ["Processor", "ScoringAgent"]

_LOG: Final = logging.getLogger("sluicegate.scoring")

#: Batches that may be with the thread: one in it, and one behind it so that it never waits for the loop. With more the
#: same events would be in more and smaller batches, each of which costs and takes its turn.
_PROCESSING_MOST: Final = 2

#: Batches that may be taken up and not finished: some are on their way to the broker.
_IN_FLIGHT_MOST: Final = 6


class Processor(Protocol):
    """Processes a batch, as a pipeline does."""

    def process(self, batch: RecordBatch, now: datetime) -> Outcome:
        """Decide every record of a batch or make it a dead letter."""


class ScoringAgent:
    """Scores and decides the batches of a stream.

    A batch is acknowledged when the broker has acknowledged all that follows from it, and not before.

    Parameters
    ----------
    pipeline
        Processes batches; another may take its place at any time, and does so between two batches.
    publisher
        Writes what follows from it.
    books
        The metrics.
    health
        Told when the agent stops consuming.
    watch
        Notices a flood of dead letters.
    fail
        Ends the process.

    Attributes
    ----------
    unfinished
        Batches that are taken up and not finished.
    """

    def __init__(
        self,
        pipeline: Processor,
        publisher: Publisher,
        books: Books,
        health: Health,
        watch: DeadLetterWatch,
        fail: Callable[[BaseException], None],
    ) -> None:
        self.pipeline = pipeline
        self._publisher = publisher
        self._books = books
        self._health = health
        self._watch = watch
        self._fail = fail
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="pipeline")
        self._room = asyncio.Semaphore(_IN_FLIGHT_MOST)
        self._thread_room = asyncio.Semaphore(_PROCESSING_MOST)
        self._turn = asyncio.Lock()
        self._failing = False
        self.unfinished: set[asyncio.Task[None]] = set()

    async def run(self, stream: Any) -> None:
        """Take every batch of a Faust stream, as the function of a Faust agent."""
        try:
            events: AsyncIterator[Any] = stream.noack().events()
            async for event in events:
                await self._take(stream, event)
        except Exception as error:
            self._fail(error)
            raise

    async def _take(self, stream: Any, event: Any) -> None:
        batch: RecordBatch = event.value
        consumer: Consumer = stream.app.consumer
        await self._room.acquire()
        await self._thread_room.acquire()
        if self._health.halted:
            await asyncio.Event().wait()
        if not consumer.begin(batch):
            self._thread_room.release()
            self._room.release()
            return
        self._books.taken(len(batch.records), batch.size)
        loop = asyncio.get_running_loop()
        processing = loop.run_in_executor(self._executor, self._process, batch)
        processing.add_done_callback(lambda _: self._thread_room.release())
        task = loop.create_task(self._finish(stream, event, processing))
        self.unfinished.add(task)
        task.add_done_callback(self.unfinished.discard)

    def _process(self, batch: RecordBatch) -> Outcome:
        # Read once: whatever takes its place meanwhile, this batch is decided by the one.
        return self.pipeline.process(batch, datetime.now(UTC))

    async def _finish(self, stream: Any, event: Any, processing: Awaitable[Outcome]) -> None:
        try:
            # The lock is given in the order in which it was asked for, so batches are handed over as they were taken.
            async with self._turn:
                if self._failing:
                    # Nothing may be written past a batch that was not: its events would be decided after these.
                    return
                outcome = await processing
                began = monotonic()
                delivered = await self._publisher.send(
                    outcome.outputs if outcome.ready is None else outcome.ready, event.value.partition
                )
            await delivered
            self._finished(outcome, monotonic() - began)
            await stream.ack(event)
        except Exception as error:  # noqa: BLE001 - ends the process
            self._failing = True
            self._fail(error)
        finally:
            self._room.release()

    def _finished(self, outcome: Outcome, publish_seconds: float) -> None:
        self._books.finished(outcome, publish_seconds, time())
        counts = outcome.counts
        if self._watch.add(monotonic(), counts.consumed, counts.dead_lettered.total()) and not self._health.halted:
            self._health.halted = (
                f"stopped consuming: more than {self._watch.share:.0%} of the stream were dead letters for "
                f"{self._watch.window:g} s; mend the publisher, then restart the worker"
            )
            _LOG.critical(self._health.halted)
