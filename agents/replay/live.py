"""The live decisions and dead letters of one partition, read forward beside its events."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from aiokafka import TopicPartition

from sluicegate.agents.columnar.records import value_spans
from sluicegate.agents.replay.reading import PartitionReader
from sluicegate.models.comparison import Verdict, read_verdict
from sluicegate.schemas import read_error_headers

__all__ = ["LiveDeadLetters", "LiveDecisions"]

#: An event is decided after it was written; so much may the clocks differ that say so.
_CLOCKS_DIFFER: Final = timedelta(minutes=1)
_CHUNK: Final = 2_000


class LiveDecisions:
    """The decisions that were written since an event was.

    Attributes
    ----------
    complete
        Whether none of them can have been deleted by retention.
    """

    def __init__(self, reader: PartitionReader, *, complete: bool) -> None:
        self.complete = complete
        self._reader = reader

    @classmethod
    async def since(cls, consumer: Any, topic: str, partition: int, timestamp: int) -> "LiveDecisions":
        """Begin with those that were written from a moment on, in milliseconds since the epoch."""
        reader, complete = await _reader_since(consumer, topic, partition, timestamp)
        return cls(reader, complete=complete)

    async def read_on(self) -> Sequence[Verdict]:
        """Give the next ones, in their order; none at the end."""
        while records := await self._reader.read(_CHUNK):
            verdicts = [read_verdict(value) for value in value_spans(records).contents() if value is not None]
            if found := [verdict for verdict in verdicts if verdict is not None]:
                return found
        return ()


class LiveDeadLetters:
    """The dead letters that were written since an event was, by the offsets of their events.

    Parameters
    ----------
    reader
        Of the topic of dead letters.
    events_topic
        Whose records they are: others may write there as well.
    partition
        Of the events.
    """

    def __init__(self, reader: PartitionReader, events_topic: str, partition: int) -> None:
        self._reader = reader
        self._topic = events_topic
        self._partition = partition
        self._ahead: set[int] = set()
        self._seen = -1

    @classmethod
    async def since(
        cls, consumer: Any, topic: str, events_topic: str, partition: int, timestamp: int
    ) -> "LiveDeadLetters":
        """Begin with those that were written from a moment on, in milliseconds since the epoch."""
        reader, _ = await _reader_since(consumer, topic, partition, timestamp)
        return cls(reader, events_topic, partition)

    async def between(self, first: int, last: int) -> set[int]:
        """Give the offsets of dead letters among a run of events behind all that was asked for before.

        Those of a partition first come in the order of their events, so nothing is read past the first that is behind.
        """
        while self._seen <= last and (records := await self._reader.read(_CHUNK)):
            for record in records:
                told = read_error_headers(record.headers)
                if told is not None and (told.topic, told.partition) == (self._topic, self._partition):
                    self._seen = max(self._seen, told.offset)
                    if told.offset >= first:
                        self._ahead.add(told.offset)
        found = {offset for offset in self._ahead if offset <= last}
        self._ahead -= found
        return {offset for offset in found if offset >= first}


async def _reader_since(consumer: Any, topic: str, partition: int, timestamp: int) -> tuple[PartitionReader, bool]:
    """Give a reader, and whether nothing that was written since can have been deleted."""
    tp = TopicPartition(topic, partition)
    since = max(0, timestamp - _CLOCKS_DIFFER // timedelta(milliseconds=1))
    begin, end = (await consumer.beginning_offsets([tp]))[tp], (await consumer.end_offsets([tp]))[tp]
    at = (await consumer.offsets_for_times({tp: since}))[tp]
    first = end if at is None else max(at.offset, begin)
    return PartitionReader(consumer, topic, partition, first, end), begin == 0 or first > begin
