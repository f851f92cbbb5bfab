"""Health over HTTP tells of a worker that can no longer tell itself."""

import logging
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from time import monotonic

import pytest

from sluicegate.agents.health import Health
from sluicegate.agents.http import MetricsServer
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.running import _serve
from sluicegate.agents.settings import load_settings

Get = Callable[[str], tuple[int, str]]


@pytest.fixture
def health() -> Health:
    return Health(stage="consuming", joined=True, connected=True)


@pytest.fixture
def get(health: Health) -> Iterator[Get]:
    server = MetricsServer(Metrics(), health, "127.0.0.1", 0)
    server.start()

    def ask(path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    yield ask
    server.stop()


def test_a_worker_whose_loop_runs_is_alive_and_ready(health: Health, get: Get) -> None:
    health.looked = monotonic()
    assert get("/healthz") == (200, "alive\n")
    assert get("/readyz") == (200, "ready\n")


def test_a_worker_whose_loop_is_blocked_is_neither_alive_nor_ready_and_says_so(health: Health, get: Get) -> None:
    health.looked = monotonic() - 61
    said = "blocked: the worker's loop has not run for 61 s, of at most 60 s\n"
    assert get("/healthz") == (503, said)
    assert get("/readyz") == (503, said)


def test_a_worker_that_was_frozen_is_alive_again_with_its_first_look(health: Health, get: Get) -> None:
    health.looked = monotonic() - 1000
    assert get("/healthz")[0] == 503
    health.looked = monotonic()
    assert get("/healthz")[0] == 200


def test_a_worker_that_waits_for_its_broker_is_alive_and_not_ready(health: Health, get: Get) -> None:
    health.stage, health.joined = "waiting for a broker", False
    assert get("/healthz") == (200, "alive\n")
    assert get("/readyz") == (503, "waiting for a broker\n")


def test_a_client_that_goes_away_leaves_no_word_in_the_log_and_a_defect_does(
    health: Health, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    server = MetricsServer(Metrics(), health, "127.0.0.1", 0)
    for error in (BrokenPipeError("gone"), TimeoutError("silent"), RuntimeError("defect")):
        try:
            raise error
        except Exception:  # noqa: BLE001 - as the server's thread does
            server._server.handle_error(None, None)
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == ["defect"]
    assert capfd.readouterr().err == ""
    server._server.server_close()
    assert caplog.records[0].levelno == logging.ERROR


def test_metrics_are_served_on_loopback_alone_unless_the_setting_says_otherwise(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for settings, address in (({}, "127.0.0.1"), ({"metrics_host": "0.0.0.0"}, "0.0.0.0")):
        server = _serve(Metrics(), Health(), load_settings(metrics_port=0, **settings))
        assert server._server.socket.getsockname()[0] == address
        server.stop()
    assert [record.args for record in caplog.records] == [("0.0.0.0",)]


@pytest.mark.skipif(not socket.has_ipv6, reason="Python was built without IPv6")
def test_an_address_of_ipv6_can_be_served() -> None:
    try:
        server = MetricsServer(Metrics(), Health(), "::1", 0)
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert server.port > 0
    server._server.server_close()
