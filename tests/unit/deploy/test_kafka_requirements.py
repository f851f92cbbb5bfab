"""What tests that need Apache Kafka do where it cannot run: they are left out by name, but never in CI."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sluicegate.deploy.kafka import jars

_TESTS = """
pytest_plugins = ["sluicegate.deploy.kafka.fixtures"]

def test_shared(kafka):
    assert kafka.bootstrap == "elsewhere:9092"

def test_own(own_kafka):
    raise AssertionError("must not run")
"""


def _outcomes(folder: Path, environment: dict[str, str]) -> str:
    (folder / "test_it.py").write_text(_TESTS, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = kafka\n", encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "SLUICEGATE_TEST_BROKERS")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-ra", "--strict-markers", "-p", "no:cacheprovider", "test_it.py"],
        cwd=folder,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_without_java_the_tests_are_skipped_and_told_what_is_missing(tmp_path: Path) -> None:
    shown = _outcomes(tmp_path, {"PATH": str(tmp_path)})
    assert "2 skipped" in shown
    assert "needs java" in shown


def test_without_java_the_tests_fail_in_ci(tmp_path: Path) -> None:
    shown = _outcomes(tmp_path, {"PATH": str(tmp_path), "CI": "true"})
    assert "2 errors" in shown
    assert "CI=true requires the tests against Apache Kafka" in shown


def test_a_cluster_that_is_there_is_used_but_never_killed(tmp_path: Path) -> None:
    shown = _outcomes(tmp_path, {"PATH": str(tmp_path), "SLUICEGATE_TEST_BROKERS": "elsewhere:9092"})
    assert "1 passed, 1 skipped" in shown
    assert "kills its broker" in shown


def test_tests_that_use_a_broker_are_marked(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("", encoding="utf-8")
    shown = _outcomes(tmp_path, {"PATH": str(tmp_path), "PYTEST_ADDOPTS": "-m 'not kafka'"})
    assert "2 deselected" in shown


def _stand_in_maven(folder: Path, body: str) -> None:
    folder.mkdir()
    program = folder / "mvn"
    program.write_text(f'#!/bin/sh\nfor a; do case "$a" in -Dout*) to="${{a#*=}}";; esac; done\n{body}\n')
    program.chmod(0o755)


def test_two_processes_that_install_at_once_fetch_the_jars_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stand_in_maven(tmp_path / "bin", f'mkdir -p "$to" && echo x > "$to/a.jar" && echo ran >> {tmp_path}/runs')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    script = (
        "import pathlib, sys; from sluicegate.deploy.kafka.jars import installed_jars;"
        " print(installed_jars(pathlib.Path(sys.argv[1])))"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    folders = {process.communicate(timeout=60)[0].strip() for process in both}
    assert folders == {str(tmp_path / ".cache" / f"kafka-{jars.KAFKA_VERSION}" / "libs")}
    assert (tmp_path / "runs").read_text() == "ran\n"


def test_a_fetch_that_fails_leaves_nothing_that_looks_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stand_in_maven(tmp_path / "bin", 'mkdir -p "$to"; echo "no route to the repository" >&2; exit 1')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    with pytest.raises(jars.JarsError, match="no route to the repository"):
        jars.installed_jars(tmp_path)
    assert not (tmp_path / ".cache" / f"kafka-{jars.KAFKA_VERSION}" / "libs").exists()
