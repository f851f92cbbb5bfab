"""The publisher: sends all that follows from a batch as ready-made record batches, and says when it is written.

One idempotent producer, whose batches to a partition are written in the order they were handed over, or not at all.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from time import time
from typing import Any, Final, NamedTuple, Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError, UnknownTopicOrPartitionError

from sluicegate.agents.connecting import is_connected, look_for_brokers
from sluicegate.agents.log.codec import CODECS, Codec, CodecName
from sluicegate.agents.log.ready_batch import ReadyBatch
from sluicegate.agents.log.topic_records import TopicRecords
from sluicegate.agents.outcome import Output

__all__ = [
    "NotWrittenError",
    "OutcomePublisher",
    "Publisher",
    "Sent",
    "Written",
    "all_delivered",
    "batch_bytes",
    "create_producer",
    "hand_over",
    "hand_over_all",
    "ready_by_topic",
]

#: Bytes of a record batch before compression, at the most; a larger record goes alone.
_BATCH_BYTES: Final = 512 * 1024
_REQUEST_TIMEOUT_MS: Final = 10_000
#: Seconds from one question where a topic is to the next, while no broker answers.
_ASK_SECONDS: Final = 0.1


class Written(NamedTuple):
    """What is to be written to one partition of several topics.

    Attributes
    ----------
    partition
        Its number, in every topic.
    outputs
        Records, each topic's in the order they are to be written in; or batches of them, by topic.
    read_to
        The offset behind the events that they follow from, in the input's partition of this number; None where none is
        to be committed with them.
    """

    partition: int
    outputs: Sequence[Output] | Mapping[str, Sequence[ReadyBatch]]
    read_to: int | None = None


class Sent(NamedTuple):
    """A batch that was handed to a producer."""

    topic: str
    partition: int
    delivery: asyncio.Future[Any]


class NotWrittenError(Exception):
    """The broker does not take what follows from events; the text says where to, why, and what to do."""

    def __init__(self, topic: str, partition: int, error: KafkaError) -> None:
        self.topic = topic
        super().__init__(
            f"{topic}, partition {partition}, does not take what was to be written ({type(error).__name__}); run "
            "`sluicegate topics check`, mend what it names, and see whether the partition has a leader: nothing behind "
            "it is committed, and the worker's next start writes it"
        )
        self.partition = partition


class OutcomePublisher(Protocol):
    """Writes what follows from batches, and says when it is written."""

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End, with what is handed over."""

    @property
    def connected(self) -> bool:
        """Whether any broker is connected."""

    def look_for_brokers(self) -> None:
        """Connect again, where none is connected and nothing is to be written either."""

    async def send(self, written: Iterable[Written]) -> Awaitable[None]:
        """Hand records over.

        Parameters
        ----------
        written
            In the order in which they are to be written.

        Returns
        -------
        awaitable
            Done when the broker has acknowledged all of them; raises what made that impossible. Records handed over
            later to the same partitions are written behind these.
        """


class Publisher:
    """An idempotent producer of ready-made batches; the offsets are for others to commit, once they are written.

    Parameters
    ----------
    client_arguments
        How aiokafka connects.
    least_max_bytes, most_max_bytes
        What the topics take in a record batch: that which takes least, and that which takes most. Whoever hands a
        record over has checked that its topic takes it, since what the broker refuses leaves an idempotent producer
        dead for its partition.
    compression
        Of the batches that are made of records here.

    Attributes
    ----------
    batch_bytes
        What a batch may hold before compression, with its header; a larger record goes alone.
    """

    def __init__(
        self,
        client_arguments: Mapping[str, Any],
        least_max_bytes: int,
        most_max_bytes: int,
        compression: CodecName = "snappy",
    ) -> None:
        self.batch_bytes = batch_bytes(least_max_bytes)
        self._codec = CODECS[compression]
        self._producer = create_producer(client_arguments, most_max_bytes)
        self._started = False

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()
        self._started = True

    async def stop(self) -> None:
        """Send what is handed over, and disconnect."""
        if self._started:
            await self._producer.stop()

    @property
    def connected(self) -> bool:
        """Whether any broker is connected."""
        return is_connected(self._producer)

    def look_for_brokers(self) -> None:
        """Connect again, as :meth:`OutcomePublisher.look_for_brokers` says."""
        look_for_brokers(self._producer)

    async def send(self, written: Iterable[Written]) -> Awaitable[None]:
        """Hand records over, as :meth:`OutcomePublisher.send` says."""
        # One after the other: there are many topics, and a task for each costs more than it can save.
        sent: list[Sent] = []
        for each in written:
            sent += await hand_over_all(self._producer, each, self.batch_bytes, self._codec)
        return all_delivered(sent)


def batch_bytes(least_max_bytes: int) -> int:
    """Give what a batch may hold before compression, where the topics take no more than so many bytes."""
    return min(_BATCH_BYTES, least_max_bytes)


def create_producer(client_arguments: Mapping[str, Any], most_max_bytes: int, **transactions: Any) -> AIOKafkaProducer:
    """Make an idempotent producer of ready-made batches of up to so many bytes, not connected yet."""
    return AIOKafkaProducer(
        **client_arguments,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_request_size=most_max_bytes + _BATCH_BYTES,
        request_timeout_ms=_REQUEST_TIMEOUT_MS,
        **transactions,
    )


async def hand_over_all(
    producer: AIOKafkaProducer, written: Written, most_bytes: int, codec: Codec, *, transactional: bool = False
) -> list[Sent]:
    """Give a producer all that is to be written to a partition.

    Parameters
    ----------
    producer
        Takes it, in order.
    written
        Records are made into batches of at most ``most_bytes``, compressed by ``codec``.
    transactional
        Whether the producer is in a transaction.

    Raises
    ------
    NotWrittenError
        Where the producer takes no more.
    """
    partition, outputs, _ = written
    ready = outputs if isinstance(outputs, Mapping) else ready_by_topic(outputs, most_bytes, codec)
    sent = []
    for topic, batches in ready.items():
        for batch in batches:
            if transactional:
                batch.make_transactional()
            sent.append(Sent(topic, partition, await _hand_over_where_it_is(producer, batch, topic, partition)))
    return sent


async def _hand_over_where_it_is(
    producer: AIOKafkaProducer, batch: ReadyBatch, topic: str, partition: int
) -> asyncio.Future[Any]:
    while True:
        away = not is_connected(producer)
        try:
            await _know(producer, topic, partition)
            return await hand_over(producer, batch, topic, partition)
        except UnknownTopicOrPartitionError as error:
            # Before the first batch to a topic the brokers are asked where it is. While none is there nobody can
            # tell: nothing was handed over.
            if not away and is_connected(producer):
                raise NotWrittenError(topic, partition, error) from error
            await asyncio.sleep(_ASK_SECONDS)
        except KafkaError as error:
            raise NotWrittenError(topic, partition, error) from error


async def _know(producer: AIOKafkaProducer, topic: str, partition: int) -> None:
    """Have the brokers asked for a partition that the producer does not know: it asks every five minutes only.

    Raises
    ------
    UnknownTopicOrPartitionError
        Where they do not know it either; aiokafka itself would say no more than that an assertion failed.
    """
    known = producer.client.cluster.partitions_for_topic(topic)
    # Of a topic that is not known aiokafka asks by itself.
    if known is not None and partition not in known:
        await producer.client.force_metadata_update()
        if partition not in await producer.partitions_for(topic):
            raise UnknownTopicOrPartitionError


async def hand_over(producer: AIOKafkaProducer, batch: ReadyBatch, topic: str, partition: int) -> asyncio.Future[Any]:
    """Give a batch to a producer, however long the one before it takes; what comes back is done when it is written."""
    while True:
        try:
            delivery: asyncio.Future[Any] = await producer.send_batch(batch, topic, partition=partition)
        except KafkaTimeoutError:
            # The batch before it is still on its way, as it is while the broker is away: nothing was handed over.
            continue
        return delivery


def ready_by_topic(outputs: Sequence[Output], most_bytes: int, codec: Codec) -> dict[str, list[ReadyBatch]]:
    """Make batches of records, those of each topic in their order.

    Of an event the decision comes last, and so does the topic of decisions: whoever sees one can find its task.
    """
    timestamp = int(time() * 1000)
    by_topic: dict[str, TopicRecords] = {}
    for topic, key, value, headers in outputs:
        if topic not in by_topic:
            by_topic[topic] = TopicRecords(timestamp, most_bytes)
        by_topic[topic].append(key, value, headers)
    last = {output.topic: place for place, output in enumerate(outputs)}
    return {topic: by_topic[topic].finish(codec) for topic in sorted(by_topic, key=last.__getitem__)}


async def all_delivered(sent: Sequence[Sent]) -> None:
    """Wait until the broker has acknowledged all of them.

    Raises
    ------
    NotWrittenError
        Where it took one not.
    """
    try:
        await asyncio.gather(*(each.delivery for each in sent))
    except KafkaError as error:
        refused = next(each for each in sent if _failed_with(each.delivery, error))
        raise NotWrittenError(refused.topic, refused.partition, error) from error


def _failed_with(delivery: asyncio.Future[Any], error: KafkaError) -> bool:
    return delivery.done() and not delivery.cancelled() and delivery.exception() is error
