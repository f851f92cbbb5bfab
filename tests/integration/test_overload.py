"""More events than a worker can do cost it neither memory nor its partitions, and it catches up with all of them."""

import os

import psutil
import pytest

from tests.integration.streams import Message, Stream, event, until

#: Of 2 KiB each, so that they are many times what a worker may hold.
EVENTS = 20_000
BUFFER = 2**20
#: Bytes that one answer of a broker may hold beside what is counted: four partitions, read and decompressed.
BESIDE = 48 * 2**20


def filled(number: int) -> Message:
    return event(number, f"a plain remark about number {number}, " + "and so on " * 180)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs cores that can be chosen")
def test_a_backlog_of_many_times_the_buffer_is_worked_off_in_flat_memory_without_a_rebalance(
    narrow_stream: Stream,
) -> None:
    stream = narrow_stream
    # Without the kernels a worker is ten times as slow: what comes is far more than it can do, for all the while.
    worker = stream.start_worker(
        SLUICEGATE_COMPILED="off",
        SLUICEGATE_BUFFER_BYTES=str(BUFFER),
        SLUICEGATE_BATCH_MAX="500",
        SLUICEGATE_PRESSURE_AFTER="0.5",
    ).wait_until_ready()
    stream.publish([filled(number) for number in range(2_000)])
    stream.wait_for_decisions(2_000)
    process = psutil.Process(worker.pid)
    before = process.memory_info().rss
    most = 0
    stream.publish([filled(number) for number in range(2_000, EVENTS)])
    pressed = False
    while (decided := worker.metric("sluicegate_events_decided_total")) < EVENTS:
        most = max(most, process.memory_info().rss)
        pressed |= worker.metric("sluicegate_under_pressure") == 1
        until(lambda seen=decided: worker.metric("sluicegate_events_decided_total") > seen, 30, worker)
    assert most - before < BESIDE
    assert pressed
    assert worker.metric("sluicegate_rebalances_total") == 1
    # It has caught up, and knows it.
    until(lambda: worker.metric("sluicegate_lag_records") == 0, 15, worker)
    until(lambda: worker.metric("sluicegate_under_pressure") == 0, 15, worker)
    assert sorted(map(int, stream.decided_ids())) == list(range(EVENTS))
    assert worker.terminate()[0] == 0
