"""``docs/metrics.md``, made from the catalogue."""

from sluicegate.agents.metrics.catalogue import CATALOGUE

__all__ = ["metrics_document"]

_HEAD = """# Metrics

<!-- Generated from agents/metrics/catalogue.py: `make generate` -->

Each worker serves them at `/metrics` on `SLUICEGATE_METRICS_PORT`. At rest the books balance:
`sluicegate_events_consumed_total` is the sum of `sluicegate_events_decided_total`,
`sluicegate_events_dead_lettered_total` and `sluicegate_events_in_flight`.
"""


def metrics_document() -> str:
    """Give the reference of all metrics in Markdown."""
    parts = [_HEAD]
    for metric in CATALOGUE:
        labels = ", ".join(f"`{label}`" for label in metric.labels) or "none"
        parts.append(
            f"\n## `{metric.name}`\n\n"
            f"| type | unit | labels |\n| --- | --- | --- |\n| {metric.kind} | {metric.unit} | {labels} |\n\n"
            f"{metric.meaning}\n\n**What to do:** {metric.action}\n"
        )
    return "".join(parts)
