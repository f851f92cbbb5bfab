"""Medians, spreads, percentiles and slopes: the arithmetic of a measurement, free of any clock."""

from collections.abc import Sequence
from statistics import median
from typing import Self

import msgspec
import numpy as np

__all__ = ["Growth", "Latency", "Spread", "growth_of", "latency_of", "ratios"]


class Spread(msgspec.Struct, frozen=True):
    """What repeated measurements of one thing gave."""

    median: float
    least: float
    most: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Summarise values.

        Raises
        ------
        ValueError
            Of none.
        """
        if not values:
            raise ValueError("there is no spread of no values")
        return cls(median(values), min(values), max(values), len(values))


class Latency(msgspec.Struct, frozen=True):
    """Percentiles of delays, in milliseconds."""

    p50: float
    p95: float
    p99: float
    most: float
    count: int


class Growth(msgspec.Struct, frozen=True):
    """How the memory of a process went, in MB, and MB a minute."""

    at_one_minute: float
    at_the_end: float
    grown: float
    slope: float
    most: float
    seconds: float


def ratios(dividends: Sequence[float], divisors: Sequence[float]) -> Spread:
    """Summarise the ratios of pairs, each pair measured in the same round."""
    return Spread.of([dividend / divisor for dividend, divisor in zip(dividends, divisors, strict=True)])


def latency_of(delays: Sequence[float]) -> Latency:
    """Summarise delays in seconds."""
    p50, p95, p99, most = np.percentile(np.asarray(delays) * 1000, (50, 95, 99, 100)).tolist()
    return Latency(p50, p95, p99, most, len(delays))


def growth_of(samples: Sequence[tuple[float, float]]) -> Growth:
    """Summarise samples of memory after the first minute.

    Parameters
    ----------
    samples
        (seconds since the start, MB), in the order of time, over more than 70 seconds.

    Raises
    ------
    ValueError
        Where the samples do not reach beyond the first minute.
    """
    end = samples[-1][0]
    if end < 70:
        raise ValueError(f"memory was watched for {end:.0f} s; its growth after the first minute takes 70 s or more")
    # Medians over ten seconds: one sample taken amid a batch says little.
    before = median(size for second, size in samples if 50 <= second < 60)
    after = median(size for second, size in samples if second >= end - 10)
    later = np.array([(second / 60, size) for second, size in samples if second >= 60])
    slope = float(np.polyfit(later[:, 0], later[:, 1], 1)[0])
    return Growth(before, after, after - before, slope, max(size for _, size in samples), end)
