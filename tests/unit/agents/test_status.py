"""Lag, and what a worker's metrics say of it."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.agents.settings import load_settings
from sluicegate.agents.status import partition_status
from sluicegate.agents.worker_status import WorkerStatus, WorkerUnavailable, metrics_url, parse_books, read_worker

METRICS = """\
# TYPE sluicegate_events_consumed_total counter
sluicegate_events_consumed_total 107.0
# TYPE sluicegate_events_decided_total counter
sluicegate_events_decided_total{outcome="allow"} 80.0
sluicegate_events_decided_total{outcome="review"} 20.0
# TYPE sluicegate_events_dead_lettered_total counter
sluicegate_events_dead_lettered_total{reason="json.invalid"} 4.0
# TYPE sluicegate_events_in_flight gauge
sluicegate_events_in_flight 3.0
"""


class Worker(BaseHTTPRequestHandler):
    """Answers as a worker that is not ready."""

    def do_GET(self) -> None:
        ready = self.path != "/readyz"
        self.send_response(200 if ready else 503)
        self.end_headers()
        self.wfile.write(METRICS.encode() if self.path == "/metrics" else b"nothing of a worker")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Worker) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@given(st.none() | st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_lag_counts_what_is_kept_and_not_committed(committed: int | None, beginning: int, kept: int) -> None:
    end = beginning + kept
    offsets = range(beginning, end)
    expected = len([offset for offset in offsets if committed is None or offset >= committed])
    assert partition_status(0, committed, beginning, end).lag == expected


def test_books_are_summed_over_outcomes_and_reasons() -> None:
    assert parse_books(METRICS) == {"consumed": 107, "decided": 100, "dead_lettered": 4, "in_flight": 3}


def test_counts_without_a_sample_yet_are_zero() -> None:
    lines = METRICS.splitlines(keepends=True)
    assert parse_books("".join(line for line in lines if "json.invalid" not in line))["dead_lettered"] == 0


def test_metrics_of_something_else_are_refused() -> None:
    with pytest.raises(ValueError, match="sluicegate_events_consumed_total"):
        parse_books("# TYPE up gauge\nup 1\n")


def test_a_worker_that_is_not_ready_is_read_all_the_same(address: str) -> None:
    assert read_worker(f"{address}/metrics") == WorkerStatus(f"{address}/metrics", False, 107, 100, 4, 3)


@pytest.mark.parametrize("path", ["/elsewhere", "/readyz"])
def test_an_address_without_metrics_is_named(address: str, path: str) -> None:
    with pytest.raises(WorkerUnavailable, match=path):
        read_worker(address + path)


@pytest.mark.parametrize(
    "url", ["file:///etc/hostname", "http://127.0.0.1:99999/metrics", "http://[::1/metrics", "http:///metrics"]
)
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(WorkerUnavailable, match="no address of metrics"):
        read_worker(url)


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("127.0.0.1", 9464, "http://127.0.0.1:9464/metrics"),
        ("0.0.0.0", 9000, "http://127.0.0.1:9000/metrics"),
        ("::", 9000, "http://[::1]:9000/metrics"),
        ("127.0.0.1", 0, None),
    ],
)
def test_the_address_of_metrics_comes_from_the_settings(host: str, port: int, url: str | None) -> None:
    assert metrics_url(load_settings(metrics_host=host, metrics_port=port)) == url
