"""The scoring agent: takes record batches, has them processed in a thread and published, and acknowledges them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from time import monotonic, time
from typing import Any, Final, Protocol, runtime_checkable

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.books import Books
from sluicegate.agents.flood import DeadLetterWatch
from sluicegate.agents.health import Health
from sluicegate.agents.outcome import Outcome
from sluicegate.agents.publisher import OutcomePublisher, Written
from sluicegate.agents.rounds import WaitingBatches
from sluicegate.agents.transport import Consumer

__all__ = ["ROUNDS_MOST", "TRANSACTION_ROUNDS_MOST", "JointProcessor", "Processor", "ScoringAgent"]

_LOG: Final = logging.getLogger("sluicegate.scoring")

#: Rounds that may be with the thread: one in it, and one behind it so that it never waits for the loop. With more the
#: same events would be in more and smaller rounds, each of which costs and takes its turn.
_PROCESSING_MOST: Final = 2

#: A round within these bounds is processed in the loop where the thread is idle: it takes some milliseconds (the worst
#: that was found some 50), about as long as the two take to hand it over to each other.
_SMALL_RECORDS: Final = 200
_SMALL_BYTES: Final = 128 * 1024

#: Rounds that may be taken up and not finished: some are on their way to the broker.
ROUNDS_MOST: Final = 6
#: The same where rounds are finished by a transaction only. With few of them the events of a quiet stream, which come
#: in small rounds, would wait for the end of one transaction and then for that of the next; buffers bound large ones.
TRANSACTION_ROUNDS_MOST: Final = 64


class Processor(Protocol):
    """Processes a batch, as a pipeline does."""

    def process(self, batch: RecordBatch, now: datetime) -> Outcome:
        """Decide every record of a batch or make it a dead letter."""


@runtime_checkable
class JointProcessor(Protocol):
    """Processes batches of several partitions for little more than one costs."""

    def process_together(self, batches: Sequence[RecordBatch], now: datetime) -> Outcome:
        """Decide every record of some batches or make it a dead letter; what follows is ready to be sent."""


class ScoringAgent:
    """Scores and decides the batches of a stream, those of all partitions that wait at a time in one round.

    A batch is acknowledged when the broker has acknowledged all that follows from its round, and not before.

    Parameters
    ----------
    pipeline
        Processes batches; another may take its place at any time, and does so between two rounds.
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
    most_records, most_bytes
        What is processed at a time, at the most; a larger batch is a round of its own.
    most_rounds
        Rounds that are taken up and not finished, at the most.

    Attributes
    ----------
    unfinished
        Rounds that are taken up and not finished.
    """

    def __init__(
        self,
        pipeline: Processor,
        publisher: OutcomePublisher,
        books: Books,
        health: Health,
        watch: DeadLetterWatch,
        fail: Callable[[BaseException], None],
        most_records: int,
        most_bytes: int,
        most_rounds: int = ROUNDS_MOST,
    ) -> None:
        self.pipeline = pipeline
        self._publisher = publisher
        self._books = books
        self._health = health
        self._watch = watch
        self._fail = fail
        self._waiting = WaitingBatches(most_records, most_bytes)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="pipeline")
        self._room = asyncio.Semaphore(most_rounds)
        self._thread_room = asyncio.Semaphore(_PROCESSING_MOST)
        self._with_thread = 0
        self._turn = asyncio.Lock()
        self._failing = False
        self.unfinished: set[asyncio.Task[None]] = set()

    async def run(self, stream: Any) -> None:
        """Take every batch of a Faust stream, as the function of a Faust agent."""
        taking = asyncio.get_running_loop().create_task(self._take_rounds(stream))
        try:
            async for event in stream.noack().events():
                self._waiting.add(event)
            self._waiting.end()
            await taking
        except Exception as error:
            self._fail(error)
            raise
        finally:
            taking.cancel()

    async def _take_rounds(self, stream: Any) -> None:
        try:
            while await self._waiting.wait():
                await self._room.acquire()
                await self._thread_room.acquire()
                if self._health.halted:
                    await asyncio.Event().wait()
                self._take_round(stream)
                # What was processed here is handed over before the next round is: nothing else need wait for both.
                await asyncio.sleep(0)
        except Exception as error:
            self._fail(error)
            raise

    def _take_round(self, stream: Any) -> None:
        consumer: Consumer = stream.app.consumer
        events = self._waiting.take(consumer.begin)
        if not events:
            self._thread_room.release()
            self._room.release()
            return
        batches: list[RecordBatch] = [event.value for event in events]
        for batch in batches:
            self._books.taken(len(batch.records), batch.size)
        task = asyncio.get_running_loop().create_task(self._finish(stream, events, self._start(batches)))
        self.unfinished.add(task)
        task.add_done_callback(self.unfinished.discard)

    def _start(self, batches: Sequence[RecordBatch]) -> Awaitable[list[Outcome]]:
        loop = asyncio.get_running_loop()
        if self._with_thread == 0 and isinstance(self.pipeline, JointProcessor) and _are_small(batches):
            self._thread_room.release()
            processed: asyncio.Future[list[Outcome]] = loop.create_future()
            try:
                processed.set_result(self._process(batches))
            except Exception as error:  # noqa: BLE001 - raised where it is awaited
                processed.set_exception(error)
            return processed
        self._with_thread += 1
        processing = loop.run_in_executor(self._executor, self._process, batches)
        processing.add_done_callback(self._left_thread)
        return processing

    def _left_thread(self, _: object) -> None:
        self._with_thread -= 1
        self._thread_room.release()

    def _process(self, batches: Sequence[RecordBatch]) -> list[Outcome]:
        # Read once: whatever takes its place meanwhile, this round is decided by the one.
        pipeline, now = self.pipeline, datetime.now(UTC)
        if isinstance(pipeline, JointProcessor):
            return [pipeline.process_together(batches, now)]
        return [pipeline.process(batch, now) for batch in batches]

    async def _finish(self, stream: Any, events: Sequence[Any], processing: Awaitable[list[Outcome]]) -> None:
        try:
            # The lock is given in the order in which it was asked for, so rounds are handed over as they were taken.
            async with self._turn:
                if self._failing:
                    # Nothing may be written past a batch that was not: its events would be decided after these.
                    return
                outcomes = await processing
                began = monotonic()
                delivered = await self._publisher.send(_written([event.value for event in events], outcomes))
            await delivered
            for outcome in outcomes:
                self._finished(outcome, monotonic() - began)
            for event in events:
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


def _written(batches: Sequence[RecordBatch], outcomes: Sequence[Outcome]) -> Iterator[Written]:
    """Give what follows from the batches of a round: of each its own outcome, or one of all of them."""
    read_to = {batch.partition: batch.records[-1].offset + 1 for batch in batches}
    for batch, outcome in zip(batches, outcomes, strict=False):
        if outcome.ready is None:
            yield Written(batch.partition, outcome.outputs, batch.records[-1].offset + 1)
        else:
            yield from (Written(number, ready, read_to[number]) for number, ready in outcome.ready.items())


def _are_small(batches: Sequence[RecordBatch]) -> bool:
    return (
        sum(len(batch.records) for batch in batches) <= _SMALL_RECORDS
        and sum(batch.size for batch in batches) <= _SMALL_BYTES
    )
