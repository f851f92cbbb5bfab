"""Which offsets may be committed: the bookkeeping of one assignment of partitions, without any I/O.

Batches of a partition are delivered in order, started in order, and may be acknowledged in any order. What is
committed never runs ahead of a batch that is not acknowledged.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["OffsetTracker", "Ticket"]

P = TypeVar("P")


@dataclass(slots=True, eq=False)
class Ticket(Generic[P]):
    """One delivered batch, until it is acknowledged or its assignment ends.

    Attributes
    ----------
    partition
        The partition it was read from.
    epoch
        The assignment under which it was delivered.
    next_offset
        The offset after its last record.
    oldest
        Timestamp of its first record, in milliseconds since the epoch.
    size
        Bytes of its records.
    """

    partition: P
    epoch: int
    next_offset: int
    oldest: int
    size: int
    started: bool = field(default=False, init=False)
    acknowledged: bool = field(default=False, init=False)


class OffsetTracker(Generic[P]):
    """The delivered batches of the partitions that are assigned now.

    Every assignment is an epoch of its own: tickets of an earlier one can be neither started nor acknowledged, so
    that nothing an old assignment left behind can move or freeze the offsets of the new one.
    """

    def __init__(self) -> None:
        self.epoch = 0
        self.waiting = 0
        self.held_bytes = 0
        self.in_flight = 0
        self._accepting = False
        self._outstanding: dict[P, deque[Ticket[P]]] = {}
        self._begun_at: dict[P, int] = {}
        self._delivered_to: dict[P, int] = {}
        self._done_to: dict[P, int] = {}
        self._committed: dict[P, int] = {}

    def assign(self, partitions: Iterable[P]) -> None:
        """Begin a new assignment; all that belonged to the one before is forgotten."""
        self.release()
        self._outstanding = {partition: deque() for partition in partitions}
        self._accepting = True

    def stop_starting(self) -> None:
        """Let nothing be started any more; what is in flight may still be acknowledged."""
        self._accepting = False

    def release(self) -> None:
        """End the assignment: its tickets become stale."""
        self.epoch += 1
        self.waiting = self.held_bytes = self.in_flight = 0
        self._accepting = False
        self._outstanding = {}
        self._begun_at = {}
        self._delivered_to = {}
        self._done_to = {}
        self._committed = {}

    @property
    def partitions(self) -> tuple[P, ...]:
        """The partitions of this assignment."""
        return tuple(self._outstanding)

    def is_next(self, partition: P, offset: int) -> bool:
        """Whether records from this offset on have not been delivered yet under this assignment."""
        return partition in self._outstanding and offset >= self._delivered_to.get(partition, 0)

    def deliver(self, partition: P, offset: int, next_offset: int, oldest: int, size: int) -> Ticket[P]:
        """Note that a batch waits to be started.

        Parameters
        ----------
        partition
            Where it was read.
        offset
            Of its first record.
        next_offset, oldest, size
            As in :class:`Ticket`.

        Raises
        ------
        KeyError
            Where the partition is not assigned.
        """
        ticket = Ticket(partition, self.epoch, next_offset, oldest, size)
        self._outstanding[partition].append(ticket)
        self._begun_at.setdefault(partition, offset)
        self._delivered_to[partition] = next_offset
        self.waiting += 1
        self.held_bytes += size
        return ticket

    def note_position(self, partition: P, position: int) -> None:
        """Note that all records below a position are delivered, also where the last offsets hold none.

        Transactional and compacted topics have offsets without a record.
        """
        if partition in self._outstanding and position >= self._delivered_to.get(partition, 0):
            self._begun_at.setdefault(partition, position)
            self._delivered_to[partition] = position

    def start(self, ticket: Ticket[P]) -> bool:
        """Take a batch up; False where its assignment has ended, or is about to."""
        if ticket.epoch != self.epoch or not self._accepting or ticket.started:
            return False
        ticket.started = True
        self.waiting -= 1
        self.in_flight += 1
        return True

    def acknowledge(self, ticket: Ticket[P]) -> bool:
        """Note that all that follows from a batch is written; False where its assignment has ended."""
        if ticket.epoch != self.epoch or not ticket.started or ticket.acknowledged:
            return False
        ticket.acknowledged = True
        self.in_flight -= 1
        self.held_bytes -= ticket.size
        outstanding = self._outstanding[ticket.partition]
        while outstanding and outstanding[0].acknowledged:
            self._done_to[ticket.partition] = outstanding.popleft().next_offset
        return True

    def committable(self) -> dict[P, int]:
        """Give the offsets that may be committed and are not yet.

        Returns
        -------
        dict
            Partition to the offset after the longest done prefix.
        """
        done = {partition: self._done(partition) for partition in self._outstanding}
        return {partition: offset for partition, offset in done.items() if offset > self._committed.get(partition, -1)}

    def _done(self, partition: P) -> int:
        return (self._done_to if self._outstanding[partition] else self._delivered_to).get(partition, -1)

    def oldest(self, partition: P) -> int | None:
        """Give the timestamp of the oldest record delivered and not done, in milliseconds; None where there is none."""
        outstanding = self._outstanding.get(partition)
        return outstanding[0].oldest if outstanding else None

    def begun(self) -> dict[P, int]:
        """Give the offset behind the batch in flight that no other of its partition is before."""
        heads = {partition: waiting[0] for partition, waiting in self._outstanding.items() if waiting}
        return {partition: head.next_offset for partition, head in heads.items() if head.started}

    def committed(self, offsets: Mapping[P, int]) -> None:
        """Note what the broker said is committed."""
        for partition, offset in offsets.items():
            if partition in self._outstanding and offset > self._committed.get(partition, -1):
                self._committed[partition] = offset

    def committed_to(self, partition: P) -> int | None:
        """Give the committed offset, or where the assignment began until there is one; None before it has begun."""
        return self._committed.get(partition, self._begun_at.get(partition))
