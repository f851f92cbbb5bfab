"""A histogram that takes whole arrays: prometheus-client's takes one value at a time, at a microsecond each."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from prometheus_client.metrics_core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

__all__ = ["ArrayHistogram", "ArrayHistogramChild"]


class ArrayHistogramChild:
    """The counts of one set of labels."""

    def __init__(self, bounds: NDArray[np.float64]) -> None:
        self._bounds = bounds
        self._places: list[float] = bounds.tolist()
        self.counts = np.zeros(len(bounds) + 1, dtype=np.int64)
        self.sum = 0.0

    def observe(self, values: ArrayLike) -> None:
        """Count values, shape (n,); a bucket holds those up to and including its bound."""
        array = np.asarray(values, dtype=np.float64)
        self._add(np.searchsorted(self._bounds, array, side="left"), float(array.sum()))

    def observe_one(self, value: float) -> None:
        """Count one value, at a fraction of an array's cost."""
        self.counts[bisect_left(self._places, value)] += 1
        self.sum += value

    def _add(self, places: NDArray[np.intp], total: float) -> None:
        self.counts += np.bincount(places, minlength=len(self.counts))
        self.sum += total


class ArrayHistogram(Collector):
    """A histogram with labels.

    Parameters
    ----------
    name, meaning, labels
        As Prometheus shows it.
    buckets
        Upper bounds, ascending, without infinity.
    """

    def __init__(self, name: str, meaning: str, labels: tuple[str, ...], buckets: tuple[float, ...]) -> None:
        self._name, self._meaning, self._labels = name, meaning, labels
        self._bounds = np.array(buckets, dtype=np.float64)
        self._children: dict[tuple[str, ...], ArrayHistogramChild] = {}
        if not labels:
            self.labels()

    def labels(self, *values: str) -> ArrayHistogramChild:
        """Give the counts of these labels.

        Raises
        ------
        ValueError
            Where there are more or fewer of them than the histogram has.
        """
        if len(values) != len(self._labels):
            raise ValueError(f"{self._name} has the labels {self._labels}")
        child = self._children.get(values)
        if child is None:
            child = self._children[values] = ArrayHistogramChild(self._bounds)
        return child

    def observe_columns(self, labels: Sequence[str], values: NDArray[np.float64]) -> None:
        """Count the columns of an array, shape (n, len(labels)), each under a label of its own."""
        places = np.searchsorted(self._bounds, values, side="left")
        for column, (label, total) in enumerate(zip(labels, values.sum(axis=0).tolist(), strict=True)):
            self.labels(label)._add(places[:, column], total)

    def collect(self) -> Iterator[Metric]:
        """Give what Prometheus reads."""
        family = HistogramMetricFamily(self._name, self._meaning, labels=self._labels)
        names = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        for values, child in list(self._children.items()):
            cumulative = np.cumsum(child.counts).tolist()
            family.add_metric(values, list(zip(names, cumulative, strict=True)), child.sum)
        yield family
