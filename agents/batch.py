"""The record batch: what the transport hands to the scoring agent, raw records of one partition."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from faust.types import TP, ConsumerMessage
from numpy.typing import NDArray

from sluicegate.agents.log.records import StoredRecords
from sluicegate.agents.tracking import Ticket
from sluicegate.schemas import Headers

__all__ = ["RecordBatch", "StoredRecord", "message_of", "record_size", "split"]


class StoredRecord(Protocol):
    """A record as it was read from a partition."""

    @property
    def key(self) -> bytes | None:
        """The key as it came."""

    @property
    def value(self) -> bytes | None:
        """The value as it came."""

    @property
    def headers(self) -> Headers:
        """The headers as they came."""

    @property
    def offset(self) -> int:
        """Its offset in the partition."""

    @property
    def timestamp(self) -> int:
        """The broker's or the producer's timestamp, in milliseconds since the epoch."""


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """Records of one partition, in their order.

    Attributes
    ----------
    topic, partition
        Where they were read.
    records
        At least one.
    ticket
        By which the batch is taken up and acknowledged; None outside a stream.
    more
        Whether batches that were fetched with it follow at once.
    """

    topic: str
    partition: int
    records: Sequence[StoredRecord]
    ticket: Ticket[TP] | None = None
    more: bool = False

    @property
    def size(self) -> int:
        """Bytes of the records' keys, values and headers, which the ticket has since they were split."""
        return self.ticket.size if self.ticket is not None else int(_sizes(self.records).sum())


def record_size(record: StoredRecord) -> int:
    """Give the bytes of a record's key, value and headers."""
    size = len(record.key or b"") + len(record.value or b"")
    for name, content in record.headers or ():
        size += len(name) + len(content or b"")
    return size


def split(
    records: Sequence[StoredRecord], most_records: int, most_bytes: int
) -> list[tuple[Sequence[StoredRecord], int]]:
    """Cut records into runs within both bounds, each of at least one record.

    Parameters
    ----------
    records
        Records of one partition, in their order.
    most_records, most_bytes
        What a run holds at the most; a single larger record is a run of its own.

    Returns
    -------
    list of (records, bytes)
    """
    ends = np.cumsum(_sizes(records))
    runs: list[tuple[Sequence[StoredRecord], int]] = []
    first = before = 0
    while first < len(records):
        fitting = int(np.searchsorted(ends, before + most_bytes, side="right"))
        last = max(first + 1, min(first + most_records, fitting))
        behind = int(ends[last - 1])
        runs.append((records[first:last], behind - before))
        first, before = last, behind
    return runs


def _sizes(records: Sequence[StoredRecord]) -> NDArray[np.int64]:
    if isinstance(records, StoredRecords):
        return records.sizes
    return np.fromiter(map(record_size, records), np.int64, len(records))


def message_of(tp: TP, batch: RecordBatch, generation: int) -> ConsumerMessage:
    """Give the message by which Faust delivers a batch, as of the group's generation."""
    records = batch.records
    return ConsumerMessage(
        tp.topic,
        tp.partition,
        records[-1].offset,
        records[-1].timestamp / 1000,
        0,
        None,
        None,
        cast(bytes, batch),  # what is delivered in place of a value
        None,
        0,
        0,
        tp,
        generation_id=generation,
    )
