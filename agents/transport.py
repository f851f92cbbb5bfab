"""The record-batch transport: a Faust transport that delivers one message for a batch of raw records of one partition.

It stands on private parts of Faust and aiokafka, which tests/contract holds one by one. What it replaces, and why:
Faust makes four tasks for every single message, sleeps a whole second when its buffers are full, and commits past
messages that are still in flight.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Final, cast

from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from sluicegate.agents.batch import RecordBatch, message_of, split
from sluicegate.agents.committing import PromptCommits
from sluicegate.agents.consumer_thread import FETCH_TIMEOUT, ConsumerThread, RebalanceListener
from sluicegate.agents.fetching import Assignment, Fetched
from sluicegate.agents.offset_questions import OffsetQuestions
from sluicegate.agents.tracking import OffsetTracker
from sluicegate.agents.transactions import TransactionalPublisher
from sluicegate.agents.unconnected_producer import UnconnectedProducer

__all__ = ["Consumer", "DrainDeadlineError", "Transport"]

_LOG: Final = logging.getLogger("sluicegate.worker")

#: Batches of all partitions that may wait for the agent when more is fetched: while one round waits, the next gathers,
#: and what has gathered is one batch.
_WAITING_MOST = 1
_WENT_BACK = (
    "the offsets of partitions {} of the events went back: the topic was made anew or lost its end; "
    "start the worker again, and it goes on with what is there"
)


class DrainDeadlineError(Exception):
    """Work in flight was not acknowledged in time when its partitions were taken away."""


class OffsetsWentBackError(Exception):
    """A partition's offsets began anew under a running worker: what it holds there is not what it has read."""


class Consumer(OffsetQuestions, PromptCommits):
    """Delivers record batches of the partitions assigned now, and commits what is acknowledged."""

    RebalanceListener: ClassVar[type[driver.ConsumerRebalanceListener]] = RebalanceListener
    _thread: ConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.tracker: OffsetTracker[TP] = OffsetTracker()
        self.assigned_now: Assignment | None = None
        self.commits = 0
        self.rebalances = 0
        self._accepted: Assignment | None = None
        self._room = asyncio.Event()
        self._quiet = asyncio.Event()
        self._given_up = False
        super().__init__(*args, **kwargs)
        self._batching = cast("Transport", self.transport)

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    def fail(self, error: BaseException) -> None:
        """End the process; may be called from any thread."""
        self._batching.fail(error)

    async def _drain_messages(self, fetcher: Any) -> None:
        stopped = self._stopped.is_set
        fetcher_stopped = fetcher._stopped.is_set
        try:
            while not (stopped() or fetcher_stopped()):
                if not await self._may_fetch():
                    continue
                # A copy: the thread goes through them while a rebalance changes Faust's own set here.
                fetched = await self._thread.fetch(set(self._get_active_partitions()), self._batching.batch_max)
                if fetched.assignment is not None and await self._accepts(fetched.assignment):
                    await self._deliver(fetched)
        except self.consumer_stopped_errors:
            if not self.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.app.should_stop:
                raise

    async def _may_fetch(self) -> bool:
        if not self.flow_active:
            await self.wait_first(self.can_resume_flow.wait())
        while not self._has_room() and self.flow_active and not self.should_stop:
            self._room.clear()
            await self.wait_first(self._room.wait(), self.suspend_flow.wait())
        if not self._get_active_partitions():
            # An empty set would mean all partitions to aiokafka.
            await self.wait_first(self.suspend_flow.wait(), timeout=FETCH_TIMEOUT)
            return False
        return self.flow_active and not self.should_stop

    def _has_room(self) -> bool:
        held = self.tracker.held_bytes
        # Where nothing is held there is room for anything, or nothing would ever be read.
        return self.tracker.waiting < _WAITING_MOST and (
            not held or held + self._batching.batch_bytes <= self._batching.buffer_bytes
        )

    async def _accepts(self, assignment: Assignment) -> bool:
        # The thread may have fetched for an assignment whose callback has not arrived here yet. Such records must not
        # be dropped: the position of their partition is already past them.
        while assignment is not self._accepted or not self.flow_active:
            if not assignment.active or self.should_stop:
                return False
            await self.wait_first(self.can_resume_flow.wait(), timeout=FETCH_TIMEOUT)
            await self.sleep(0)
        return True

    async def _deliver(self, fetched: Fetched) -> None:
        epoch = self.tracker.epoch
        begins = fetched.positions | {tp: records[0].offset for tp, records in fetched.records.items()}
        gone_back = sorted(tp.partition for tp, offset in begins.items() if not self.tracker.is_next(tp, offset))
        if gone_back:
            self.fail(OffsetsWentBackError(_WENT_BACK.format(", ".join(map(str, gone_back)))))
            await asyncio.Event().wait()
        runs = [
            (tp, run, size)
            for tp, records in fetched.records.items()
            for run, size in split(records, self._batching.batch_max, self._batching.batch_bytes)
        ]
        for left, (tp, run, size) in zip(reversed(range(len(runs))), runs, strict=True):
            if self.tracker.epoch != epoch:
                return
            ticket = self.tracker.deliver(tp, run[0].offset, run[-1].offset + 1, run[0].timestamp, size)
            batch = RecordBatch(tp.topic, tp.partition, run, ticket, more=left > 0)
            await self.callback(message_of(tp, batch, self.app.consumer_generation_id))
        if self.tracker.epoch == epoch:
            for tp, position in fetched.positions.items():
                self.tracker.note_position(tp, position)

    def begin(self, batch: RecordBatch) -> bool:
        """Take a batch up; False where its partition has been taken away since, and it must be left alone."""
        begun = batch.ticket is not None and self.tracker.start(batch.ticket)
        self._room.set()
        return begun

    def ack(self, message: Any) -> bool:
        """Note that all that follows from a batch is written."""
        message.acked = True
        acknowledged = self.tracker.acknowledge(message.value.ticket)
        self._room.set()
        self.acknowledged.set()
        if not self.tracker.in_flight:
            self._quiet.set()
        return acknowledged

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Begin a new assignment, unless the worker is stopping."""
        if self.app.should_stop:
            # Faust would close the client here, in another thread than its own, and it could not leave its group.
            return
        # Before any record of them is taken up: what a worker had when it was killed can be read off its log.
        numbers = ", ".join(str(tp.partition) for tp in sorted(assigned))
        _LOG.info("consuming %s", f"partitions {numbers}" if numbers else "no partition")
        self.tracker.assign(assigned)
        self._accepted = self.assigned_now
        self.rebalances += 1
        await super().on_partitions_assigned(assigned, generation_id)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Finish what is in flight, commit it, then forget the assignment."""
        if self.app.should_stop:
            # As the stop does beside this; Faust would close the client under it, and nothing would be committed.
            await self.wait_empty()
        else:
            await super().on_partitions_revoked(revoked)
        if self._batching.transactions is not None:
            await self._batching.transactions.release()
        self._accepted = None
        self.tracker.release()
        self._room.set()

    async def perform_seek(self) -> None:
        """Do nothing: a new assignment begins at the committed offsets by itself."""

    def give_up(self) -> None:
        """Wait for nothing in flight any more: the worker is failing, and it may never be acknowledged."""
        self._given_up = True
        self._quiet.set()

    async def wait_empty(self) -> None:
        """Wait until nothing is in flight, then commit.

        Raises
        ------
        DrainDeadlineError
            Where it takes longer than the deadline; nothing unacknowledged is committed.
        """
        self.tracker.stop_starting()
        deadline = self._batching.in_flight_deadline
        try:
            async with asyncio.timeout(deadline):
                while self.tracker.in_flight and not self._given_up:
                    self._quiet.clear()
                    await self._quiet.wait()
        except TimeoutError:
            late = DrainDeadlineError(
                f"{self.tracker.in_flight} batches were in flight for more than {deadline:g} s when partitions were "
                "taken away; they will be processed again"
            )
            if self._batching.transactions is not None:
                # Before the process ends they might come to the producer that a later assignment has of their
                # partition, and be committed beside what is decided then.
                self._batching.transactions.break_off(late)
            self.fail(late)
            raise
        # One that is under way began before the last batch was acknowledged, and ours would only wait for it to end.
        await self.maybe_wait_for_commit_to_finish()
        await self.commit_and_end_transactions()

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:  # noqa: ARG002
        """Commit what is acknowledged; an offset counts as committed only when the broker has said so."""
        epoch = self.tracker.epoch
        offsets = self.tracker.committable()
        if not offsets or not await self._commit(offsets):
            return False
        if self.tracker.epoch == epoch:
            self.tracker.committed(offsets)
        self.commits += 1
        return True

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        transactions = self._batching.transactions
        if transactions is None:
            return bool(await super()._commit(offsets))
        # What is acknowledged was committed with what follows from it; what is left are offsets without a record.
        await transactions.commit({tp.partition: offset for tp, offset in offsets.items()})
        return True


class Transport(driver.Transport):
    """The transport of ``records://`` URLs.

    Attributes
    ----------
    client_arguments
        How aiokafka connects.
    connect
        Starts a client, and waits for brokers that have gone.
    batch_max, batch_bytes
        Bounds of a batch, in records and bytes.
    buffer_bytes
        Bytes of records that may be read and not finished; one batch always may.
    in_flight_deadline
        Seconds that work in flight has when partitions are taken away.
    fail
        Ends the process with an error; may be called from any thread.
    transactions
        Commits the offsets, where that is done in transactions.
    """

    Consumer: ClassVar[type[driver.Consumer]] = Consumer
    Producer: ClassVar[type[driver.Producer]] = UnconnectedProducer

    client_arguments: Mapping[str, Any]
    connect: Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]
    batch_max: int
    batch_bytes: int
    buffer_bytes: int
    in_flight_deadline: float
    fail: Callable[[BaseException], None]
    transactions: TransactionalPublisher | None
