"""E[views left]: how many views content still has before it, by its age and its rate of views."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: The signal that holds the rate.
RATE_SIGNAL = "views_per_hour"


@dataclass(frozen=True)
class ViewsTable:
    """A step table.

    Parameters
    ----------
    ages
        Hours from which each row holds, rising from 0.
    rates
        Views per hour from which each column holds, rising from 0.
    left
        Expected views left, one tuple for each age.
    unknown_rate
        The same for content without counts: the mean of its age.
    """

    ages: tuple[float, ...]
    rates: tuple[float, ...]
    left: tuple[tuple[float, ...], ...]
    unknown_rate: tuple[float, ...]

    def views_left(self, age_hours: NDArray[np.float64], rate: NDArray[np.float64]) -> NDArray[np.float64]:
        """Look up the expected views left.

        Parameters
        ----------
        age_hours
            Shape (n,); content of unknown age (NaN) counts as new.
        rate
            Views per hour, shape (n,); NaN where there are no counts.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        table = np.column_stack([np.asarray(self.left, dtype=np.float64), self.unknown_rate])
        known_age = np.nan_to_num(np.maximum(age_hours, 0.0), nan=0.0)
        row = np.searchsorted(self.ages, known_age, side="right") - 1
        known_rate = np.nan_to_num(np.maximum(rate, 0.0), nan=0.0)
        column = np.searchsorted(self.rates, known_rate, side="right") - 1
        column = np.where(np.isnan(rate), len(self.rates), column)
        return np.asarray(table[row, column])
