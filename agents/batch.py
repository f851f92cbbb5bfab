"""The record batch: what the transport hands to the scoring agent, raw records of one partition."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from faust.types import TP

from sluicegate.agents.tracking import Ticket
from sluicegate.schemas import Headers

__all__ = ["RecordBatch", "StoredRecord", "record_size", "split"]


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
    """

    topic: str
    partition: int
    records: Sequence[StoredRecord]
    ticket: Ticket[TP] | None = None

    @property
    def size(self) -> int:
        """Bytes of the records' keys, values and headers, which the ticket has since they were split."""
        return self.ticket.size if self.ticket is not None else sum(map(record_size, self.records))


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
    runs: list[tuple[Sequence[StoredRecord], int]] = []
    first = size = 0
    for index, record in enumerate(records):
        grown = size + record_size(record)
        if index > first and (index - first >= most_records or grown > most_bytes):
            runs.append((records[first:index], size))
            first, grown = index, grown - size
        size = grown
    if first < len(records):
        runs.append((records[first:], size))
    return runs
