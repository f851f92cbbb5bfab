"""One dead letter as it stands in its topic, and the original that it holds."""

from dataclasses import dataclass
from typing import Final

from sluicegate.agents.batch import StoredRecord
from sluicegate.schemas import DeadLetter, Headers, read_error_headers, read_redrive_headers, without_error_headers

__all__ = ["Letter", "Original"]

#: Kafka counts offsets and milliseconds in 64 bits; whoever writes other numbers is none of our workers.
_NUMBERS: Final = range(-1, 2**63)
_MOST_ATTEMPTS: Final = 2**31


@dataclass(frozen=True, slots=True)
class Original:
    """The record that became a dead letter, by its place and its timestamp.

    A worker's crash can make two dead letters of one original. Its timestamp tells it from another at the same place of
    a topic that was deleted and made anew.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A record of the dead-letter topic.

    Attributes
    ----------
    partition, offset, timestamp
        Where it stands, and when it was written, in milliseconds since the epoch.
    key, value, headers
        As they stand there.
    told
        What its headers say of it; None where it is no dead letter of a worker's.
    attempts
        How often its original had been redriven before it became this dead letter.
    """

    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    told: DeadLetter | None
    attempts: int

    @classmethod
    def of(cls, record: StoredRecord, partition: int) -> "Letter":
        """Read a record of a partition of the dead-letter topic."""
        headers = record.headers or ()
        told = read_error_headers(headers)
        if told is not None and not all(n in _NUMBERS for n in (told.partition, told.offset, told.timestamp)):
            told = None
        before = read_redrive_headers(without_error_headers(headers))
        attempts = 0 if before is None else min(before.attempt, _MOST_ATTEMPTS)
        return cls(partition, record.offset, record.timestamp, record.key, record.value, headers, told, attempts)

    @property
    def original(self) -> Original | None:
        """Which record it was."""
        told = self.told
        return None if told is None else Original(told.topic, told.partition, told.offset, told.timestamp)

    @property
    def original_headers(self) -> Headers:
        """The headers that the original had, in their order, each as often as it stood there."""
        return without_error_headers(self.headers)
