"""A histogram that takes whole arrays: prometheus-client's takes one value at a time, at a microsecond each."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray
from prometheus_client.metrics_core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

__all__ = ["ArrayHistogram", "ArrayHistogramChild"]


class ArrayHistogramChild:
    """The counts of one set of labels."""

    def __init__(self, bounds: NDArray[np.float64]) -> None:
        self._bounds = bounds
        self.counts = np.zeros(len(bounds) + 1, dtype=np.int64)
        self.sum = 0.0

    def observe(self, values: ArrayLike) -> None:
        """Count values, shape (n,); a bucket holds those up to and including its bound."""
        array = np.asarray(values, dtype=np.float64)
        self.counts += np.bincount(np.searchsorted(self._bounds, array, side="left"), minlength=len(self.counts))
        self.sum += float(array.sum())


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
        return self._children.setdefault(values, ArrayHistogramChild(self._bounds))

    def collect(self) -> Iterator[Metric]:
        """Give what Prometheus reads."""
        family = HistogramMetricFamily(self._name, self._meaning, labels=self._labels)
        names = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        for values, child in list(self._children.items()):
            cumulative = np.cumsum(child.counts).tolist()
            family.add_metric(values, list(zip(names, cumulative, strict=True)), child.sum)
        yield family
