"""Topics on a real Kafka: created, checked, never altered."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

import pytest
from kafka.admin import KafkaAdminClient

from sluicegate.agents.broker import admin_client
from sluicegate.agents.settings import Settings, load_settings
from sluicegate.agents.topics import (
    RecordLimits,
    TopicCreationError,
    TopicsDiffer,
    TopicSpec,
    apply_topics,
    check_topics,
    compare_topics,
    read_topics,
)
from sluicegate.agents.topics.desired import OUTPUT_MAX_BYTES
from sluicegate.agents.worker import _look_at_topics as look_at_topics
from sluicegate.deploy.kafka.fixtures import Cluster
from sluicegate.policy import default_policy_path, load_policy


@pytest.fixture
def settings(kafka: Cluster) -> Settings:
    prefix = uuid4().hex[:12]
    return load_settings(
        brokers=tuple(kafka.bootstrap.split(",")),
        events_topic=f"{prefix}.events",
        decisions_topic=f"{prefix}.decisions",
        dead_letters_topic=f"{prefix}.dlq",
        outcomes_topic=f"{prefix}.outcomes",
        desk_state_topic=f"{prefix}.desk",
        review_prefix=f"{prefix}.review.",
        partitions=3,
    )


@pytest.fixture
def review_topics(settings: Settings) -> list[str]:
    return [f"{settings.review_prefix}fraud.{class_}" for class_ in range(3)]


@pytest.fixture
def admin(settings: Settings) -> Iterator[KafkaAdminClient]:
    with admin_client(settings) as client:
        yield client


def topics_command(settings: Settings, command: str) -> "subprocess.CompletedProcess[str]":
    topics = ["events_topic", "decisions_topic", "dead_letters_topic", "outcomes_topic", "desk_state_topic"]
    names = [*topics, "review_prefix", "partitions"]
    environment = {f"SLUICEGATE_{name.upper()}": str(getattr(settings, name)) for name in names}
    return subprocess.run(
        [sys.executable, "-m", "sluicegate", "topics", command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **environment, "SLUICEGATE_BROKERS": ",".join(settings.brokers)},
    )


def apply(admin: KafkaAdminClient, settings: Settings, review_topics: Sequence[str]) -> None:
    _, differences = compare_topics(admin, settings, review_topics)
    apply_topics(admin, differences.missing)


def test_what_was_created_is_as_desired(admin: KafkaAdminClient, settings: Settings, review_topics: list[str]) -> None:
    apply(admin, settings, review_topics)
    desired, differences = compare_topics(admin, settings, review_topics)
    assert not differences
    for spec in desired:
        actual = read_topics(admin, [spec.name])[spec.name]
        assert actual.partitions == spec.partitions
        assert actual.config is not None
        assert {name: actual.config[name] for name in spec.config} == spec.config
    checked, differing = check_topics(admin, settings, review_topics)
    assert differing == ()
    assert set(checked) == {spec.name for spec in desired}


def test_a_worker_reads_its_topics_once(
    admin: KafkaAdminClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = load_policy(default_policy_path())
    apply(admin, settings, policy.review_topics(settings.review_prefix))
    read, asked = KafkaAdminClient.describe_topics, list[list[str]]()

    def counted(client: KafkaAdminClient, topics: list[str]) -> Any:
        asked.append(topics)
        return read(client, topics)

    monkeypatch.setattr(KafkaAdminClient, "describe_topics", counted)
    assert look_at_topics(admin, settings, policy) == RecordLimits(OUTPUT_MAX_BYTES, OUTPUT_MAX_BYTES)
    assert len(asked) == 1


def test_an_events_topic_that_stands_decides_the_partitions(
    admin: KafkaAdminClient, settings: Settings, review_topics: list[str]
) -> None:
    apply_topics(admin, [TopicSpec(settings.events_topic, 5, None, {"max.message.bytes": "1048576"})])
    apply(admin, settings, review_topics)
    names = [settings.decisions_topic, settings.dead_letters_topic, *review_topics]
    assert {topic.partitions for topic in read_topics(admin, names).values()} == {5}


def test_a_worker_is_told_which_topics_are_missing_or_have_other_partitions(
    admin: KafkaAdminClient, settings: Settings, review_topics: list[str]
) -> None:
    apply_topics(admin, [TopicSpec(settings.decisions_topic, 1)])
    apply(admin, settings, review_topics)
    added = [*review_topics, f"{settings.review_prefix}new.0"]
    with pytest.raises(TopicsDiffer) as refused:
        check_topics(admin, settings, added)
    assert f"{settings.review_prefix}new.0 is missing" in str(refused.value)
    assert f"{settings.decisions_topic} has 1 partition instead of 3" in str(refused.value)


def test_what_the_brokers_refuse_is_named_with_their_reason(admin: KafkaAdminClient) -> None:
    name = uuid4().hex
    with pytest.raises(TopicCreationError, match=f"did not create {name} \\(.*eplication factor"):
        apply_topics(admin, [TopicSpec(name, 1, 30)])


def test_check_fails_before_apply_and_not_after_it(settings: Settings) -> None:
    before = topics_command(settings, "check")
    assert before.returncode == 1
    assert f"{settings.events_topic} is missing; `sluicegate topics apply` creates it" in before.stderr
    first = topics_command(settings, "apply")
    assert (first.returncode, first.stderr) == (0, "")
    assert f"created {settings.events_topic} (3 partitions)" in first.stdout
    again = topics_command(settings, "apply")
    assert (again.returncode, again.stderr) == (0, "")
    assert "created" not in again.stdout
    after = topics_command(settings, "check")
    assert (after.returncode, after.stderr) == (0, "")


def test_apply_creates_nothing_that_the_topics_there_would_not_fit(admin: KafkaAdminClient, settings: Settings) -> None:
    apply_topics(admin, [TopicSpec(settings.decisions_topic, 6)])
    refused = topics_command(settings, "apply")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"sluicegate: nothing was created: {settings.events_topic} would get 3 partitions, and the topics that are "
        "there for its records have 6; set SLUICEGATE_PARTITIONS=6, or other names for all topics\n"
    )
    assert read_topics(admin, [settings.events_topic, settings.dead_letters_topic]) == {}
    checked = topics_command(settings, "check")
    assert (checked.returncode, checked.stdout) == (1, "")
    assert checked.stderr.count("set SLUICEGATE_PARTITIONS=6") == 1


def test_apply_alters_nothing_and_says_what_differs(admin: KafkaAdminClient, settings: Settings) -> None:
    config = {"max.message.bytes": "1000000", "cleanup.policy": "delete"}
    apply_topics(admin, [TopicSpec(settings.decisions_topic, 3, None, config)])
    done = topics_command(settings, "apply")
    assert done.returncode == 1
    assert f"{settings.decisions_topic} takes records of 1000000 bytes instead of 2097152" in done.stderr
    assert "kafka-configs.sh --alter" in done.stderr
    config_now = read_topics(admin, [settings.decisions_topic])[settings.decisions_topic].config
    assert config_now is not None
    assert config_now["max.message.bytes"] == "1000000"
