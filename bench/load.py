"""A steady load: what is sent, and when each event was due."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["Load", "Sent", "due_times"]


class Load(msgspec.Struct, frozen=True):
    """What a generator is told; a record is its partition, key, value and headers."""

    bootstrap: str
    topic: str
    rate: float
    seconds: float
    records: list[tuple[int, bytes, bytes, list[tuple[str, bytes]]]]


class Sent(msgspec.Struct, frozen=True):
    """What a generator did: when the first event was due, how many it sent, and how late each step was in seconds."""

    began: float
    count: int
    late: list[float]


def due_times(sent: Sent, rate: float, partitions: Sequence[int], count: int) -> list[NDArray[np.float64]]:
    """Give when each event was due, in seconds of the wall clock, by partition and in the order of the partition.

    Parameters
    ----------
    sent
        What the generator did.
    rate
        Events a second.
    partitions
        Of each record, which were sent over and over.
    count
        Of partitions.
    """
    places = np.arange(sent.count)
    where = np.asarray(partitions)[places % len(partitions)]
    due = sent.began + places / rate
    return [due[where == partition] for partition in range(count)]
