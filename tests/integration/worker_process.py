"""A worker process of a test, and waiting for what it does."""

import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families


@dataclass
class WorkerProcess:
    """One ``sluicegate worker`` process, ended with the test."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait(self, seconds: float = 30) -> int:
        return self.process.wait(seconds)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def terminate(self) -> tuple[int, float]:
        """End it with SIGTERM; give its exit code and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15), time.monotonic() - began

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def port(self) -> int:
        """The port its metrics are on, as it says in its log."""
        return int(until(lambda: _between(self.output(), "metrics on port ", "\n"), 120, self))

    def get(self, path: str) -> tuple[int, str]:
        """Give the status and the text of an answer; fail with the worker's last words where none comes."""
        try:
            return self._get(path)
        except OSError as error:
            # It has most likely ended, and says why only when all its parts have.
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            how = "runs" if self.process.returncode is None else f"ended with {self.process.returncode}"
            said = self.output()
            pytest.fail(
                f"{path} was not answered ({error!r}); the worker {how}, its last words: {said[-500:]!r}\n{said}"
            )

    def _get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def metric(self, name: str, **labels: str) -> float:
        """Give the sum of a metric over all labels that are not given."""
        _, text = self.get("/metrics")
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        return sum(
            sample.value
            for sample in samples
            if sample.name == name and all(sample.labels.get(key) == value for key, value in labels.items())
        )

    def is_ready(self) -> bool:
        return self.get("/readyz")[0] == 200

    def has_ended_or_is_ready(self) -> bool:
        """Say whether it did the one or the other, of one that may end while it is asked."""
        if self.process.poll() is not None:
            return True
        try:
            return self._get("/readyz")[0] == 200
        except OSError:
            return self.process.poll() is not None

    def wait_until_ready(self, seconds: float = 30) -> "WorkerProcess":
        until(self.is_ready, seconds, self)
        return self


def until(condition: Callable[[], Any], seconds: float, *workers: WorkerProcess) -> Any:
    """Wait for a condition to hold, and fail after a deadline with what the worker said."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        if workers and all(worker.process.poll() is not None for worker in workers):
            break
        time.sleep(0.05)
    said = "\n".join(f"{worker.log.name}:\n{worker.output()}" for worker in workers)
    pytest.fail(f"not so within {seconds} s\n{said}")


def _between(text: str, before: str, after: str) -> str:
    _, found, rest = text.partition(before)
    return rest.partition(after)[0] if found and after in rest else ""
