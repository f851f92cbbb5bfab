"""What a worker exports, and how it is served."""

from sluicegate.agents.metrics.catalogue import CATALOGUE, Metric
from sluicegate.agents.metrics.document import metrics_document
from sluicegate.agents.metrics.registry import Metrics

__all__ = ["CATALOGUE", "Metric", "Metrics", "metrics_document"]
