"""When a stream changed against its own past: ADWIN over the ranks of its texts in the reference."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

# What river.drift.ADWIN wraps: its package imports scikit-learn and all of scipy.stats, 90 MB in every worker.
from river._river_rust.drift import AdaptiveWindowing

__all__ = ["LEAST_CHANGE", "Change", "ChangeDetector", "change_in"]

#: A value that the detector gets is the mean of so many texts at the least, and of so many seconds: neighbours are
#: alike, which ADWIN does not allow for.
_TEXTS: Final = 64
_SECONDS: Final = 10.0

#: Chance of a change where there is none, of one comparison.
_DELTA: Final = 0.002

#: Change of the mean rank below which nobody needs to know: of 1/20 of the texts the order has turned.
LEAST_CHANGE: Final = 0.05

#: Values that are remembered, to find when the change began: those of a day at the least.
_REMEMBERED: Final = 8_640

#: The defaults of river.
_BUCKETS: Final = 5
_LEAST_WINDOW: Final = 5
_GRACE: Final = 10


@dataclass(frozen=True)
class Change:
    """A change of one feature.

    Attributes
    ----------
    since
        When the values began that differ from those before, in the seconds that the detector was told.
    difference
        Of the mean rank, from before to after, within -1 and 1.
    """

    since: float
    difference: float


class ChangeDetector:
    """Finds changes of one feature.

    ADWIN keeps as many of the last values as have one mean, and drops the older ones when their mean is another
    (Bifet and Gavalda 2007, Learning from time-changing data with adaptive windowing). Its values must lie within 0
    and 1, as ranks do.

    Parameters
    ----------
    now
        When it begins, in seconds since any point.
    """

    def __init__(self, now: float) -> None:
        self._window = _adaptive_window()
        self._values: deque[tuple[float, float]] = deque(maxlen=_REMEMBERED)
        self._texts, self._sum, self._began = 0, 0.0, now

    def add(self, texts: int, ranks: float, now: float) -> Change | None:
        """Add texts by their number and the sum of their ranks; tell of a change that it brings to light."""
        self._texts += texts
        self._sum += ranks
        if self._texts < _TEXTS or now < self._began + _SECONDS:
            return None
        value, began = self._sum / self._texts, self._began
        self._texts, self._sum, self._began = 0, 0.0, now
        self._values.append((began, value))
        if not self._window.update(value):
            return None
        # As river does: the window after a change is a new one.
        self._window = _adaptive_window()
        found = change_in(self._values)
        self._values.clear()
        return found if abs(found.difference) >= LEAST_CHANGE else None


def _adaptive_window() -> AdaptiveWindowing:
    return AdaptiveWindowing(
        delta=_DELTA, clock=1, max_buckets=_BUCKETS, min_window_length=_LEAST_WINDOW, grace_period=_GRACE
    )


def change_in(values: Sequence[tuple[float, float]]) -> Change:
    """Return the change after which the mean is farthest from that before it, by its standard error.

    ADWIN says that there was a change, and keeps more of what came before than would tell when, or how great it is.
    The estimate is that of greatest likelihood (Hinkley 1970, Inference about the change-point in a sequence of random
    variables).

    Parameters
    ----------
    values
        Times and values, 2 or more.
    """
    observed = np.array([value for _, value in values])
    firsts = np.arange(1, len(observed))
    sums = np.cumsum(observed - observed.mean())[:-1]
    first = int((np.abs(sums) / np.sqrt(firsts * (len(observed) - firsts))).argmax()) + 1
    return Change(values[first][0], float(observed[first:].mean() - observed[:first].mean()))
