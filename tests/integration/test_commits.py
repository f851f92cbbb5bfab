"""What is acknowledged is committed soon: it is what the successor of a killed worker would repeat."""

from tests.integration.streams import Stream, event

#: Far longer than the test.
_INTERVAL = "60"


def test_a_worker_commits_at_once_what_comes_after_a_quiet_moment(stream: Stream) -> None:
    worker = stream.start_worker(SLUICEGATE_COMMIT_INTERVAL=_INTERVAL).wait_until_ready(90)
    stream.publish([event(0)])
    stream.wait_until_committed(1, 30)
    worker.kill()
    stream.start_worker().wait_until_ready(90)
    stream.publish([event(1)])
    assert len(stream.wait_for_decisions(2)) == 2


def test_a_worker_that_is_busy_commits_once_in_an_interval(stream: Stream) -> None:
    worker = stream.start_worker(SLUICEGATE_COMMIT_INTERVAL=_INTERVAL).wait_until_ready(90)
    for number in range(5):
        stream.publish([event(number)])
        stream.wait_for_decisions(number + 1)
    assert sum(stream.committed().values()) < 5
    assert worker.terminate()[0] == 0
    assert sum(stream.committed().values()) == 5
