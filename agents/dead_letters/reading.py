"""Reads a stretch of a topic as a stream, committed records only: what it holds at a time is one answer of a broker."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from sluicegate.agents.batch import StoredRecord
from sluicegate.agents.broker import client_arguments
from sluicegate.agents.connecting import disconnect
from sluicegate.agents.settings import Settings

__all__ = ["Extent", "ReadingError", "Run", "TopicReader"]

_FETCH_BYTES: Final = 4 * 2**20
_PARTITION_BYTES: Final = 2**20
_POLL_MS: Final = 500
#: Records of a run: what compresses well is many times as large as its answer, and is not taken apart all at once.
_RUN_MOST: Final = 2_000
#: Without a record for so long, though there are some, the broker counts as away.
_SILENT_SECONDS: Final = 30.0


class ReadingError(Exception):
    """A topic that cannot be read to its end; the text says which, why, and what to do."""


class Extent(NamedTuple):
    """A stretch of a partition: its first offset, and the one behind its last."""

    begin: int
    end: int


class Run(NamedTuple):
    """Records of one partition that follow each other."""

    partition: int
    records: Sequence[StoredRecord]


class TopicReader:
    """Reads one topic, as an asynchronous context.

    Parameters
    ----------
    settings
        How to reach the brokers.
    topic
        Which must exist.
    partitions
        How many it has.
    """

    def __init__(self, settings: Settings, topic: str, partitions: int) -> None:
        self._topic = topic
        self._brokers = ", ".join(settings.brokers)
        self._all = [TopicPartition(topic, number) for number in range(partitions)]
        self._consumer = AIOKafkaConsumer(
            **client_arguments(settings),
            client_id="sluicegate-dlq",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_bytes=_FETCH_BYTES,
            max_partition_fetch_bytes=_PARTITION_BYTES,
        )

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._told(self._consumer.start())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await disconnect(self._consumer.stop)

    async def extents(self) -> dict[int, Extent]:
        """Give what each partition holds now, up to the last record that is committed; those that hold any."""
        begins = await self._told(self._consumer.beginning_offsets(self._all))
        ends = await self._told(self._consumer.end_offsets(self._all))
        found = {each.partition: Extent(begins[each], ends[each]) for each in self._all}
        return {partition: extent for partition, extent in found.items() if extent.begin < extent.end}

    async def first_offsets(self, moment: int) -> dict[int, int]:
        """Give for each partition the first offset whose record was not written before a moment.

        Parameters
        ----------
        moment
            In milliseconds since the epoch.

        Returns
        -------
        dict of int to int
            Partitions without such a record are left out.
        """
        found = await self._told(self._consumer.offsets_for_times(dict.fromkeys(self._all, moment)))
        return {each.partition: place.offset for each, place in found.items() if place is not None}

    async def runs(self, extents: Mapping[int, Extent]) -> AsyncGenerator[Run, None]:
        """Read stretches to their ends, those of a partition in order.

        Parameters
        ----------
        extents
            Of which partitions, and from where to where.

        Raises
        ------
        ReadingError
            Where the broker refuses, or falls silent.
        """
        left = {TopicPartition(self._topic, partition): extent for partition, extent in extents.items()}
        self._consumer.assign(list(left))
        for place, extent in left.items():
            self._consumer.seek(place, extent.begin)
        silence = 0
        while left:
            found = await self._told(self._consumer.getmany(*left, timeout_ms=_POLL_MS, max_records=_RUN_MOST))
            # By the number of looks: whoever takes long over a run, or was stopped, has not waited.
            silence = 0 if found else silence + _POLL_MS
            for place, records in found.items():
                within = _before(records, left[place].end)
                if within:
                    yield Run(place.partition, within)
            # Also over offsets without a record: markers of transactions, and what was deleted meanwhile.
            for place in [each for each in left if await self._consumer.position(each) >= left[each].end]:
                self._consumer.pause(place)
                del left[place]
            if left and silence >= _SILENT_SECONDS * 1000:
                raise ReadingError(
                    f"{self._brokers} gave nothing of {self._topic} for {_SILENT_SECONDS:g} s, though there is more; "
                    "see whether the brokers are well, and run the command again"
                )

    async def _told(self, answer: Any) -> Any:
        try:
            return await answer
        except (TimeoutError, KafkaError) as error:
            why = str(error).strip().partition("\n")[0] or type(error).__name__
            raise ReadingError(
                f"{self._topic} cannot be read from {self._brokers} ({why}); mend that and run the command again"
            ) from error


def _before(records: Sequence[StoredRecord], end: int) -> Sequence[StoredRecord]:
    if records and records[-1].offset >= end:
        return records[: next(place for place, record in enumerate(records) if record.offset >= end)]
    return records
