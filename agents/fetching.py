"""One round of fetching, inside the consumer's thread: at most one batch of each partition, with what it belongs to."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Protocol

from aiokafka.errors import ConsumerStoppedError
from faust.types import TP

from sluicegate.agents.batch import StoredRecord
from sluicegate.agents.log.fetched import joined

__all__ = ["BROKER_WAIT_MS", "Assignment", "Fetched", "FlowControlled", "fetch_round"]


class Assignment(Protocol):
    """An assignment of partitions, as aiokafka holds it; a new object at every rebalance."""

    @property
    def active(self) -> bool:
        """Whether it is still in force."""


class FlowControlled(Protocol):
    """The consumer, as far as fetching asks it."""

    @property
    def flow_active(self) -> bool:
        """Whether records are wanted."""


class Fetched(NamedTuple):
    """What a round brought, and the assignment it belongs to; None where there was nothing to ask."""

    assignment: Assignment | None
    records: dict[TP, Sequence[StoredRecord]]
    positions: dict[TP, int]


#: Milliseconds that a broker may wait for records to answer with, of which any will do. A partition of which records
#: are left to be taken is not asked for, and while others are waited for, it is not asked for either: so much later may
#: its next records come.
BROKER_WAIT_MS: Final = 50

#: Records of a round from which on the stream is busy: then a broker lets so many bytes gather, or so many milliseconds
#: pass. An answer for each few records would take the processor's time from deciding them, here and at the broker.
_BUSY_FROM: Final = 4
_BUSY_BYTES: Final = 256 * 1024
_BUSY_WAIT_MS: Final = 5

_NOTHING = Fetched(None, {}, {})


async def fetch_round(
    consumer: Any, flow: FlowControlled, partitions: set[TP], most_records: int, timeout: float
) -> Fetched:
    """Fetch at most ``most_records`` of each partition, so that none of them starves another.

    Parameters
    ----------
    consumer
        The ``AIOKafkaConsumer`` of this thread.
    flow
        Asked once more, since the call waited its turn.
    partitions
        Where to fetch from; not empty.
    most_records
        Of each partition.
    timeout
        Seconds to wait where no partition has any.

    Raises
    ------
    ConsumerStoppedError
        Where the consumer was closed.
    """
    fetcher = consumer._fetcher
    if not flow.flow_active:
        return _NOTHING
    if consumer._closed or fetcher._closed:
        raise ConsumerStoppedError
    taken = _Round(consumer)
    with fetcher._subscriptions.fetch_context():
        await taken.drain(partitions, most_records)
        if not taken.records:
            await taken.take(partitions, timeout, most_records)
            # That is so many of all of them together. What is left in aiokafka keeps it from asking for more.
            await taken.drain(partitions, most_records)
        busy = sum(map(len, taken.records.values())) >= _BUSY_FROM
        fetcher._fetch_min_bytes = _BUSY_BYTES if busy else 1
        fetcher._fetch_max_wait_ms = _BUSY_WAIT_MS if busy else BROKER_WAIT_MS
        return _with_positions(taken.assignment, taken.records)


class _Round:
    """What was taken from aiokafka so far, and the assignment that it belongs to."""

    def __init__(self, consumer: Any) -> None:
        self.assignment: Any = None
        self.records: dict[TP, Sequence[StoredRecord]] = {}
        self._fetcher = consumer._fetcher
        self._subscription = consumer._subscription

    async def drain(self, partitions: set[TP], most_records: int) -> None:
        """Take what is there, until there are at most so many records of each partition."""
        for tp in partitions:
            room = most_records - len(self.records.get(tp, ()))
            if room:
                await self.take({tp}, 0, room)

    async def take(self, partitions: set[TP], timeout: float, most_records: int) -> None:
        """Take at most so many records of all partitions together, behind those of before."""
        found = await self._fetcher.fetched_records(partitions, timeout=timeout, max_records=most_records)
        # No await between the return above and this: what was found belongs to this assignment.
        current = self._subscription.subscription.assignment
        if current is not self.assignment:
            self.assignment, self.records = current, {}
        for aiotp, run in found.items():
            tp = TP(aiotp.topic, aiotp.partition)
            self.records[tp] = joined([self.records[tp], run]) if tp in self.records else run


def _with_positions(assignment: Any, records: dict[TP, Sequence[StoredRecord]]) -> Fetched:
    positions = {}
    if assignment is not None and assignment.active:
        for aiotp in assignment.tps:
            state, tp = assignment.state_value(aiotp), TP(aiotp.topic, aiotp.partition)
            if state is not None and state.has_valid_position:
                positions[tp] = state.position
    return Fetched(assignment, records, positions)
