"""Small rounds of all partitions, with dead letters between, lose nothing while workers join, stop and are killed."""

import threading
from pathlib import Path

from sluicegate.deploy.kafka.fixtures import Cluster
from tests.integration.streams import Message, open_stream
from tests.integration.test_delivery import assert_each_decided_in_order, events
from tests.integration.worker_process import WorkerProcess, until

BURST = 40


def assert_books_balance(worker: WorkerProcess) -> None:
    until(lambda: worker.metric("sluicegate_events_in_flight") == 0, 10, worker)
    finished = [worker.metric(f"sluicegate_events_{name}_total") for name in ("decided", "dead_lettered")]
    assert worker.metric("sluicegate_events_consumed_total") == sum(finished)


def test_a_stream_of_small_rounds_with_dead_letters_comes_through_rebalances_whole(
    kafka: Cluster, tmp_path: Path
) -> None:
    stream = open_stream(kafka.bootstrap, tmp_path, partitions=6)
    wrong = [Message(b"a-%d" % number, b"{ %d" % number) for number in range(7)]

    enough, bursts = threading.Event(), 0

    def publish() -> None:
        nonlocal bursts
        while not enough.is_set():
            burst, bursts = bursts, bursts + 1
            usual = events(BURST, burst * BURST)
            stream.publish([*usual[:11], *wrong[: burst % 8], *usual[11:]])
            enough.wait(0.03)

    try:
        first = stream.start_worker().wait_until_ready()
        publishing = threading.Thread(target=publish, daemon=True)
        publishing.start()
        until(lambda: first.metric("sluicegate_events_decided_total") > 300, 30, first)
        second = stream.start_worker()
        until(lambda: second.metric("sluicegate_events_decided_total") > 100, 30, second)
        first.kill()
        third = stream.start_worker(SLUICEGATE_BATCH_MAX="3")
        until(lambda: third.metric("sluicegate_events_decided_total") > 100, 40, third)
        assert second.terminate()[0] == 0
        fourth = stream.start_worker()
        until(lambda: fourth.metric("sluicegate_events_decided_total") > 50, 40, fourth)
        enough.set()
        publishing.join()
        total = stream.ends(stream.events)
        until(lambda: sum(stream.committed().values()) == total, 40, third, fourth)
        for worker in (third, fourth):
            assert_books_balance(worker)
        decided = stream.read(stream.decisions)
        assert_each_decided_in_order(decided, bursts * BURST)
        dead = {
            tuple(value for name, value in letter.headers if "offset" in name or "partition" in name)
            for letter in stream.read(stream.dead_letters)
        }
        assert len(dead) == total - bursts * BURST
        assert third.terminate()[0] == fourth.terminate()[0] == 0
    finally:
        enough.set()
        stream.close()
