"""Offsets that are compacted, deleted or begun anew, and timestamps of the broker's own: told of, and nothing lost."""

import asyncio
import signal
import time

from aiokafka import AIOKafkaProducer
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, UnknownTopicOrPartitionError

from tests.integration.streams import Message, Stream, event
from tests.integration.worker_process import until


def events(start: int, count: int) -> list[Message]:
    """Give events that go round the partitions."""
    return [event(number)._replace(partition=number % 2) for number in range(start, start + count)]


def decided(stream: Stream) -> set[int]:
    return set(map(int, stream.decided_ids()))


def delete_before(stream: Stream, offset: int) -> None:
    """Delete the records below an offset of both partitions, as retention does."""
    admin = KafkaAdminClient(bootstrap_servers=stream.bootstrap)
    try:
        admin.delete_records({TopicPartition(stream.events, partition): offset for partition in range(2)})
    finally:
        admin.close()


def make_anew(stream: Stream) -> None:
    """Delete the topic of the events and create it again, empty."""
    admin = KafkaAdminClient(bootstrap_servers=stream.bootstrap)

    def created() -> bool:
        try:
            admin.create_topics([NewTopic(stream.events, 2, 1)])
        except KafkaError:
            return False
        return True

    def has_leaders() -> bool:
        try:
            (found,) = admin.describe_topics([stream.events])
        except UnknownTopicOrPartitionError:
            return False
        return all(partition["leader_id"] >= 0 for partition in found["partitions"])

    try:
        admin.delete_topics([stream.events])
        until(created, 20)
        until(has_leaders, 20)
    finally:
        admin.close()


def decide_and_leave(stream: Stream, count: int) -> None:
    worker = stream.start_worker().wait_until_ready()
    stream.publish(events(0, count))
    stream.wait_until_committed(count)
    assert worker.terminate()[0] == 0


async def one_transaction(stream: Stream, messages: list[Message]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=stream.bootstrap, transactional_id=stream.name)
    await producer.start()
    try:
        async with producer.transaction():
            for message in messages:
                await producer.send(stream.events, message.value, message.key, partition=message.partition)
    finally:
        await producer.stop()


def test_a_compacted_input_with_holes_that_ends_in_a_transaction_marker_is_decided_and_committed_to_its_end(
    narrow_stream: Stream,
) -> None:
    narrow_stream.configure(
        narrow_stream.events,
        cleanup_policy="compact",
        segment_ms="1",
        min_cleanable_dirty_ratio="0.01",
        delete_retention_ms="0",
    )
    narrow_stream.publish([event(number, actor=number % 7)._replace(partition=0) for number in range(300)])
    asyncio.run(one_transaction(narrow_stream, [event(300, actor=7)._replace(partition=0)]))
    asyncio.run(one_transaction(narrow_stream, [event(301, actor=8)._replace(partition=0)]))
    until(lambda: len(narrow_stream.read(narrow_stream.events)) < 300, 40)
    worker = narrow_stream.start_worker(SLUICEGATE_PROGRESS_DEADLINE="1").wait_until_ready()
    narrow_stream.wait_until_committed(304)
    until(lambda: worker.metric("sluicegate_lag_records") == 0, 10, worker)
    kept = {int(message.json()["id"]) for message in narrow_stream.read(narrow_stream.events)}
    assert {*range(293, 302)} <= kept <= decided(narrow_stream)
    assert worker.get("/healthz")[0] == 200
    assert worker.terminate()[0] == 0


def test_an_event_without_a_time_has_that_of_the_brokers_log_where_its_topic_takes_append_times(
    narrow_stream: Stream,
) -> None:
    narrow_stream.configure(narrow_stream.events, message_timestamp_type="LogAppendTime")
    worker = narrow_stream.start_worker().wait_until_ready()
    began = time.time()
    narrow_stream.publish(events(0, 50))
    raw = narrow_stream.wait_for_decisions(50)
    times = [message.json()["data"]["event"]["time"] for message in raw]
    bounds = [time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) for moment in (began - 1, time.time() + 1)]
    assert bounds[0] <= min(times) <= max(times) <= bounds[1]
    assert worker.metric("sluicegate_freshness_seconds_count") == 50
    assert worker.metric("sluicegate_freshness_seconds_sum") < 50 * 30
    assert worker.terminate()[0] == 0


def test_records_that_retention_deleted_before_they_were_read_are_told_of_and_all_others_decided(
    narrow_stream: Stream,
) -> None:
    decide_and_leave(narrow_stream, 100)
    narrow_stream.publish(events(100, 100))
    delete_before(narrow_stream, 60)
    worker = narrow_stream.start_worker()
    narrow_stream.wait_until_committed(200)
    assert decided(narrow_stream) == set(range(100)) | set(range(120, 200))
    for partition in range(2):
        assert (
            f"ERROR sluicegate.worker: offset 50 of {narrow_stream.events}, partition {partition}," in worker.output()
        )
    assert worker.wait_until_ready().terminate()[0] == 0


def test_a_topic_that_is_made_anew_unseen_by_a_running_worker_ends_it_and_its_successor_decides_what_is_there(
    narrow_stream: Stream,
) -> None:
    worker = narrow_stream.start_worker().wait_until_ready()
    narrow_stream.publish(events(0, 100))
    narrow_stream.wait_until_committed(100)
    worker.process.send_signal(signal.SIGSTOP)
    make_anew(narrow_stream)
    narrow_stream.publish(events(100, 40))
    worker.process.send_signal(signal.SIGCONT)
    assert worker.wait() == 1
    assert "went back" in worker.output()
    narrow_stream.start_worker()
    narrow_stream.wait_for_decisions(140)
    assert decided(narrow_stream) == set(range(140))
