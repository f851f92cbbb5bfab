"""Reads the figures of the books from a worker's metrics, and whether it is ready."""

from collections import defaultdict
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from sluicegate.cli.demo.ledger import Figures

__all__ = ["is_ready", "parse_figures", "scrape"]

_TIMEOUT = 2.0


def scrape(address: str) -> Figures | None:
    """Read the metrics of the worker at ``host:port``; None while it does not answer."""
    try:
        with urlopen(f"http://{address}/metrics", timeout=_TIMEOUT) as answer:
            return parse_figures(answer.read().decode())
    except (URLError, OSError):
        return None


def is_ready(address: str) -> bool:
    """Tell whether the worker at ``host:port`` consumes."""
    try:
        with urlopen(f"http://{address}/readyz", timeout=_TIMEOUT) as answer:
            return bool(answer.status == 200)
    except (HTTPError, URLError, OSError):
        return False


def parse_figures(text: str) -> Figures:
    """Sum the metrics that the demo shows, over their labels.

    Parameters
    ----------
    text
        In Prometheus' text format.
    """
    sums: defaultdict[str, float] = defaultdict(float)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            sums[sample.name] += sample.value
    return Figures(
        consumed=int(sums["sluicegate_events_consumed_total"]),
        decided=int(sums["sluicegate_events_decided_total"]),
        dead_lettered=int(sums["sluicegate_events_dead_lettered_total"]),
        in_flight=int(sums["sluicegate_events_in_flight"]),
        tasks=int(sums["sluicegate_review_tasks_total"]),
        lag_records=int(sums["sluicegate_lag_records"]),
    )
