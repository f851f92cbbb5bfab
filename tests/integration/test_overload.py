"""More events than a worker can do cost it neither memory nor its partitions, and it catches up with all of them."""

import psutil

from tests.integration.streams import Message, Stream, event
from tests.integration.worker_process import WorkerProcess, until

#: 82 MB in all, of which a worker that takes what comes would hold the most: it is read in a moment and scored slowly,
#: so that also a fast machine, which does a few hundred of them in a second, has a backlog for several.
EVENTS, FIRST = 800, 80
PADDING, TEXT = "x" * 96_000, "we walked to the lake and back again in the rain " * 140
#: What a worker may hold of it, by its setting, and what the answers of brokers and the work on a batch take besides.
BUFFER, BESIDE = 2**20, 32 * 10**6


def heavy(number: int) -> Message:
    """Give an event with a member that nobody knows, which is read past."""
    return event(number, TEXT, padding=PADDING)


def memory(worker: WorkerProcess) -> int:
    return int(psutil.Process(worker.pid).memory_info().rss)


def decided(worker: WorkerProcess) -> float:
    return worker.metric("sluicegate_events_decided_total")


def test_a_backlog_of_many_times_the_buffer_is_worked_off_in_flat_memory_without_a_rebalance(
    narrow_stream: Stream,
) -> None:
    stream = narrow_stream
    # Without the kernels a worker is a tenth as fast: what waits is far more than it can do, all the while.
    settings = {
        "SLUICEGATE_COMPILED": "off",
        "SLUICEGATE_BUFFER_BYTES": str(BUFFER),
        "SLUICEGATE_PRESSURE_AFTER": "0.5",
    }
    idle = stream.start_worker(**settings)
    stream.publish([heavy(number) for number in range(FIRST)])
    stream.wait_until_committed(FIRST, 60)
    usual = memory(idle)
    assert idle.terminate()[0] == 0
    stream.publish([heavy(number) for number in range(FIRST, EVENTS)])
    worker = stream.start_worker(**settings)
    until(lambda: "metrics on port" in worker.output(), 60, worker)
    held, pressed = [], []

    def is_done() -> bool:
        held.append(memory(worker))
        pressed.append(worker.metric("sluicegate_under_pressure"))
        return decided(worker) == EVENTS - FIRST

    until(is_done, 120, worker)
    assert max(held) - usual < BESIDE
    assert 1 in pressed
    assert worker.metric("sluicegate_rebalances_total") == 1
    # It has caught up, and knows it.
    until(lambda: worker.metric("sluicegate_lag_records") == 0, 20, worker)
    until(lambda: worker.metric("sluicegate_under_pressure") == 0, 20, worker)
    assert sorted(map(int, stream.decided_ids())) == list(range(EVENTS))
    assert worker.terminate()[0] == 0
