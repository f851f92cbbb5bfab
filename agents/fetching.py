"""One round of fetching, inside the consumer's thread: at most one batch of each partition, with what it belongs to."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from aiokafka.errors import ConsumerStoppedError
from faust.types import TP

from sluicegate.agents.batch import StoredRecord

__all__ = ["Assignment", "Fetched", "FlowControlled", "fetch_round"]


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
    records: dict[TP, Sequence[StoredRecord]] = {}
    assignment = None
    with fetcher._subscriptions.fetch_context():
        for wait in (0, timeout):
            for wanted in [{tp} for tp in partitions] if not wait else [partitions]:
                found = await fetcher.fetched_records(wanted, timeout=wait, max_records=most_records)
                # No await between the return above and this: what was found belongs to this assignment.
                current = consumer._subscription.subscription.assignment
                if current is not assignment:
                    assignment, records = current, {}
                records.update({TP(tp.topic, tp.partition): run for tp, run in found.items()})
            if records:
                break
        return _with_positions(assignment, records)


def _with_positions(assignment: Any, records: dict[TP, Sequence[StoredRecord]]) -> Fetched:
    positions = {}
    if assignment is not None and assignment.active:
        for aiotp in assignment.tps:
            state, tp = assignment.state_value(aiotp), TP(aiotp.topic, aiotp.partition)
            if state is not None and state.has_valid_position:
                positions[tp] = state.position
    return Fetched(assignment, records, positions)
