"""Nothing is lost and order is kept, whatever happens to workers and brokers. Worker processes, a real Kafka."""

import signal
from collections import Counter
from collections.abc import Sequence

from sluicegate.deploy.kafka.node import KafkaNode
from tests.integration.streams import Message, Stream, event
from tests.integration.worker_process import until

MANY = 3000


def events(count: int, start: int = 0) -> list[Message]:
    return [event(number) for number in range(start, start + count)]


def assert_each_decided_in_order(raw: Sequence[Message], count: int) -> None:
    """Every event has one decision id, and the first decisions of a partition stand in the order of its events."""
    ids: dict[str, str] = {}
    firsts: dict[int, list[int]] = {}
    for message in sorted(raw, key=lambda message: (message.partition or 0, message.offset or 0)):
        decision = message.json()
        number = decision["data"]["event"]["id"]
        if number not in ids:
            firsts.setdefault(message.partition or 0, []).append(int(number))
        assert ids.setdefault(number, decision["id"]) == decision["id"]
    assert sorted(map(int, ids)) == list(range(count))
    for numbers in firsts.values():
        assert numbers == sorted(numbers)


def test_every_event_is_decided_once_in_order_and_its_offset_committed(stream: Stream) -> None:
    worker = stream.start_worker().wait_until_ready()
    stream.publish(events(MANY))
    raw = stream.wait_for_decisions(MANY)
    assert len(raw) == MANY
    assert_each_decided_in_order(raw, MANY)
    stream.wait_until_committed(MANY)
    until(lambda: worker.metric("sluicegate_lag_records") == 0, 10, worker)
    assert worker.metric("sluicegate_events_consumed_total") == MANY
    assert worker.metric("sluicegate_events_decided_total") == MANY
    assert worker.metric("sluicegate_events_in_flight") == 0


def test_a_decision_goes_to_the_partition_of_its_event_under_the_same_key(stream: Stream) -> None:
    stream.publish(events(200))
    stream.start_worker()
    raw = stream.wait_for_decisions(200)
    assert {message.partition for message in raw} == set(range(stream.partitions))
    where = {message.json()["id"]: (message.partition, message.key) for message in stream.read(stream.events)}
    assert {m.json()["data"]["event"]["id"]: (m.partition, m.key) for m in raw} == where


def test_a_killed_worker_loses_nothing_and_a_replay_repeats_no_decision_under_another_id(stream: Stream) -> None:
    stream.publish(events(MANY))
    first = stream.start_worker(SLUICEGATE_BATCH_MAX="20")
    until(lambda: first.metric("sluicegate_events_decided_total") > MANY / 10, 30, first)
    first.kill()
    assert sum(stream.committed().values()) < MANY
    stream.start_worker()
    raw = stream.wait_for_decisions(MANY)
    assert_each_decided_in_order(raw, MANY)
    contents = {(message.json()["id"], str(message.json()["data"])) for message in raw}
    assert len(contents) == MANY
    stream.wait_until_committed(MANY)


def test_a_worker_drains_on_sigterm_with_exit_code_0_and_its_successor_repeats_nothing(stream: Stream) -> None:
    stream.publish(events(MANY))
    first = stream.start_worker(SLUICEGATE_BATCH_MAX="20")
    until(lambda: first.metric("sluicegate_events_decided_total") > MANY / 10, 30, first)
    code, seconds = first.terminate()
    assert code == 0
    assert seconds < 10
    assert sum(stream.committed().values()) == len(stream.read(stream.decisions)) < MANY
    stream.start_worker()
    assert len(stream.wait_for_decisions(MANY)) == MANY


def test_workers_that_share_the_partitions_lose_and_repeat_nothing_when_one_joins_and_leaves(stream: Stream) -> None:
    first = stream.start_worker(SLUICEGATE_BATCH_MAX="20")
    second = stream.start_worker(SLUICEGATE_BATCH_MAX="20")
    until(lambda: [w.metric("sluicegate_assigned_partitions") for w in (first, second)] == [2, 2], 30, first, second)
    stream.publish(events(MANY))
    third = stream.start_worker(SLUICEGATE_BATCH_MAX="20")
    until(lambda: third.metric("sluicegate_assigned_partitions") >= 1, 30, third)
    stream.publish(events(MANY, MANY))
    until(lambda: third.metric("sluicegate_events_decided_total") > 0, 30, third)
    assert third.terminate()[0] == 0
    stream.publish(events(MANY, 2 * MANY))
    raw = stream.wait_for_decisions(3 * MANY)
    assert_each_decided_in_order(raw, 3 * MANY)
    assert len(raw) == 3 * MANY
    stream.wait_until_committed(3 * MANY)


def test_a_worker_that_was_frozen_beyond_its_session_moves_no_offset_and_breaks_no_order(stream: Stream) -> None:
    stream.publish(events(MANY))
    zombie = stream.start_worker(SLUICEGATE_BATCH_MAX="20")
    until(lambda: zombie.metric("sluicegate_events_decided_total") > MANY / 10, 30, zombie)
    zombie.process.send_signal(signal.SIGSTOP)
    stream.start_worker()
    stream.wait_for_decisions(MANY)
    stream.wait_until_committed(MANY)
    zombie.process.send_signal(signal.SIGCONT)
    stream.publish(events(MANY, MANY))
    raw = stream.wait_for_decisions(2 * MANY)
    assert_each_decided_in_order(raw, 2 * MANY)
    stream.wait_until_committed(2 * MANY)
    assert sum(stream.committed().values()) == 2 * MANY


def test_a_broker_that_is_killed_mid_stream_and_comes_back_loses_nothing(
    own_stream: Stream, own_kafka: KafkaNode
) -> None:
    worker = own_stream.start_worker(SLUICEGATE_BATCH_MAX="20").wait_until_ready()
    own_stream.publish(events(MANY))
    until(lambda: worker.metric("sluicegate_events_decided_total") > MANY / 10, 30, worker)
    own_kafka.kill()
    until(lambda: not worker.is_ready(), 20, worker)
    assert worker.get("/healthz")[0] == 200
    own_kafka.start()
    own_stream.publish(events(MANY, MANY))
    raw = own_stream.wait_for_decisions(2 * MANY)
    assert_each_decided_in_order(raw, 2 * MANY)
    worker.wait_until_ready()
    lines = Counter(line.partition(": ")[2].partition(";")[0] for line in worker.output().splitlines())
    assert lines["no broker is connected"] == lines["connected to a broker again"] == 1


def test_a_worker_leaves_with_exit_code_0_in_time_when_the_broker_is_away_and_commits_nothing_more(
    own_stream: Stream, own_kafka: KafkaNode
) -> None:
    worker = own_stream.start_worker(SLUICEGATE_BATCH_MAX="20").wait_until_ready()
    own_stream.publish(events(MANY))
    until(lambda: worker.metric("sluicegate_events_decided_total") > MANY / 10, 30, worker)
    own_kafka.kill()
    code, seconds = worker.terminate()
    assert (code, seconds < 10) == (0, True)
    own_kafka.start()
    decided = {int(number) for number in own_stream.decided_ids()}
    assert sum(own_stream.committed().values()) <= len(decided) < MANY
    own_stream.start_worker()
    assert_each_decided_in_order(own_stream.wait_for_decisions(MANY), MANY)
