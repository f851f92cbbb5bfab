"""The status of a deployment on a real Kafka."""

import json
import os
import subprocess
import sys
from uuid import uuid4

import bcrypt
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from sluicegate.agents.broker import admin_client
from sluicegate.agents.health import Health
from sluicegate.agents.http import MetricsServer
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.settings import Settings, load_settings
from sluicegate.agents.status import EventsTopicMissing, read_status
from sluicegate.agents.topics import TopicSpec, apply_topics
from sluicegate.agents.web_config import WebConfig
from sluicegate.deploy.kafka.fixtures import Cluster
from tests.commands import ran


@pytest.fixture
def settings(kafka: Cluster) -> Settings:
    prefix = uuid4().hex[:12]
    return load_settings(
        brokers=tuple(kafka.bootstrap.split(",")),
        group=f"{prefix}-group",
        events_topic=f"{prefix}.events",
        decisions_topic=f"{prefix}.decisions",
        dead_letters_topic=f"{prefix}.dlq",
        review_prefix=f"{prefix}.review.",
        metrics_port=0,
    )


def environment_of(settings: Settings) -> dict[str, str]:
    names = ["group", "events_topic", "decisions_topic", "dead_letters_topic", "review_prefix", "metrics_port"]
    environment = {f"SLUICEGATE_{name.upper()}": str(getattr(settings, name)) for name in names}
    return {**environment, "SLUICEGATE_BROKERS": ",".join(settings.brokers)}


@pytest.fixture
def ten_events_in_each_of_two_partitions(settings: Settings) -> None:
    with admin_client(settings) as admin:
        apply_topics(admin, [TopicSpec(settings.events_topic, 2), TopicSpec(f"{settings.review_prefix}fraud.1", 2)])
    with KafkaProducer(bootstrap_servers=list(settings.brokers)) as producer:
        for number in range(20):
            producer.send(settings.events_topic, b"{}", partition=number % 2)
        for number in range(3):
            producer.send(f"{settings.review_prefix}fraud.1", b"{}", partition=number % 2)


@pytest.mark.usefixtures("ten_events_in_each_of_two_partitions")
def test_lag_counts_from_the_committed_offset_and_has_an_age(settings: Settings) -> None:
    place = TopicPartition(settings.events_topic, 0)
    consumer = KafkaConsumer(
        bootstrap_servers=list(settings.brokers), group_id=settings.group, enable_auto_commit=False
    )
    consumer.assign([place])
    consumer.commit({place: OffsetAndMetadata(7, "", -1)})
    consumer.close()
    with admin_client(settings) as admin:
        found = read_status(admin, settings, interval=0.1)
    assert [(each.committed, each.end, each.lag) for each in found.partitions] == [(7, 10, 3), (None, 10, 10)]
    assert all(each.oldest_age is not None and each.oldest_age < 120 for each in found.partitions)
    assert found.lag == 13
    assert [(topic.name, topic.records) for topic in found.review] == [(f"{settings.review_prefix}fraud.1", 3)]


@pytest.mark.usefixtures("ten_events_in_each_of_two_partitions")
def test_members_of_the_group_are_shown_with_their_partitions(settings: Settings) -> None:
    consumer = KafkaConsumer(
        settings.events_topic,
        bootstrap_servers=list(settings.brokers),
        group_id=settings.group,
        client_id="worker-of-a-test",
        auto_offset_reset="earliest",
    )
    try:
        assert consumer.poll(timeout_ms=30_000), "the consumer was given no partitions"
        with admin_client(settings) as admin:
            group = read_status(admin, settings, interval=0.1).group
    finally:
        consumer.close()
    assert group.state == "Stable"
    assert group.members is not None
    assert [(member.client, member.partitions) for member in group.members] == [("worker-of-a-test", (0, 1))]


def test_without_a_topic_of_events_the_command_that_mends_it_is_named(settings: Settings) -> None:
    with admin_client(settings) as admin, pytest.raises(EventsTopicMissing, match="sluicegate topics apply"):
        read_status(admin, settings)


@pytest.mark.usefixtures("ten_events_in_each_of_two_partitions")
def test_the_command_gives_tables_and_json(settings: Settings) -> None:
    environment = {**os.environ, **environment_of(settings)}
    command = [sys.executable, "-m", "sluicegate", "status"]
    machine, human = (
        subprocess.run([*command, *more], capture_output=True, text=True, check=False, timeout=60, env=environment)
        for more in (["--json"], [])
    )
    assert (machine.returncode, machine.stderr) == (0, "")
    assert json.loads(machine.stdout)["lag"] == 20
    assert (human.returncode, human.stderr) == (0, "")
    assert "review.fraud" in human.stdout
    assert "offsets kept (of tasks, withdrawals and, with transactions, markers)" in " ".join(human.stdout.split())
    assert f"Group {settings.group}: no worker has joined yet\n" in human.stdout


@pytest.mark.usefixtures("ten_events_in_each_of_two_partitions")
def test_a_worker_that_refuses_the_login_is_told_of_beside_the_lag_though_nobody_named_it(settings: Settings) -> None:
    guarded = WebConfig(users={"prometheus": bcrypt.hashpw(b"a password", bcrypt.gensalt(4)).decode()})
    server = MetricsServer(Metrics(), Health(stage="joining the group"), "127.0.0.1", 0, guarded)
    server.start()
    try:
        done = ran("status", "--json", env={**environment_of(settings), "SLUICEGATE_METRICS_PORT": str(server.port)})
    finally:
        server.stop()
    assert (done.exit_code, json.loads(done.stdout)["lag"]) == (1, 20)
    assert done.stderr.startswith(f"sluicegate: the worker at http://127.0.0.1:{server.port}/metrics refuses the login")
