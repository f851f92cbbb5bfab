"""What a worker says in its log is read as it says it."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

from sluicegate.bench.chaos.fleet import WorkerProcess

_COORDINATOR = "aiokafka.consumer.group_coordinator"
_SAID = f"""\
2026-11-26 05:12:16,100 INFO sluicegate.worker: consuming 3 partitions of chaos.events
2026-11-26 05:12:16,262 WARNING {_COORDINATOR}: Heartbeat failed: local member_id was not recognized; resetting
2026-11-26 05:12:16,263 ERROR {_COORDINATOR}: Heartbeat session expired - marking coordinator dead
2026-11-26 05:13:00,000 ERROR {_COORDINATOR}: Heartbeat session expired - marking coordinator dead
"""


def test_a_membership_that_was_lost_counts_once_at_the_time_of_its_first_line(tmp_path: Path) -> None:
    log = tmp_path / "worker-0.log"
    log.write_text(_SAID)
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    found = WorkerProcess("worker-0", process, log).expiries()
    assert [expiry.time for expiry in found] == [
        datetime(2026, 11, 26, 5, 12, 16, 262_000).timestamp(),
        datetime(2026, 11, 26, 5, 13).timestamp(),
    ]
