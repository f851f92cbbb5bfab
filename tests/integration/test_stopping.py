"""A worker that is told twice to stop ends as well as one that is told once; one that fails says why, and leaves."""

import signal
import time
from pathlib import Path

from kafka.admin import KafkaAdminClient

from tests.integration.streams import Stream, event
from tests.integration.worker_process import until


def test_a_second_sigterm_while_the_worker_drains_does_not_change_its_exit_code(stream: Stream) -> None:
    worker = stream.start_worker().wait_until_ready()
    deadline = time.monotonic() + 10

    def ended() -> bool:
        assert time.monotonic() < deadline
        if worker.process.poll() is None:
            worker.process.send_signal(signal.SIGTERM)
        return worker.process.poll() is not None

    until(ended, 10)
    assert worker.process.returncode == 0


def test_a_worker_leaves_no_file_behind_whether_it_drains_or_fails_or_is_killed(stream: Stream, tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    drained = stream.start_worker(TMPDIR=str(folder)).wait_until_ready()
    stream.publish([event(number) for number in range(20)])
    stream.wait_for_decisions(20)
    assert list(folder.iterdir()) == []
    assert drained.terminate()[0] == 0
    killed = stream.start_worker(TMPDIR=str(folder)).wait_until_ready()
    killed.kill()
    # Smaller than any decision: what is written next is refused.
    failing = stream.start_worker(TMPDIR=str(folder)).wait_until_ready()
    stream.configure(stream.decisions, max_message_bytes="200")
    stream.publish([event(20)])
    assert failing.wait(30) == 1
    assert list(folder.iterdir()) == []


def test_a_worker_does_not_log_every_service_of_faust_that_starts_and_stops(stream: Stream) -> None:
    worker = stream.start_worker().wait_until_ready()
    assert worker.terminate()[0] == 0
    said = worker.output().splitlines()
    assert said[-1].endswith("INFO sluicegate.worker: drained")
    assert all(" INFO sluicegate.worker: " in line for line in said), worker.output()


def group_state(stream: Stream) -> str:
    admin = KafkaAdminClient(bootstrap_servers=stream.bootstrap)
    try:
        return str(admin.describe_groups([stream.name])[stream.name]["group_state"])
    finally:
        admin.close()


def test_a_worker_whose_output_is_refused_leaves_its_group_and_says_why_in_one_sentence(stream: Stream) -> None:
    worker = stream.start_worker().wait_until_ready()
    # Smaller than any decision, and not known to the worker, which asked at its start.
    stream.configure(stream.decisions, max_message_bytes="200")
    stream.publish([event(number) for number in range(20)])
    until(lambda: "ending: " in worker.output(), 20, worker)
    assert worker.wait(5) == 1
    # A member that only falls silent is kept for the session timeout, six seconds, and its partitions stand still.
    until(lambda: group_state(stream) == "Empty", 2)
    said = worker.output().splitlines()[-1]
    assert said.startswith(f"sluicegate: {stream.decisions}, partition ")
    assert "does not take what was to be written (MessageSizeTooLargeError); run `sluicegate topics check`" in said
    assert "Traceback" not in worker.output()
    assert sum(stream.committed().values()) == 0
    stream.configure(stream.decisions, max_message_bytes=str(2**20))
    stream.start_worker()
    assert len(stream.wait_for_decisions(20)) == 20


def test_a_worker_that_fails_shows_the_traceback_where_it_is_asked_for(stream: Stream) -> None:
    done = stream.command("--debug", "worker", SLUICEGATE_DECISIONS_TOPIC="missing.decisions")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("sluicegate: 1 topic does not fit: missing.decisions is missing")


def test_a_worker_that_cannot_start_says_so_once(stream: Stream) -> None:
    done = stream.command("worker", SLUICEGATE_DECISIONS_TOPIC="missing.decisions")
    assert done.returncode == 1
    assert done.stderr.count("missing.decisions is missing") == 1
