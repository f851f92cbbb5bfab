"""The registry is the catalogue; histograms take arrays; what is changed together is seen together."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from sluicegate.agents.metrics import CATALOGUE, Metrics
from sluicegate.agents.metrics.histogram import ArrayHistogram


def test_every_metric_of_the_catalogue_is_exported_under_its_name() -> None:
    families = {family.name for family in text_string_to_metric_families(Metrics().exposition().decode())}
    assert families == {metric.name.removesuffix("_total") for metric in CATALOGUE}


def test_counters_end_in_total_and_every_metric_says_what_to_do() -> None:
    for metric in CATALOGUE:
        assert metric.name.endswith("_total") == (metric.kind == "counter")
        assert (metric.kind == "histogram") == bool(metric.buckets)
        assert metric.meaning.endswith(".")
        assert metric.action.endswith(".")


def test_a_histogram_counts_a_value_at_a_bound_in_the_bucket_of_that_bound() -> None:
    histogram = ArrayHistogram("h", "meaning", (), (1.0, 2.0))
    histogram.labels().observe(np.array([0.5, 1.0, 1.5, 9.0]))
    (family,) = histogram.collect()
    values = {sample.labels.get("le", sample.name): sample.value for sample in family.samples}
    assert values == {"1.0": 2, "2.0": 3, "+Inf": 4, "h_count": 4, "h_sum": 12.0}


@given(st.lists(st.tuples(*[st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 9.0])] * 2), max_size=20))
def test_values_count_the_same_one_by_one_in_an_array_and_in_columns(rows: list[tuple[float, float]]) -> None:
    one, array, columns = (ArrayHistogram("h", "meaning", ("harm",), (1.0, 2.0)) for _ in range(3))
    for row in rows:
        for harm, value in zip("ab", row, strict=True):
            one.labels(harm).observe_one(value)
    values = np.array(rows, dtype=np.float64).reshape(-1, 2)
    for column, harm in enumerate("ab"):
        array.labels(harm).observe(values[:, column])
        one.labels(harm)
    columns.observe_columns("ab", values)
    assert _samples(one) == _samples(array) == _samples(columns)


def _samples(histogram: ArrayHistogram) -> dict[tuple[str, ...], float]:
    (family,) = histogram.collect()
    return {(sample.name, *sorted(sample.labels.values())): sample.value for sample in family.samples}


def test_a_histogram_refuses_the_wrong_number_of_labels() -> None:
    with pytest.raises(ValueError, match="harm"):
        ArrayHistogram("h", "meaning", ("harm",), (1.0,)).labels()


def test_a_metric_asked_for_as_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="no counter"):
        Metrics().counter("sluicegate_events_in_flight")


def test_a_scrape_waits_for_changes_that_belong_together() -> None:
    metrics = Metrics()
    scraped = threading.Event()

    def scrape() -> None:
        metrics.exposition()
        scraped.set()

    with metrics.together():
        thread = threading.Thread(target=scrape)
        thread.start()
        assert not scraped.wait(0.05)
    assert scraped.wait(5)
    thread.join()
