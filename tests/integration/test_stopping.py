"""A worker that is told twice to stop ends as well as one that is told once."""

import signal
import time

from tests.integration.streams import Stream, until


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
