"""The metrics of one worker, kept consistent: whoever scrapes sees whole batches only, so the books balance."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics
from prometheus_client.exposition import generate_latest

from sluicegate.agents.metrics.catalogue import CATALOGUE, Metric
from sluicegate.agents.metrics.histogram import ArrayHistogram, ArrayHistogramChild

__all__ = ["Metrics"]

# Of no use to anybody here, and a third of all series.
disable_created_metrics()  # type: ignore[no-untyped-call]

_Collector = Counter | Gauge | ArrayHistogram


class Metrics:
    """All metrics of the catalogue, in a registry of their own."""

    def __init__(self) -> None:
        self.registry: Final = CollectorRegistry(auto_describe=True)
        self._lock = threading.Lock()
        self._collectors: dict[str, _Collector] = {metric.name: self._build(metric) for metric in CATALOGUE}

    def _build(self, metric: Metric) -> _Collector:
        if metric.kind == "counter":
            return Counter(metric.name, metric.meaning, metric.labels, registry=self.registry)
        if metric.kind == "gauge":
            return Gauge(metric.name, metric.meaning, metric.labels, registry=self.registry)
        histogram = ArrayHistogram(metric.name, metric.meaning, metric.labels, metric.buckets)
        self.registry.register(histogram)
        return histogram

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make the changes inside visible to a scrape all at once."""
        with self._lock:
            yield

    def counter(self, name: str, *labels: str) -> Counter:
        """Give a counter of the catalogue, or its child with these labels."""
        collector = self._collectors[name]
        if not isinstance(collector, Counter):
            raise TypeError(f"{name} is no counter")
        return collector.labels(*labels) if labels else collector

    def gauge(self, name: str, *labels: str) -> Gauge:
        """Give a gauge of the catalogue, or its child with these labels."""
        collector = self._collectors[name]
        if not isinstance(collector, Gauge):
            raise TypeError(f"{name} is no gauge")
        return collector.labels(*labels) if labels else collector

    def histogram(self, name: str, *labels: str) -> ArrayHistogramChild:
        """Give the counts of a histogram of the catalogue, of these labels."""
        return self.histograms(name).labels(*labels)

    def histograms(self, name: str) -> ArrayHistogram:
        """Give a histogram of the catalogue, with all its labels."""
        collector = self._collectors[name]
        if not isinstance(collector, ArrayHistogram):
            raise TypeError(f"{name} is no histogram")
        return collector

    def remove(self, name: str, *labels: str) -> None:
        """Export a metric with these labels no longer."""
        collector = self._collectors[name]
        if isinstance(collector, Counter | Gauge):
            collector.remove(*labels)

    def exposition(self) -> bytes:
        """Give all metrics in Prometheus' text format, between two batches."""
        with self._lock:
            return generate_latest(self.registry)
