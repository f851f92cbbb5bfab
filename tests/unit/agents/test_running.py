"""What a worker cannot serve is refused before it waits for a broker, and before it takes an address."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from sluicegate.policy import default_policy_path
from tests.integration.worker_process import WorkerProcess, until
from tests.unit.cli.test_import_command import POLICY
from tests.unit.models.imported.test_kinds import imported

COMMAND = [sys.executable, "-m", "sluicegate", "worker"]
#: Of a worker whose broker never comes.
ENVIRONMENT = {
    **os.environ,
    "SLUICEGATE_BROKERS": "127.0.0.1:1",
    "SLUICEGATE_BROKER_WAIT": "3600",
    "SLUICEGATE_METRICS_PORT": "0",
}


def refused(**settings: str) -> str:
    """Start a worker and give the sentence with which it fails."""
    environment = {**ENVIRONMENT, **settings}
    done = subprocess.run(COMMAND, capture_output=True, text=True, check=False, timeout=60, env=environment)
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    return sentence


def test_a_policy_with_a_harm_that_the_model_lacks_is_refused_at_once(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(default_policy_path().read_text().replace("self_harm", "self_harms"))
    sentence = refused(SLUICEGATE_POLICY=str(policy))
    assert sentence.startswith(f"sluicegate: {policy}:")
    assert sentence.endswith(":3: the model scores no harm 'self_harms'; did you mean 'self_harm'?")


def test_what_is_served_is_looked_at_before_the_address_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "nowhere" in refused(SLUICEGATE_METRICS_PORT=port, SLUICEGATE_BUNDLE="/nowhere")
        assert f"127.0.0.1:{port}" in refused(SLUICEGATE_METRICS_PORT=port)


def test_a_worker_says_that_its_model_is_served_as_a_pipeline(tmp_path: Path) -> None:
    policy, bundle = tmp_path / "policy.yaml", imported("forest")
    policy.write_text(POLICY)
    served = {"SLUICEGATE_BUNDLE": str(bundle.path), "SLUICEGATE_PINNED_BUNDLES": bundle.digest}
    environment = {**ENVIRONMENT, **served, "SLUICEGATE_POLICY": str(policy)}
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(COMMAND, stdout=output, stderr=output, env=environment)
    worker = WorkerProcess(process, log)
    try:
        until(lambda: worker.get("/readyz") == (503, "waiting for a broker\n"), 60, worker)
        (shown,) = [
            line for line in worker.get("/metrics")[1].splitlines() if line.startswith("sluicegate_model_info{")
        ]
        assert 'served="pipeline"' in shown
        assert "model mine is served as a pipeline" in log.read_text()
    finally:
        worker.kill()


def test_a_worker_that_waits_for_its_broker_answers_that_it_is_alive_and_not_ready(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(COMMAND, stdout=output, stderr=output, env=ENVIRONMENT)
    worker = WorkerProcess(process, log)
    try:
        until(lambda: worker.get("/readyz") == (503, "waiting for a broker\n"), 60, worker)
        assert worker.get("/healthz") == (200, "alive\n")
        assert worker.terminate()[0] == 0
    finally:
        worker.kill()
