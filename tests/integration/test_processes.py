"""Several worker processes under one supervisor are one unit: shared out, drained together, ended together."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.streams import Stream, event
from tests.integration.worker_process import WorkerProcess, until

#: Two processes load at once, on as many cores as there are.
_START_SECONDS = 90


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that ended and is not waited for yet does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def lines(supervisor: WorkerProcess, containing: str) -> list[str]:
    return [line for line in supervisor.output().splitlines() if containing in line]


def pids(supervisor: WorkerProcess, processes: int = 2) -> list[int]:
    """Give the process ids of its workers, by number."""
    (told,) = until(lambda: lines(supervisor, f" {processes} processes: "), _START_SECONDS, supervisor)
    return [int(part.rpartition(" ")[2]) for part in told.partition("processes: ")[2].split(", ")]


def ports(supervisor: WorkerProcess, processes: int = 2) -> list[int]:
    """Give the ports of its workers' metrics, by number."""
    until(lambda: len(lines(supervisor, "metrics on port ")) == processes, _START_SECONDS, supervisor)
    return [int(line.rpartition(" ")[2]) for line in sorted(lines(supervisor, "metrics on port "))]


@dataclass
class Supervised(WorkerProcess):
    """One of the processes, as far as its metrics tell of it."""

    served: int = 0

    @property
    def port(self) -> int:
        return self.served


def workers(supervisor: WorkerProcess) -> list[Supervised]:
    """Give both of its processes, by number."""
    return [Supervised(supervisor.process, supervisor.log, port) for port in ports(supervisor)]


def start(stream: Stream, processes: str = "2", **environment: str) -> WorkerProcess:
    return stream.start_worker("--processes", processes, **environment)


@pytest.fixture
def supervisor(stream: Stream) -> WorkerProcess:
    """Two processes that share the partitions, and are ready."""
    started = start(stream)
    for worker in workers(started):
        worker.wait_until_ready(_START_SECONDS)
    return started


def share_out(stream: Stream, supervisor: WorkerProcess) -> None:
    """Have both processes decide something."""
    both = workers(supervisor)
    until(lambda: all(worker.metric("sluicegate_assigned_partitions") == 2 for worker in both), 20, supervisor)
    stream.publish([event(number) for number in range(200)])
    stream.wait_for_decisions(200)
    assert all(worker.metric("sluicegate_events_decided_total") > 0 for worker in both)
    assert sum(worker.metric("sluicegate_events_decided_total") for worker in both) == 200


def test_processes_share_the_partitions_and_drain_as_one(stream: Stream, supervisor: WorkerProcess) -> None:
    children = pids(supervisor)
    share_out(stream, supervisor)
    code, seconds = supervisor.terminate()
    assert code == 0, supervisor.output()
    assert seconds < 10
    assert not any(map(is_alive, children))
    assert sum(stream.committed().values()) == 200
    assert sorted(stream.decided_ids(), key=int) == [str(number) for number in range(200)]
    assert {line[:3] for line in lines(supervisor, "sluicegate.worker: drained")} == {"[0]", "[1]"}
    assert supervisor.output().splitlines()[-1].endswith("INFO sluicegate.supervisor: drained")


def test_ctrl_c_drains_as_sigterm_does_also_while_the_processes_load(stream: Stream) -> None:
    supervisor = start(stream)
    children = pids(supervisor)
    supervisor.process.send_signal(signal.SIGINT)
    supervisor.process.send_signal(signal.SIGTERM)
    assert supervisor.wait(10) == 0, supervisor.output()
    assert not any(map(is_alive, children))


def test_a_second_sigterm_does_not_change_the_exit_code(stream: Stream, supervisor: WorkerProcess) -> None:
    deadline = time.monotonic() + 10

    def ended() -> bool:
        if supervisor.process.poll() is None:
            supervisor.process.send_signal(signal.SIGTERM)
        return supervisor.process.poll() is not None

    until(ended, deadline - time.monotonic())
    assert supervisor.process.returncode == 0, supervisor.output()


def test_where_one_process_is_killed_the_other_drains_and_the_whole_fails_saying_which(
    stream: Stream, supervisor: WorkerProcess
) -> None:
    children = pids(supervisor)
    share_out(stream, supervisor)
    os.kill(children[1], signal.SIGKILL)
    assert supervisor.wait(15) == 1
    assert not is_alive(children[0])
    assert supervisor.output().splitlines()[-1] == (
        f"sluicegate: worker process 1 (pid {children[1]}) of 2 was killed by SIGKILL, as when memory runs out; "
        "the others were told to drain, and all have ended"
    )
    assert lines(supervisor, "[0] ")[-1].endswith("INFO sluicegate.worker: drained")


def test_where_one_process_fails_its_own_sentence_stands_before_that_of_the_whole(
    stream: Stream, supervisor: WorkerProcess
) -> None:
    stream.configure(stream.decisions, max_message_bytes="200")
    # One actor, so one partition, and one process that fails.
    stream.publish([event(number, actor=1) for number in range(5)])
    assert supervisor.wait(20) == 1
    said = supervisor.output().splitlines()
    assert "failed with exit code 1, for the reason told above" in said[-1]
    number = said[-1].partition("worker process ")[2][0]
    (reason,) = [line for line in said if line.startswith(f"[{number}] sluicegate: ")]
    assert "MessageSizeTooLargeError" in reason
    assert "Traceback" not in supervisor.output()


def test_a_process_that_is_told_to_end_by_itself_ends_the_whole(stream: Stream, supervisor: WorkerProcess) -> None:
    children = pids(supervisor)
    os.kill(children[0], signal.SIGTERM)
    assert supervisor.wait(15) == 1
    assert (
        f"worker process 0 (pid {children[0]}) of 2 ended though this process had not told it to" in supervisor.output()
    )
    assert not is_alive(children[1])


def test_no_process_outlives_a_supervisor_that_is_killed(stream: Stream, supervisor: WorkerProcess) -> None:
    children = pids(supervisor)
    share_out(stream, supervisor)
    supervisor.kill()
    until(lambda: not any(map(is_alive, children)), 10)
    # They drained: nothing is left to be read again.
    assert sum(stream.committed().values()) == 200
    assert len(lines(supervisor, "sluicegate.worker: drained")) == 2


def test_no_process_outlives_a_supervisor_that_is_killed_while_they_load(stream: Stream) -> None:
    supervisor = start(stream, "3")
    children = pids(supervisor, 3)
    supervisor.kill()
    # They look for it when they have loaded.
    until(lambda: not any(map(is_alive, children)), 60)


def test_a_frozen_process_does_not_keep_the_whole_from_ending_in_time(
    stream: Stream, supervisor: WorkerProcess
) -> None:
    children = pids(supervisor)
    os.kill(children[0], signal.SIGSTOP)
    code, seconds = supervisor.terminate()
    assert code == 1
    assert seconds < 10.5
    assert not any(map(is_alive, children))
    assert "had not drained within 9 s and was killed" in supervisor.output().splitlines()[-1]


def test_fewer_partitions_than_processes_are_told_once(narrow_stream: Stream) -> None:
    supervisor = start(narrow_stream, "3")
    (told,) = until(
        lambda: lines(supervisor, "partitions, and each is read by one process"), _START_SECONDS, supervisor
    )
    assert told.startswith("[0] ")
    assert f"3 processes, but {narrow_stream.events} has 2 partitions" in told
    assert "1 have nothing to do" in told
    assert supervisor.terminate()[0] == 0, supervisor.output()


def test_one_process_is_a_plain_worker(stream: Stream) -> None:
    worker = start(stream, "1").wait_until_ready()
    assert "sluicegate.supervisor" not in worker.output()
    assert worker.terminate()[0] == 0
    assert all(" INFO sluicegate.worker: " in line for line in worker.output().splitlines())


def test_settings_that_cannot_be_used_are_told_once_before_anything_starts(stream: Stream) -> None:
    done = stream.command("worker", "--processes", "4", SLUICEGATE_METRICS_PORT="65534")
    assert done.returncode == 2
    assert done.stderr.count("SLUICEGATE_METRICS_PORT: 4 processes") == 1
    wrong = stream.command("worker", "--processes", "many")
    assert wrong.returncode == 2
    assert "is no number of processes" in wrong.stderr
