"""How late decisions are at a utilisation: a server that takes what waits as one batch, as formula and as simulation.

A process serves its partitions in turn, and a turn takes what has come to a partition, up to a cap. A batch costs a
fixed time and a time an event, so that the turn grows with the load just as far as the load fills it.
"""

from math import exp
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sluicegate.bench.scaling.inputs import LatencySeen

__all__ = ["Server", "expected", "fit", "simulate"]

_ROUNDS: Final = 20
#: Turns by which measurements must differ to tell a batch's time from that on the way.
_APART: Final = 0.5
_JITTER: Final = 0.5


class Server(NamedTuple):
    """One process.

    Attributes
    ----------
    batch_seconds, event_seconds
        Fixed time of a batch, and time of each event in it.
    partitions
        That it serves.
    batch_max
        Events of a batch at the most.
    on_the_way
        Seconds that an event spends outside: on its way to and from the broker, and waiting for acknowledgements.
    jitter
        Standard deviation of the logarithm of a batch's time.
    """

    batch_seconds: float
    event_seconds: float
    partitions: int
    batch_max: int
    on_the_way: float = 0.0
    jitter: float = 0.0

    @property
    def capacity(self) -> float:
        """Events a second with full batches."""
        return 1 / (self.event_seconds + self.batch_seconds / self.batch_max)


def expected(server: Server, rate: float) -> tuple[float, float]:
    """Give the median and the 99th percentile of the delay in seconds, for batches below the cap.

    A turn over all partitions takes ``T = k a / (1 - rate b)``. What comes in it is evenly spread over it, waits for
    the rest of it, and then for its own batch, a share of a turn: so half a turn and its own batch, or all of it and
    its own batch.
    """
    turn = server.partitions * server.batch_seconds / (1 - rate * server.event_seconds)
    own = turn / server.partitions
    return server.on_the_way + turn / 2 + own, server.on_the_way + turn * 0.99 + own


def simulate(server: Server, rate: float, seconds: float, seed: int) -> NDArray[np.float64]:
    """Give the delay of each event under Poisson arrivals, in seconds.

    Parameters
    ----------
    rate
        Events a second, over all partitions of the process.
    seconds, seed
        Of the simulated time, and of all chance.
    """
    chance = np.random.default_rng(seed)
    arrivals = [
        np.cumsum(chance.exponential(server.partitions / rate, int(rate / server.partitions * seconds)))
        for _ in range(server.partitions)
    ]
    places, delays, now = [0] * server.partitions, [], 0.0
    while any(place < len(times) for place, times in zip(places, arrivals, strict=True)):
        idle = True
        for partition, times in enumerate(arrivals):
            place = places[partition]
            end = min(int(np.searchsorted(times, now, side="right")), place + server.batch_max)
            if end <= place:
                continue
            idle = False
            spent = server.batch_seconds + server.event_seconds * (end - place)
            now += spent * exp(chance.normal(-(server.jitter**2) / 2, server.jitter))
            delays.append(now + server.on_the_way - times[place:end])
            places[partition] = end
        if idle:
            now = min(times[place] for place, times in zip(places, arrivals, strict=True) if place < len(times))
    return np.concatenate(delays) if delays else np.zeros(0)


def fit(seen: list[LatencySeen], capacity: float, partitions: int, batch_max: int) -> Server:
    """Find the fixed time of a batch and the time on the way from the least loaded and the most loaded measurement.

    With measurements at one rate alone, all of the delay is taken for that of turns.
    """
    ordered = sorted(seen, key=lambda each: each.events_per_second)
    low, high = ordered[0], ordered[-1]
    batch = 0.0
    # What a batch costs makes an event cheaper, and that the turns: a few rounds settle it.
    for _ in range(_ROUNDS):
        event = max(0.0, 1 / capacity - batch / batch_max)

        def turns(rate: float, event: float = event) -> float:
            return (partitions / 2 + 1) / (1 - rate * event)

        spread = turns(high.events_per_second) - turns(low.events_per_second)
        alone = low.p50 / 1e3 / turns(low.events_per_second)
        batch = max(0.0, (high.p50 - low.p50) / 1e3 / spread) if spread > _APART else alone
    on_the_way = max(0.0, low.p50 / 1e3 - batch * turns(low.events_per_second))
    return Server(batch, event, partitions, batch_max, on_the_way, jitter=_JITTER)
