"""Which timestamps of records can be reckoned with: a broker takes any from a producer, or none (-1)."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["age_seconds", "are_usable", "lag_seconds"]

#: The beginning of 2011, in milliseconds since the epoch: no record is older than Kafka.
_EARLIEST: Final = 1_293_840_000_000
#: Milliseconds that a producer's clock may be ahead: what Kafka takes unless told otherwise
#: (``message.timestamp.after.max.ms``).
_AHEAD_MOST: Final = 3_600_000


def are_usable(timestamps: NDArray[np.int64], now: float) -> NDArray[np.bool_]:
    """Say of each timestamp whether it can be when its record was written.

    Parameters
    ----------
    timestamps
        In milliseconds since the epoch.
    now
        Seconds since the epoch.
    """
    return (timestamps >= _EARLIEST) & (timestamps <= now * 1000 + _AHEAD_MOST)


def age_seconds(timestamp: int, now: float) -> float | None:
    """Give the age of a record by its timestamp, at least 0; None where that cannot be when it was written.

    Parameters
    ----------
    timestamp
        In milliseconds since the epoch.
    now
        Seconds since the epoch.
    """
    if not are_usable(np.array(timestamp, dtype=np.int64), now):
        return None
    return max(0.0, now - timestamp / 1000)


def lag_seconds(oldest: int | None, now: float, standing: float) -> float:
    """Give for how long a partition has been behind: the age of its oldest record, where that can be told.

    Parameters
    ----------
    oldest
        Timestamp of that record, in milliseconds since the epoch; None where it is not fetched yet, or done and not
        yet committed.
    now
        Seconds since the epoch.
    standing
        Seconds since the partition has had lag and not moved: the answer where the age cannot be told.
    """
    age = age_seconds(oldest, now) if oldest is not None else None
    # An age of 0 comes from a clock that is ahead: it must not hide that the partition stands.
    return age or max(0.0, standing)
