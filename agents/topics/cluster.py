"""The topics of a running cluster: reading them, comparing them, creating those that are missing.

What exists is never altered.
"""

from collections.abc import Sequence
from typing import Any

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import (
    KafkaError,
    NoError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)

from sluicegate.agents.permissions import Need, looking_needs, require_permissions
from sluicegate.agents.settings import Settings
from sluicegate.agents.topics.desired import TopicSpec, desired_topics
from sluicegate.agents.topics.differences import ActualTopic, Difference, Differences, TopicsDiffer, plan

__all__ = ["TopicCreationError", "apply_topics", "check_topics", "compare_topics", "read_topics"]


class TopicCreationError(Exception):
    """Topics that the brokers did not create or would not tell of; the text says which, and why."""


def read_topics(admin: KafkaAdminClient, names: Sequence[str], needs: Sequence[Need] = ()) -> dict[str, ActualTopic]:
    """Read topics as they are.

    Parameters
    ----------
    admin
        A connected client.
    names
        The topics to read.
    needs
        What must be allowed, on them among others.

    Returns
    -------
    dict of str to ActualTopic
        Those that exist.

    Raises
    ------
    TopicCreationError
        If the brokers would not tell of one.
    PermissionMissing
        If something of what is needed is not allowed.
    """
    partitions: dict[str, int] = {}
    described = admin.describe_topics(list(names))
    require_permissions(admin, needs, described)
    for topic in described:
        error = for_code(topic["error_code"])
        if error is NoError:
            partitions[topic["name"]] = len(topic["partitions"])
        elif error is not UnknownTopicOrPartitionError:
            raise TopicCreationError(f"the brokers do not tell of topic {topic['name']}: {_reason(error, None)}")
    configs = _read_configs(admin, list(partitions))
    return {name: ActualTopic(name, count, configs.get(name)) for name, count in partitions.items()}


def compare_topics(
    admin: KafkaAdminClient, settings: Settings, review_topics: Sequence[str], also: Sequence[TopicSpec] = ()
) -> tuple[tuple[TopicSpec, ...], Differences]:
    """Compare the topics of the cluster with those that should be.

    Parameters
    ----------
    admin
        A connected client.
    settings
        Names, partitions, replication.
    review_topics
        The topics of the policy's queues.
    also
        Topics that should be there beside those that workers need.

    Returns
    -------
    tuple of TopicSpec
        All topics that should be; but for compacted ones with as many partitions as the events' topic has.
    Differences
        What is missing and what differs.
    """
    desired, _, differences = _compare(admin, settings, review_topics, also=also)
    return desired, differences


def apply_topics(admin: KafkaAdminClient, missing: Sequence[TopicSpec]) -> None:
    """Create topics, and return once each has a leader for every partition.

    One that was created by somebody else meanwhile is left as it is.

    Raises
    ------
    TopicCreationError
        If the brokers refuse any; the others are created.
    """
    if not missing:
        return
    answer = admin.create_topics({spec.name: _creation(spec) for spec in missing}, raise_errors=False)
    refused = [
        f"{topic['name']} ({_reason(error, topic.get('error_message'))})"
        for topic in answer["topics"]
        if (error := for_code(topic["error_code"])) not in (NoError, TopicAlreadyExistsError)
    ]
    if refused:
        raise TopicCreationError(
            f"the brokers did not create {', '.join(refused)}; mend that and run `sluicegate topics apply` again"
        )
    admin.wait_for_topics([spec.name for spec in missing])


def check_topics(
    admin: KafkaAdminClient, settings: Settings, review_topics: Sequence[str], needs: Sequence[Need] = ()
) -> tuple[dict[str, ActualTopic], tuple[Difference, ...]]:
    """Refuse topics on which a worker cannot run.

    Parameters
    ----------
    admin
        A connected client.
    settings
        Names and partitions.
    review_topics
        The topics of the policy's queues.
    needs
        What must be allowed beyond looking at them.

    Returns
    -------
    dict of str to ActualTopic
        The topics as they are.
    tuple of Difference
        What differs and does not keep a worker from running, for its log.

    Raises
    ------
    TopicsDiffer
        If a topic is missing or has other than the events' number of partitions.
    PermissionMissing
        If something of what is needed is not allowed.
    """
    _, actual, differences = _compare(admin, settings, review_topics, needs)
    if differences.prevents_work:
        raise TopicsDiffer(differences)
    return actual, differences.differing


def _compare(
    admin: KafkaAdminClient,
    settings: Settings,
    review_topics: Sequence[str],
    needs: Sequence[Need] = (),
    also: Sequence[TopicSpec] = (),
) -> tuple[tuple[TopicSpec, ...], dict[str, ActualTopic], Differences]:
    names = [spec.name for spec in (*desired_topics(settings, review_topics), *also)]
    actual = read_topics(admin, names, [*needs, *looking_needs(names)])
    events = actual.get(settings.events_topic)
    partitions = events.partitions if events else None
    desired = (*desired_topics(settings, review_topics, events_partitions=partitions), *also)
    return desired, actual, plan(desired, actual.values())


def _read_configs(admin: KafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    try:
        answer = admin.describe_configs(resources, config_filter="all")
    except KafkaError:
        # A broker that does not know the request, or a user who may not ask: then only partitions are compared.
        return {}
    return {
        topic: {name: entry["value"] for name, entry in entries.items() if entry["value"] is not None}
        for topic, entries in answer.get("topic", {}).items()
    }


def _creation(spec: TopicSpec) -> dict[str, Any]:
    replication = -1 if spec.replication is None else spec.replication
    return {"num_partitions": spec.partitions, "replication_factor": replication, "configs": dict(spec.config)}


def _reason(error: type[Any], message: str | None) -> str:
    if error is TopicAuthorizationFailedError:
        return "this user needs Create on it, or on the cluster"
    return (message or str(getattr(error, "description", "") or error.__name__)).strip().rstrip(".")
