"""Alertmanager under its configuration: who is told of which alert, and which alert is held back by which."""

import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy" / "alertmanager" / "alertmanager.yml"
_DEADLINE = 15.0

_Alerts = list[dict[str, str]]


def _request(url: str, body: object = None) -> Any:
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=content, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.loads(answer.read() or b"null")


def _until(answer: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _DEADLINE
    while time.monotonic() < end:
        try:
            if answer():
                return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.05)
    pytest.fail(f"waited {_DEADLINE:.0f} s for {what}")


@pytest.fixture
def alertmanager(tmp_path: Path, program: Callable[[str], str]) -> Iterator[str]:
    """Run Alertmanager with the shipped configuration; gives the address of its interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [program("prometheus-alertmanager"), f"--config.file={_CONFIGURATION}", f"--storage.path={tmp_path}"]
    command += [f"--web.listen-address={address}", "--cluster.listen-address="]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            _until(lambda: _request(f"http://{address}/api/v2/status") is not None, "Alertmanager to answer")
            yield f"http://{address}/api/v2"
        finally:
            process.terminate()


def _send(alertmanager: str, alerts: _Alerts) -> None:
    _request(f"{alertmanager}/alerts", [{"labels": labels} for labels in alerts])


def _shown(alertmanager: str) -> dict[str, dict[str, Any]]:
    """What Alertmanager makes of its alerts, by name and partition."""
    found = {}
    for alert in _request(f"{alertmanager}/alerts"):
        labels = alert["labels"]
        found[labels["alertname"].removeprefix("Sluicegate") + labels.get("partition", "")] = alert
    return found


def _expect_held_back(alertmanager: str, alerts: _Alerts, expected: set[str]) -> None:
    """Wait for it, since Alertmanager takes alerts up one by one."""
    _send(alertmanager, alerts)

    def as_expected() -> bool:
        shown = _shown(alertmanager)
        return len(shown) == len(alerts) and expected == {
            name for name, alert in shown.items() if alert["status"]["inhibitedBy"]
        }

    _until(as_expected, f"these and no others to be held back: {sorted(expected)}")


def _alert(name: str, severity: str = "critical", **labels: str) -> dict[str, str]:
    return {"alertname": f"Sluicegate{name}", "severity": severity, **labels}


def test_critical_alerts_go_to_whoever_is_on_call_and_others_become_tickets(alertmanager: str) -> None:
    _send(alertmanager, [_alert("FreshnessLost"), _alert("DeadLettersAboveShare", "warning")])
    _until(lambda: len(_shown(alertmanager)) == 2, "both alerts to be shown")
    receivers = {name: [receiver["name"] for receiver in a["receivers"]] for name, a in _shown(alertmanager).items()}
    assert receivers == {"FreshnessLost": ["on-call"], "DeadLettersAboveShare": ["tickets"]}


def test_when_no_worker_is_ready_what_falls_behind_is_held_back(alertmanager: str) -> None:
    late = [_alert("LagGrowing", "warning", partition="1"), _alert("PartitionStandingStill", partition="1")]
    others = [_alert("FreshnessLost"), _alert("TargetDown", "warning", instance="worker-1:9464")]
    held_back = {"LagGrowing1", "PartitionStandingStill1", "FreshnessLost"}
    _expect_held_back(alertmanager, [_alert("NoWorker"), *late, *others], held_back)


def test_one_worker_in_trouble_does_not_hide_what_stands_still_elsewhere(alertmanager: str) -> None:
    trouble = [_alert("BrokerUnreachable", instance="worker-2:9464"), _alert("WorkerHalted", instance="worker-3:9464")]
    standing = [_alert("PartitionStandingStill", partition="1"), _alert("FreshnessLost")]
    flood = [_alert("DeadLettersAboveShare", "warning")]
    _expect_held_back(alertmanager, [*trouble, *standing, *flood], {"DeadLettersAboveShare"})


def test_the_cause_is_told_rather_than_that_no_worker_is_ready(alertmanager: str) -> None:
    alerts = [_alert("BrokerUnreachable", instance="worker-2:9464"), _alert("NoWorker")]
    _expect_held_back(alertmanager, alerts, {"NoWorker"})


def test_a_partition_that_stands_still_holds_back_the_lag_of_that_partition_only(alertmanager: str) -> None:
    lag = [_alert("LagGrowing", "warning", partition="1"), _alert("LagGrowing", "warning", partition="2")]
    _expect_held_back(alertmanager, [_alert("PartitionStandingStill", partition="1"), *lag], {"LagGrowing1"})
