"""Reads part of a partition without a group: nothing is joined, and no offset is committed."""

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError
from faust.types import TP

from sluicegate.agents.batch import StoredRecord
from sluicegate.agents.broker import BrokerUnavailable, client_arguments
from sluicegate.agents.fetching import BROKER_WAIT_MS, fetch_round
from sluicegate.agents.log.fetched import read_by_batches
from sluicegate.agents.reading import read_any_header_name
from sluicegate.agents.replay.stretch import StretchError
from sluicegate.agents.settings import Settings

__all__ = ["PartitionReader", "past_consumer"]

#: Bytes that one fetch brings of a partition.
_FETCH_BYTES: Final = 2**20
_WAIT_SECONDS: Final = 0.5
#: Without an answer for so long, though there is more, the broker counts as away.
_SILENT_SECONDS: Final = 30.0


class _Flowing:
    """Records are always wanted: who reads the past asks when there is room."""

    flow_active = True


_FLOWING: Final = _Flowing()


def past_consumer(settings: Settings) -> AIOKafkaConsumer:
    """Make a consumer of committed records that belongs to no group; for the caller to start and stop."""
    read_any_header_name()
    read_by_batches()
    return AIOKafkaConsumer(
        client_id="sluicegate-replay",
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",
        max_partition_fetch_bytes=_FETCH_BYTES,
        fetch_max_wait_ms=BROKER_WAIT_MS,
        **client_arguments(settings),
    )


class PartitionReader:
    """Reads one partition from an offset to another, a run of records at a time.

    Parameters
    ----------
    consumer
        Started; it reads nothing else meanwhile.
    topic, partition
        What is read.
    first, end
        The first offset, and the one behind the last.
    """

    def __init__(self, consumer: Any, topic: str, partition: int, first: int, end: int) -> None:
        self.end = end
        self.position = first
        self._consumer = consumer
        self._tp = TP(topic, partition)
        asked = TopicPartition(topic, partition)
        consumer.assign([asked])
        consumer.seek(asked, first)

    async def read(self, most_records: int) -> Sequence[StoredRecord]:
        """Give the next records, at most so many; none only at the end.

        Raises
        ------
        StretchError
            Where retention has deleted what was to be read.
        BrokerUnavailable
            Where the broker falls silent: its client would try for ever.
        """
        silence = 0.0
        while self.position < self.end:
            try:
                found = await fetch_round(self._consumer, _FLOWING, {self._tp}, most_records, _WAIT_SECONDS)
            except OffsetOutOfRangeError as error:
                raise StretchError(
                    f"partition {self._tp.partition} of {self._tp.topic} was read as far as offset {self.position}, "
                    "and retention has deleted what follows; begin later"
                ) from error
            # Not by the last record: the offsets before an end may hold none, as markers of transactions.
            before, self.position = self.position, found.positions.get(self._tp, self.position)
            records = found.records.get(self._tp, ())
            if records and records[-1].offset >= self.end:
                records = records[: bisect_left(records, self.end, key=attrgetter("offset"))]
            if records:
                return records
            # By the number of looks: whoever was stopped meanwhile has not waited.
            silence = silence + _WAIT_SECONDS if self.position == before else 0.0
            if silence >= _SILENT_SECONDS:
                raise BrokerUnavailable(
                    f"the brokers gave nothing of {self._tp.topic}, partition {self._tp.partition}, for "
                    f"{_SILENT_SECONDS:g} s, though there is more behind offset {self.position}; see whether they are "
                    "well, and run the replay again: it gives the same ids"
                )
        return ()
