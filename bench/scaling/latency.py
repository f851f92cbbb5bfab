"""How late decisions are at a utilisation: fitted to what was measured, by the way in which rounds grow with the load.

A round takes what has come while those before it were under way, so it grows as ``1 / (1 - u)`` with the utilisation u.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sluicegate.bench.scaling.inputs import LatencySeen

__all__ = ["Delays", "fit"]


class Delays(NamedTuple):
    """The delays of one process.

    Attributes
    ----------
    p50, p99
        What the median and the 99th percentile come to without load, in ms.
    capacity
        Events a second that it does at the most.
    """

    p50: float
    p99: float
    capacity: float

    def at(self, rate: float) -> tuple[float, float]:
        """Give the median and the 99th percentile at a rate below the capacity, in ms."""
        grown = 1 / (1 - rate / self.capacity)
        return self.p50 * grown, self.p99 * grown


def fit(seen: Sequence[LatencySeen], capacity: float) -> Delays:
    """Fit both by least squares to what was measured.

    Parameters
    ----------
    seen
        At least one measurement, each at a rate below the capacity.
    capacity
        Events a second that a process does at the most.
    """
    grown = 1 / (1 - np.array([each.events_per_second for each in seen]) / capacity)

    def fitted(delays: NDArray[np.float64]) -> float:
        return float(grown @ delays / (grown @ grown))

    p50, p99 = (np.array([getattr(each, name) for each in seen]) for name in ("p50", "p99"))
    return Delays(fitted(p50), fitted(p99), capacity)
