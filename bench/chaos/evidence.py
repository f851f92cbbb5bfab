"""What a run leaves behind, from which alone it is judged: what was planned, what stands in the topics, what befell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sluicegate.bench.chaos.load import Planned
from sluicegate.bench.chaos.schedule import Kind

__all__ = ["Books", "Delivery", "Evidence", "Expiry", "Read", "Sample", "Stop", "Struck"]

#: What the workers promise of their outputs.
Delivery = Literal["at_least_once", "exactly_once"]


class Read(NamedTuple):
    """A record as it stands in a topic; its timestamp, in milliseconds, is the broker's, of when it was appended."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class Sample(NamedTuple):
    """Committed offsets by partition, and a time in milliseconds by which they were."""

    time: int
    offsets: Mapping[int, int]


@dataclass(frozen=True)
class Struck:
    """A fault as it fell.

    Attributes
    ----------
    kind
        What befell.
    began, ended
        In seconds since the epoch; of what passes, when it did.
    worker
        Which one it befell; empty where it was the broker.
    partitions
        Those that the worker had.
    """

    kind: Kind
    began: float
    ended: float
    worker: str = ""
    partitions: tuple[int, ...] = ()


@dataclass(frozen=True)
class Stop:
    """The end of a worker that nobody killed: its exit code, and the seconds after SIGTERM, if it was sent one."""

    worker: str
    time: float
    code: int
    seconds: float | None


@dataclass(frozen=True)
class Expiry:
    """A membership that the group took away, and when the worker noticed.

    That is what befalls a frozen worker; and one that the machine left without a core for as long as a session lasts.
    """

    worker: str
    time: float


@dataclass(frozen=True)
class Books:
    """The books of a worker that lives, as it tells them."""

    worker: str
    consumed: int
    decided: int
    dead_lettered: int
    in_flight: int


@dataclass(frozen=True)
class Evidence:
    """All that a run is judged by.

    Attributes
    ----------
    delivery
        What the workers promise.
    planned
        What was published.
    events, decisions, dead_letters, reviews
        What stands in the topics; that of all review topics together.
    review_prefix, queues
        What the names of review topics begin with, and the queues of the policy.
    samples
        Committed offsets during the run, in the order of time, and at its end.
    faults, stops
        What befell, and which workers ended without being killed.
    expiries
        Memberships that were lost.
    books
        Of the workers that lived at the end of the load.
    stalled
        Whether the run was given up, for want of progress.
    """

    delivery: Delivery
    planned: Sequence[Planned]
    events: Sequence[Read]
    decisions: Sequence[Read]
    dead_letters: Sequence[Read]
    reviews: Sequence[Read]
    review_prefix: str
    queues: Sequence[str]
    samples: Sequence[Sample]
    faults: Sequence[Struck]
    stops: Sequence[Stop]
    books: Sequence[Books]
    expiries: Sequence[Expiry] = ()
    stalled: bool = False
