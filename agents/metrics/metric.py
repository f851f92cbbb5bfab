"""What the catalogue says of a metric."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Metric"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes
    ----------
    name
        As Prometheus shows it; counters end in ``_total``.
    kind
        Counter, gauge or histogram.
    unit
        Of the value.
    labels
        Names of the labels.
    meaning
        What the value says.
    action
        What an operator does about it.
    buckets
        Upper bounds, of a histogram.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    unit: str
    labels: tuple[str, ...]
    meaning: str
    action: str
    buckets: tuple[float, ...] = ()
