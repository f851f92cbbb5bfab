"""The books: what a batch changes in the metrics, all at once, so that every scrape balances."""

import numpy as np

from sluicegate.agents.drift import DriftBooks
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.outcome import Outcome
from sluicegate.agents.timestamps import are_usable

__all__ = ["Books"]


class Books:
    """Keeps the metrics of the stream.

    Parameters
    ----------
    metrics
        Of this worker.
    drift_window
        Seconds of the stream that are compared with the reference of a bundle.
    """

    def __init__(self, metrics: Metrics, drift_window: float = 86_400.0) -> None:
        self._metrics = metrics
        self._drift = DriftBooks(metrics, drift_window)

    def taken(self, records: int, size: int) -> None:
        """Note that a batch was taken up."""
        metrics = self._metrics
        with metrics.together():
            metrics.counter("sluicegate_events_consumed_total").inc(records)
            metrics.gauge("sluicegate_events_in_flight").inc(records)
            metrics.histogram("sluicegate_batch_records").observe_one(records)
            metrics.histogram("sluicegate_batch_bytes").observe_one(size)

    def finished(self, outcome: Outcome, publish_seconds: float, now: float) -> None:
        """Note that all that follows from a batch is written.

        Parameters
        ----------
        outcome
            Of the batch.
        publish_seconds
            How long it took to be written.
        now
            Seconds since the epoch.
        """
        metrics, counts = self._metrics, outcome.counts
        with metrics.together():
            metrics.gauge("sluicegate_events_in_flight").dec(counts.consumed)
            for name, number in counts.decided.items():
                metrics.counter("sluicegate_events_decided_total", name).inc(number)
            for reason, number in counts.dead_lettered.items():
                metrics.counter("sluicegate_events_dead_lettered_total", reason).inc(number)
            for (queue, class_), number in counts.tasks.items():
                metrics.counter("sluicegate_review_tasks_total", queue, str(class_)).inc(number)
            for rule, number in counts.rules.items():
                metrics.counter("sluicegate_rules_fired_total", rule).inc(number)
            metrics.counter("sluicegate_review_tasks_withdrawn_total").inc(counts.withdrawals)
            metrics.counter("sluicegate_texts_truncated_total").inc(counts.texts_truncated)
            metrics.counter("sluicegate_surrogates_replaced_total").inc(counts.surrogates_replaced)
            metrics.counter("sluicegate_languages_invalid_total").inc(counts.languages_invalid)
            for result, number in counts.opinions.items():
                metrics.counter("sluicegate_opinions_total", result).inc(number)
            for language, number in counts.languages.items():
                metrics.counter("sluicegate_languages_identified_total", language).inc(number)
            for (digest, name), number in counts.models.items():
                metrics.counter("sluicegate_model_events_decided_total", digest, name).inc(number)
            for result, number in counts.shadowed.items():
                metrics.counter("sluicegate_shadow_events_total", result).inc(number)
            for (name, shadow), number in counts.shadow_outcomes.items():
                metrics.counter("sluicegate_shadow_outcomes_total", name, shadow).inc(number)
            for stage, seconds in {**outcome.stage_seconds, "publish": publish_seconds}.items():
                metrics.histogram("sluicegate_stage_duration_seconds", stage).observe_one(seconds)
            usable = are_usable(outcome.timestamps, now)
            freshness = np.maximum(now - outcome.timestamps[usable] / 1000, 0)
            metrics.histogram("sluicegate_freshness_seconds").observe(freshness)
            metrics.counter("sluicegate_timestamps_unusable_total").inc(int(np.count_nonzero(~usable)))
            for _, harms, scores in outcome.scored:
                metrics.histograms("sluicegate_score").observe_columns(harms, scores)
            for _, harms, differences in outcome.shadow_differences:
                metrics.histograms("sluicegate_shadow_score_difference").observe_columns(harms, differences)
            for counted in counts.drift:
                self._drift.add(counted, now)
            metrics.gauge("sluicegate_progress_timestamp_seconds").set(now)
