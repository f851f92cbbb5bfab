"""Intervals of 95 % for shares and for differences of two shares of different events."""

from math import sqrt
from typing import Final

from sluicegate.models.evaluation.evaluation import Estimate

__all__ = ["difference", "share"]

#: The 97.5th percentile of the normal distribution.
_Z: Final = 1.959963984540054


def share(count: int, total: int) -> Estimate:
    """Give a share with the score interval (Wilson 1927); without events nothing is known of it."""
    if not total:
        return Estimate(0.0, 0.0, 1.0)
    value = count / total
    middle = value + _Z**2 / (2 * total)
    half = _Z * sqrt(value * (1 - value) / total + (_Z / (2 * total)) ** 2)
    scale = 1 + _Z**2 / total
    # Rounding must not put the share itself outside.
    return Estimate(value, min(max(0.0, (middle - half) / scale), value), max(min(1.0, (middle + half) / scale), value))


def difference(count: int, total: int, other_count: int, other_total: int) -> Estimate:
    """Give a share less another of other events, with the interval of Newcombe (1998, method 10)."""
    one, other = share(count, total), share(other_count, other_total)
    value = one.value - other.value
    below = sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    above = sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Estimate(value, max(-1.0, value - below), min(1.0, value + above))
