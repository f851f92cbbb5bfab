"""The Kafka node under the hands of a test: what it keeps, when it dies, and that it dies with its parent."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.consumer import KafkaConsumer
from kafka.structs import TopicPartition

from sluicegate.deploy.kafka.fixtures import Cluster
from sluicegate.deploy.kafka.node import KafkaNode, KafkaNodeError

_DEADLINE = 30.0


def _until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _DEADLINE
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited {_DEADLINE:.0f} s for: {what}")
        time.sleep(0.02)


def _create(bootstrap: str, topic: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    admin.close()


def _send(bootstrap: str, topic: str, value: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap, max_request_size=4_000_000)
    producer.send(topic, value).get(timeout=_DEADLINE)
    producer.close()


def _values(bootstrap: str, topic: str, count: int) -> list[bytes]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, 0)])
    found: list[bytes] = []

    def enough() -> bool:
        for records in consumer.poll(timeout_ms=100).values():
            found.extend(record.value for record in records)
        return len(found) >= count

    _until(enough, f"{count} records of {topic}")
    consumer.close()
    return found


def test_the_shared_kafka_takes_records_of_two_mebibytes(kafka: Cluster) -> None:
    _create(kafka.bootstrap, "node.large")
    _send(kafka.bootstrap, "node.large", b"x" * 2 * 1024 * 1024)
    assert len(_values(kafka.bootstrap, "node.large", 1)[0]) == 2 * 1024 * 1024


def test_a_topic_that_nobody_created_does_not_come_into_being(kafka: Cluster) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, max_block_ms=1_000)
    with pytest.raises(Exception, match=r"(?i)timeout|metadata|unknown"):
        producer.send("node.absent", b"x").get(timeout=5)
    producer.close(timeout=0)
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    assert "node.absent" not in admin.list_topics()
    admin.close()


def test_what_was_acknowledged_is_there_after_a_kill_at_the_same_address(own_kafka: KafkaNode) -> None:
    bootstrap = own_kafka.bootstrap
    _create(bootstrap, "node.kept")
    _send(bootstrap, "node.kept", b"before the kill")
    own_kafka.kill()
    assert own_kafka.pid is None
    own_kafka.start()
    assert own_kafka.bootstrap == bootstrap
    _send(bootstrap, "node.kept", b"after the kill")
    own_kafka.restart()
    assert _values(bootstrap, "node.kept", 2) == [b"before the kill", b"after the kill"]


def test_a_frozen_node_is_stopped_until_it_is_thawed(own_kafka: KafkaNode) -> None:
    process = psutil.Process(own_kafka.pid)
    own_kafka.freeze()
    _until(lambda: process.status() == psutil.STATUS_STOPPED, "the node to stand still")
    own_kafka.thaw()
    _until(lambda: process.status() != psutil.STATUS_STOPPED, "the node to go on")
    own_kafka.freeze()
    own_kafka.stop()
    assert not process.is_running()


def test_a_node_that_was_ended_from_outside_can_be_started_again(own_kafka: KafkaNode) -> None:
    process = psutil.Process(own_kafka.pid)
    process.kill()
    _until(lambda: own_kafka.pid is None, "the node to be seen as ended")
    own_kafka.start()
    assert own_kafka.pid not in (None, process.pid)


def test_a_node_that_cannot_start_says_why_and_leaves_nothing_running(own_kafka: KafkaNode) -> None:
    bad = KafkaNode(own_kafka.log.parent / "bad", overrides={"num.network.threads": "none"})
    with pytest.raises(KafkaNodeError, match=r"num\.network\.threads"):
        bad.start()
    assert bad.pid is None


def test_a_node_dies_with_the_process_that_started_it(own_kafka: KafkaNode, tmp_path: Path) -> None:
    script = (
        "import pathlib, sys\n"
        "from sluicegate.deploy.kafka.node import KafkaNode\n"
        "node = KafkaNode(pathlib.Path(sys.argv[1]))\n"
        "node.start()\n"
        "print(node.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        node = psutil.Process(int(parent.stdout.readline()))
        assert node.is_running()
        parent.kill()
    _until(lambda: not node.is_running(), "the orphaned node to end")
