"""Exactly once: what follows from events, and their offsets, in transactions, of one producer for each partition read.

The producer of a partition is started before its committed offset is read. That ends what a worker which had the
partition before left open, and fences it: whatever such a zombie still writes or commits is refused. With one producer
for a worker it would not be, since the fencing goes by the name of the producer and not by the partition.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import IllegalOperation, KafkaError
from aiokafka.structs import OffsetAndMetadata

from sluicegate.agents.connecting import is_connected, look_for_brokers
from sluicegate.agents.log.codec import CODECS, CodecName
from sluicegate.agents.permissions import transactional_prefix
from sluicegate.agents.publisher import (
    Sent,
    Written,
    all_delivered,
    batch_bytes,
    create_producer,
    hand_over_all,
)
from sluicegate.agents.transaction_faults import TIMEOUT_MS, TransactionError, fault_of, told

__all__ = ["TransactionalPublisher"]

#: Seconds that a worker which fails takes to take back what it has handed over and not committed.
_ABORT_SECONDS: Final = 1.0


class _Transaction:
    """What was handed over since the last commit: a transaction of each partition, all committed at a time."""

    def __init__(self) -> None:
        self.sent: dict[int, list[Sent]] = {}
        self.read_to: dict[int, int] = {}
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Who waits is told; nobody may.
        self.finished.add_done_callback(lambda finished: finished.cancelled() or finished.exception())


class TransactionalPublisher:
    """Writes what follows from events, and commits their offsets with it, every so often.

    Parameters
    ----------
    client_arguments
        How aiokafka connects.
    connect
        Starts a client, and waits for brokers that have gone.
    topic, group
        Of the events: whose offsets are committed, and for whom. Transactional ids are made of both and the partition.
    least_max_bytes, most_max_bytes, compression
        As of :class:`sluicegate.agents.publisher.Publisher`.
    interval
        Seconds from the first record of a transaction to its commit.
    fail
        Ends the process.
    """

    def __init__(
        self,
        client_arguments: Mapping[str, Any],
        connect: Callable[[Callable[[], Awaitable[None]]], Awaitable[None]],
        topic: str,
        group: str,
        least_max_bytes: int,
        most_max_bytes: int,
        compression: CodecName,
        interval: float,
        fail: Callable[[BaseException], None],
    ) -> None:
        self._client_arguments = client_arguments
        self._connect = connect
        self._topic, self._group = topic, group
        self._batch_bytes = batch_bytes(least_max_bytes)
        self._most_max_bytes = most_max_bytes
        self._codec = CODECS[compression]
        self._interval = interval
        self._fail = fail
        self._producers: dict[int, AIOKafkaProducer] = {}
        self._committed: dict[int, int] = {}
        self._open: _Transaction | None = None
        self._opened = asyncio.Event()
        self._failure: BaseException | None = None
        # Held while records are handed over, and while a transaction is committed: nothing comes in between.
        self._gate = asyncio.Lock()
        self._committing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; producers are started when partitions are assigned."""
        self._committing = asyncio.create_task(self._commit_regularly())

    async def stop(self) -> None:
        """Take back what is not committed, and disconnect."""
        if self._committing is not None:
            self._committing.cancel()
            await asyncio.wait([self._committing])
        self.break_off(TransactionError("the worker ends; what it has not committed is decided by the next"))
        await self._stop_producers()

    @property
    def connected(self) -> bool:
        """Whether any broker is connected, as far as one is needed."""
        return not self._producers or any(map(is_connected, self._producers.values()))

    def look_for_brokers(self) -> None:
        """Connect again, as :meth:`sluicegate.agents.publisher.OutcomePublisher.look_for_brokers` says."""
        if not self.connected:
            look_for_brokers(next(iter(self._producers.values())))

    async def assign(self, partitions: Iterable[int]) -> None:
        """Take partitions over: fence whoever had them before; to be done before their committed offsets are read."""
        await self.release()
        producers = {partition: self._create(partition) for partition in partitions}
        await asyncio.gather(*(self._connect(producer.start) for producer in producers.values()))
        self._producers = producers
        self._committed = {}

    async def release(self) -> None:
        """Commit what is handed over, and let all partitions go."""
        async with self._gate:
            await self._commit_open()
            await self._stop_producers()

    async def send(self, written: Iterable[Written]) -> Awaitable[None]:
        """Hand records over; done when the transaction they are in is committed, with the offsets behind their events.

        Raises
        ------
        FencedError, NotWrittenError
            Where a producer takes no more. Nothing of the transaction is committed then.
        """
        async with self._gate:
            transaction = self._transaction()
            try:
                for each in written:
                    await self._hand_over(transaction, each)
            except BaseException as error:  # noqa: BLE001 - raised again, as what it means
                # Part of what follows from some events must not be seen without the rest.
                fault = self.break_off(told(error, self._topic))
                raise fault from fault.__cause__
        return asyncio.shield(transaction.finished)

    async def commit(self, offsets: Mapping[int, int]) -> None:
        """Commit offsets that no transaction has committed yet, since no record lies before them."""
        ahead = {number: offset for number, offset in offsets.items() if offset > self._committed.get(number, -1)}
        if not ahead:
            return
        async with self._gate:
            # Those that were let go meanwhile are another's to commit.
            ours = {number: offset for number, offset in ahead.items() if number in self._producers}
            if not ours:
                return
            transaction = self._transaction()
            for number, offset in ours.items():
                await self._begin(transaction, number)
                transaction.read_to[number] = max(offset, transaction.read_to.get(number, -1))
        await asyncio.shield(transaction.finished)

    def break_off(self, error: Exception) -> Exception:
        """Commit nothing any more, and tell why to who waits for it or hands anything over.

        Parameters
        ----------
        error
            What ends the process.

        Returns
        -------
        Exception
            The same.
        """
        self._failure = self._failure or error
        transaction, self._open = self._open, None
        if transaction is not None:
            transaction.finished.set_exception(error)
        return error

    def _create(self, partition: int) -> AIOKafkaProducer:
        return create_producer(
            self._client_arguments,
            self._most_max_bytes,
            transactional_id=f"{transactional_prefix(self._group, self._topic)}{partition}",
            transaction_timeout_ms=TIMEOUT_MS,
        )

    def _transaction(self) -> _Transaction:
        if self._failure is not None:
            raise self._failure
        if self._open is None:
            self._open = _Transaction()
            self._opened.set()
        return self._open

    async def _begin(self, transaction: _Transaction, partition: int) -> AIOKafkaProducer:
        producer = self._producers[partition]
        if partition not in transaction.sent:
            await producer.begin_transaction()
            transaction.sent[partition] = []
        return producer

    async def _hand_over(self, transaction: _Transaction, written: Written) -> None:
        producer = await self._begin(transaction, written.partition)
        try:
            transaction.sent[written.partition] += await hand_over_all(
                producer, written, self._batch_bytes, self._codec, transactional=True
            )
        except IllegalOperation as error:
            fault = told(fault_of(producer, error), self._topic, written.partition)
            raise fault from fault.__cause__
        if written.read_to is not None:
            transaction.read_to[written.partition] = written.read_to

    async def _commit_regularly(self) -> None:
        while True:
            await self._opened.wait()
            self._opened.clear()
            await asyncio.sleep(self._interval)
            async with self._gate:
                await self._commit_open()

    async def _commit_open(self) -> None:
        transaction = self._open
        if transaction is None or self._failure is not None:
            return
        committing = [self._commit_one(transaction, partition) for partition in transaction.sent]
        failed = [
            each for each in await asyncio.gather(*committing, return_exceptions=True) if isinstance(each, Exception)
        ]
        if failed:
            self._fail(self.break_off(failed[0]))
        else:
            self._open = None
            self._committed |= transaction.read_to
            # Whoever broke off meanwhile has told those who wait.
            if not transaction.finished.done():
                transaction.finished.set_result(None)

    async def _commit_one(self, transaction: _Transaction, partition: int) -> None:
        producer = self._producers[partition]
        try:
            # The offsets go on their way beside the records; the transaction ends when the broker has both.
            await asyncio.gather(
                all_delivered(transaction.sent[partition]),
                producer.send_offsets_to_transaction(
                    {TopicPartition(self._topic, partition): OffsetAndMetadata(transaction.read_to[partition], "")},
                    self._group,
                ),
            )
            await producer.commit_transaction()
        except Exception as error:  # noqa: BLE001 - raised again, as what it means
            fault = told(fault_of(producer, error), self._topic, partition)
            raise fault from fault.__cause__

    async def _stop_producers(self) -> None:
        producers, self._producers = self._producers, {}
        await asyncio.gather(*map(_stop, producers.values()))


async def _stop(producer: AIOKafkaProducer) -> None:
    if producer._txn_manager.is_in_transaction():
        with suppress(KafkaError, TimeoutError):
            async with asyncio.timeout(_ABORT_SECONDS):
                await producer.abort_transaction()
    await producer.stop()
