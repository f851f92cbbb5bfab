"""The population stability index of two distributions over the same bins, and how large chance alone makes it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtri

__all__ = ["CONFIDENCE", "noise_bound", "population_stability_index", "smoothed_shares"]

#: How sure it is that an index above the bound is not chance.
CONFIDENCE: Final = 0.999

#: Texts a bin that are taken to be distributed as the reference is, so that an empty bin has a logarithm.
_PRIOR: Final = 0.5


def population_stability_index(live: NDArray[np.float64], reference: NDArray[np.float64]) -> float:
    """Return the population stability index, which is 0 only for equal distributions.

    Parameters
    ----------
    live, reference
        Shares of the same bins, positive, each summing to 1: shape (n_bins,).

    Notes
    -----
    The sum of ``(p - q) ln(p / q)``: Siddiqi 2006, Credit Risk Scorecards; as a divergence, Jeffreys 1946. By custom
    0.1 is worth a look and 0.25 is a change.
    """
    return float(((live - reference) * np.log(live / reference)).sum())


def smoothed_shares(counts: NDArray[np.float64], reference: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return shares of counted texts, drawn a little towards the reference: by half a text a bin.

    Parameters
    ----------
    counts
        Texts of each bin, zeros among them: shape (n_bins,).
    reference
        Shares of the same bins, positive.
    """
    weight = _PRIOR * len(counts)
    return np.asarray((counts + weight * reference) / (counts.sum() + weight))


def noise_bound(bins: int, live: float, reference: float, blocks: int) -> float:
    """Return what the index of two samples of one distribution stays under, but for once in a thousand looks.

    Parameters
    ----------
    bins
        Number of bins, 2 or more.
    live, reference
        Texts of the samples, in independent ones.
    blocks
        Of how many blocks of the live texts it was found how many independent ones they are worth, 2 or more.

    Notes
    -----
    Without drift the index is distributed as ``(1 / live + 1 / reference)`` times a chi-square of ``bins - 1`` degrees
    of freedom (Yurdakul 2018, Statistical Properties of Population Stability Index). Since the number of
    independent texts is itself an estimate, the quantile is that of the F distribution with
    ``(blocks - 1) (bins - 1)`` further degrees of freedom (Rao and Scott 1987, On simple adjustments to chi-square
    tests with sample survey data).
    """
    freedom = bins - 1
    quantile = float(fdtri(freedom, (blocks - 1) * freedom, CONFIDENCE))
    return (1 / live + 1 / reference) * freedom * quantile
