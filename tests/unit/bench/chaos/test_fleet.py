"""What a worker says in its log is read as it says it."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from sluicegate.bench.chaos.fleet import WorkerProcess

_COORDINATOR = "aiokafka.consumer.group_coordinator"
_SAID = f"""\
2026-11-26 05:12:16,100 INFO sluicegate.worker: consuming partitions 0, 2, 10
2026-11-26 05:12:16,262 WARNING {_COORDINATOR}: Heartbeat failed: local member_id was not recognized; resetting
2026-11-26 05:12:16,263 ERROR {_COORDINATOR}: Heartbeat session expired - marking coordinator dead
2026-11-26 05:13:00,000 ERROR {_COORDINATOR}: Heartbeat session expired - marking coordinator dead
"""


@pytest.fixture
def worker(tmp_path: Path) -> WorkerProcess:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return WorkerProcess("worker-0", process, tmp_path / "worker-0.log")


def test_a_membership_that_was_lost_counts_once_at_the_time_of_its_first_line(worker: WorkerProcess) -> None:
    worker.log.write_text(_SAID)
    found = worker.expiries()
    assert [expiry.time for expiry in found] == [
        datetime(2026, 11, 26, 5, 12, 16, 262_000).timestamp(),
        datetime(2026, 11, 26, 5, 13).timestamp(),
    ]


def test_the_partitions_of_a_dead_worker_are_those_it_took_over_last(worker: WorkerProcess) -> None:
    worker.log.write_text("")
    assert worker.taken() == ()
    worker.log.write_text(_SAID)
    assert worker.taken() == (0, 2, 10)
    worker.log.write_text(f"{_SAID}2026-11-26 05:13:07,100 INFO sluicegate.worker: consuming partitions 7\n")
    assert worker.taken() == (7,)
    worker.log.write_text(f"{_SAID}2026-11-26 05:13:07,100 INFO sluicegate.worker: consuming no partition: others\n")
    assert worker.taken() == ()
