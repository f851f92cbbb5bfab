"""The bootstrap: how often each text counts in each resample, drawn by group and from the seed alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.evaluation.evaluation import Estimate
from sluicegate.models.labelled import Row

__all__ = ["RESAMPLES", "Resamples", "Statistic", "estimate", "groups_of"]

RESAMPLES: Final = 400

_LOW, _HIGH = 2.5, 97.5
# Values of one array of weights; more would only cost memory.
_VALUES: Final = 4_000_000

Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From weights of texts, shape (n_resamples, n_texts), to figures, shape (n_figures, n_resamples); NaN is none."""


def groups_of(rows: Sequence[Row]) -> NDArray[np.intp]:
    """Give each row the number of its group: its ``gid``, or else its ``user``, within the source, or else itself."""
    numbers: dict[tuple[object, ...], int] = {}
    names = (
        ("gid", row.source, row.gid)
        if row.gid is not None
        else ("user", row.source, row.user)
        if row.user is not None
        else ("row", index)
        for index, row in enumerate(rows)
    )
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.intp)


@dataclass(frozen=True)
class Resamples:
    """How often each group was drawn: Poisson(1) for each, which is what multinomial draws come to in many groups.

    ``counts`` has shape (n_resamples, n_groups), ``groups`` gives the group of each text: (n_texts,).
    """

    counts: NDArray[np.uint8]
    groups: NDArray[np.intp]

    @classmethod
    def draw(cls, groups: NDArray[np.intp], seed: int, resamples: int = RESAMPLES) -> "Resamples":
        """Draw the counts of all groups."""
        generator = np.random.default_rng(seed)
        total = int(groups.max(initial=-1)) + 1
        return cls(generator.poisson(1.0, (resamples, total)).astype(np.uint8), groups)

    def figures(self, texts: NDArray[np.intp], statistic: Statistic) -> NDArray[np.float64]:
        """Return the figures of each resample of some of the texts: shape (n_figures, n_resamples)."""
        groups = self.groups[texts]
        step = max(1, _VALUES // max(1, len(texts)))
        return np.concatenate(
            [
                statistic(self.counts[start : start + step, groups].astype(np.float64))
                for start in range(0, len(self.counts), step)
            ],
            axis=1,
        )


def estimate(value: float, resampled: NDArray[np.float64]) -> Estimate | None:
    """Put a figure and its resamples into an estimate; None where there is no figure."""
    found = resampled[np.isfinite(resampled)]
    if not np.isfinite(value) or not len(found):
        return None
    low, high = np.percentile(found, [_LOW, _HIGH])
    return Estimate(round(float(value), 4), round(float(low), 4), round(float(high), 4))
