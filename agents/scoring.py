"""The scoring agent: takes record batches, has them processed in a thread and published, and acknowledges them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from time import monotonic, time
from typing import Any, Final

from sluicegate.agents.batch import RecordBatch, record_size
from sluicegate.agents.books import Books
from sluicegate.agents.flood import DeadLetterWatch
from sluicegate.agents.health import Health
from sluicegate.agents.outcome import Outcome
from sluicegate.agents.pipeline import Pipeline
from sluicegate.agents.publisher import Publisher
from sluicegate.agents.transport import Consumer

__all__ = ["ScoringAgent"]

_LOG: Final = logging.getLogger("sluicegate.scoring")

#: Batches that may be on their way to the broker while the next one is processed.
_PUBLISHING_MOST = 4


class ScoringAgent:
    """Scores and decides the batches of a stream.

    A batch is acknowledged when the broker has acknowledged all that follows from it, and not before.

    Parameters
    ----------
    pipeline
        Processes a batch.
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
    """

    def __init__(
        self,
        pipeline: Pipeline,
        publisher: Publisher,
        books: Books,
        health: Health,
        watch: DeadLetterWatch,
        fail: Callable[[BaseException], None],
    ) -> None:
        self._pipeline = pipeline
        self._publisher = publisher
        self._books = books
        self._health = health
        self._watch = watch
        self._fail = fail
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="pipeline")
        self._publishing = asyncio.Semaphore(_PUBLISHING_MOST)
        self._finishing: set[asyncio.Task[None]] = set()

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
        if self._health.halted:
            await asyncio.Event().wait()
        if not consumer.begin(batch):
            return
        self._books.taken(len(batch.records), sum(map(record_size, batch.records)))
        loop = asyncio.get_running_loop()
        outcome = await loop.run_in_executor(self._executor, self._pipeline.process, batch, datetime.now(UTC))
        await self._publishing.acquire()
        began = monotonic()
        delivered = await self._publisher.send(outcome.outputs, batch.partition)

        async def finish() -> None:
            try:
                await delivered
                self._finished(outcome, monotonic() - began)
                await stream.ack(event)
            except Exception as error:
                self._fail(error)
                raise
            finally:
                self._publishing.release()

        task = loop.create_task(finish())
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    def _finished(self, outcome: Outcome, publish_seconds: float) -> None:
        self._books.finished(outcome, publish_seconds, time())
        counts = outcome.counts
        if self._watch.add(monotonic(), counts.consumed, counts.dead_lettered.total()) and not self._health.halted:
            self._health.halted = (
                f"stopped consuming: more than {self._watch.share:.0%} of the stream were dead letters for "
                f"{self._watch.window:g} s; mend the publisher, then restart the worker"
            )
            _LOG.critical(self._health.halted)
