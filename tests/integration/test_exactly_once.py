"""With exactly_once, who reads committed records sees each event decided once, whatever happens to the workers."""

import asyncio
import signal
from collections import Counter

from tests.integration.streams import Message, Stream
from tests.integration.test_delivery import assert_each_decided_in_order, events
from tests.integration.test_hostile_topics import transactions
from tests.integration.worker_process import until

MANY = 3000
EXACTLY_ONCE = {"SLUICEGATE_DELIVERY": "exactly_once"}


def poison(count: int) -> list[Message]:
    return [Message(b"a-%d" % number, b"{ %d" % number) for number in range(count)]


def test_every_event_is_decided_once_and_its_offset_committed_with_it(stream: Stream) -> None:
    worker = stream.start_worker(**EXACTLY_ONCE).wait_until_ready()
    stream.publish([*events(MANY), *poison(10)])
    raw = stream.wait_for_decisions(MANY)
    assert_each_decided_in_order(raw, MANY)
    assert len(raw) == MANY
    assert sum(stream.committed().values()) >= MANY
    until(lambda: worker.metric("sluicegate_lag_records") == 0, 10, worker)
    assert len(stream.read(stream.dead_letters)) == 10
    assert worker.metric("sluicegate_events_in_flight") == 0
    assert worker.terminate()[0] == 0


def test_workers_that_are_killed_join_and_leave_repeat_nothing_and_lose_nothing(stream: Stream) -> None:
    first = stream.start_worker(SLUICEGATE_BATCH_MAX="20", **EXACTLY_ONCE)
    stream.publish(events(MANY))
    until(lambda: first.metric("sluicegate_events_decided_total") > MANY / 10, 30, first)
    first.kill()
    second = stream.start_worker(SLUICEGATE_BATCH_MAX="20", **EXACTLY_ONCE)
    third = stream.start_worker(SLUICEGATE_BATCH_MAX="20", **EXACTLY_ONCE)
    stream.publish(events(MANY, MANY))
    until(lambda: third.metric("sluicegate_events_decided_total") > 100, 40, third)
    assert second.terminate()[0] == 0
    raw = stream.wait_for_decisions(2 * MANY)
    assert len(raw) == 2 * MANY
    assert_each_decided_in_order(raw, 2 * MANY)


def test_a_worker_that_slept_through_the_loss_of_its_partitions_writes_nothing_that_counts(stream: Stream) -> None:
    zombie = stream.start_worker(SLUICEGATE_BATCH_MAX="5", **EXACTLY_ONCE)
    stream.publish(events(MANY))
    until(lambda: zombie.metric("sluicegate_events_decided_total") > MANY / 10, 30, zombie)
    zombie.process.send_signal(signal.SIGSTOP)
    heir = stream.start_worker(**EXACTLY_ONCE)
    stream.publish(events(MANY, MANY))
    stream.wait_for_decisions(2 * MANY)
    zombie.process.send_signal(signal.SIGCONT)
    # It either had nothing open and joins again, or is told that another has its partitions, and ends.
    until(zombie.has_ended_or_is_ready, 30, heir)
    stream.publish(events(MANY, 2 * MANY))
    raw = stream.wait_for_decisions(3 * MANY)
    assert max(Counter(message.json()["id"] for message in raw).values()) == 1
    assert_each_decided_in_order(raw, 3 * MANY)
    if zombie.process.poll() is not None:
        assert zombie.wait() == 1
        assert "another worker has taken over partition" in zombie.output()


def test_offsets_without_a_record_are_committed_too(stream: Stream) -> None:
    asyncio.run(transactions(stream))
    worker = stream.start_worker(**EXACTLY_ONCE).wait_until_ready()
    assert len(stream.wait_for_decisions(6)) == 6
    stream.wait_until_committed(24)
    until(lambda: worker.metric("sluicegate_lag_records") == 0, 10, worker)
    assert worker.terminate()[0] == 0


def test_a_batch_in_flight_for_too_long_ends_the_worker_and_nothing_of_it_counts(stream: Stream) -> None:
    stream.publish(events(10))
    slow = {"SLUICEGATE_TRANSACTION_INTERVAL": "5", "SLUICEGATE_IN_FLIGHT_DEADLINE": "0.5"}
    worker = stream.start_worker(**EXACTLY_ONCE, **slow)
    assert worker.wait(60) == 1
    assert f"ending: batches of {stream.events}, partitions " in worker.output()
    assert stream.read(stream.decisions) == []
    assert sum(stream.committed().values()) == 0
    stream.start_worker(**EXACTLY_ONCE)
    assert len(stream.wait_for_decisions(10)) == 10
