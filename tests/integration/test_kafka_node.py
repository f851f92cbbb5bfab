"""The Kafka node under the hands of a test: what it keeps, when it dies, and that it dies with its parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
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


def test_a_node_shares_the_classes_that_an_earlier_one_wrote_down(own_kafka: KafkaNode) -> None:
    mapped = {Path(each.path).name for each in psutil.Process(own_kafka.pid).memory_maps()}
    assert any(name.startswith("classes-") for name in mapped), mapped


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


@pytest.fixture
def foreground(tmp_path: Path) -> Iterator[Callable[[int], "subprocess.Popen[str]"]]:
    """A way to start ``make kafka``'s program on a port, in a folder of the test's own."""
    started: list[subprocess.Popen[str]] = []

    def start(port: int) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "sluicegate.deploy.kafka", "--port", str(port)]
        started.append(
            subprocess.Popen(command, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_node_in_the_foreground_runs_until_it_is_interrupted_and_keeps_its_data(
    own_kafka: KafkaNode, foreground: Callable[[int], "subprocess.Popen[str]"], number: signal.Signals
) -> None:
    port = own_kafka.port
    own_kafka.stop()
    for run in range(2):
        process = foreground(port)
        assert process.stdout is not None
        assert f"Kafka answers at 127.0.0.1:{port}" in process.stdout.readline()
        (shell,) = psutil.Process(process.pid).children()
        if run == 0:
            _create(own_kafka.bootstrap, "kept")
            _send(own_kafka.bootstrap, "kept", b"x")
        assert _values(own_kafka.bootstrap, "kept", 1) == [b"x"]
        os.kill(process.pid, number)
        assert process.wait(_DEADLINE) == 0
        assert not shell.is_running()


def test_a_port_that_is_taken_is_told_and_what_listens_there_is_not_taken_for_the_node(
    own_kafka: KafkaNode, foreground: Callable[[int], "subprocess.Popen[str]"]
) -> None:
    process = foreground(own_kafka.port)
    _, told = process.communicate(timeout=_DEADLINE)
    assert process.returncode == 1
    assert told.splitlines() == [
        f"port {own_kafka.port} of 127.0.0.1 is taken; end what listens there, or choose another"
    ]
