"""Quantiles of the F distribution, of which a worker needs one a feature: scipy.special would take a dozen MB."""

import math
from functools import lru_cache
from typing import Final

__all__ = ["f_quantile"]

#: In place of 0 as a divisor.
_SMALLEST: Final = 1e-300
#: Of the continued fraction; its rounding alone comes to a hundredth of this.
_PRECISION: Final = 1e-13


@lru_cache(1_024)
def f_quantile(freedom: int, other_freedom: int, probability: float) -> float:
    """Return what an F distribution stays under with a probability.

    Parameters
    ----------
    freedom, other_freedom
        Degrees of freedom of the numerator and of the denominator, 1 or more.
    probability
        Above 0 and below 1.

    Notes
    -----
    With ``y = d2 / (d2 + d1 F)``, the chance of more than F is the regularized incomplete beta function
    ``I_y(d2 / 2, d1 / 2)`` (DLMF 8.17), of which y is found by halving.
    """
    tail = 1 - probability
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        if _incomplete_beta(middle, other_freedom / 2, freedom / 2) < tail:
            low = middle
        else:
            high = middle
    return other_freedom * (1 - high) / (freedom * high)


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """Return the regularized incomplete beta function of an x above 0 and below 1."""
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(1 - x, b, a)
    logarithm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(logarithm) / (a * _fraction(x, a, b))


def _fraction(x: float, a: float, b: float) -> float:
    """Return the denominator of the continued fraction (DLMF 8.17.22), by Lentz's method."""
    found = ratio = 1.0
    inverse = 0.0
    step = 0
    change = 0.0
    while abs(change - 1) > _PRECISION:
        step += 1
        half = step // 2
        if step % 2:
            term = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            term = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        inverse = 1 / ((1 + term * inverse) or _SMALLEST)
        ratio = (1 + term / ratio) or _SMALLEST
        change = ratio * inverse
        found *= change
    return found
