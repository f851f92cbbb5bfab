"""What a part must be allowed at the brokers: asked for before it begins, and named where it is taken away later."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from aiokafka import errors as stream
from kafka import errors
from kafka.admin import KafkaAdminClient

from sluicegate.agents.publisher import NotWrittenError
from sluicegate.agents.settings import Settings

__all__ = [
    "Need",
    "PermissionMissing",
    "explained",
    "looking_needs",
    "require_permissions",
    "transactional_prefix",
    "worker_needs",
]

_TOPIC_REFUSED: Final = errors.TopicAuthorizationFailedError.errno
#: Operations as kafka-acls.sh has them, by the names that kafka-python gives them.
_OPERATIONS: Final = {
    "CREATE": "Create",
    "DELETE": "Delete",
    "DESCRIBE": "Describe",
    "DESCRIBE_CONFIGS": "DescribeConfigs",
    "READ": "Read",
    "WRITE": "Write",
}


def transactional_prefix(group: str, topic: str) -> str:
    """Give what the transactional ids of a group begin with; no other group or topic has one of them."""
    # Colons stand in no topic's name, hyphens do in most.
    return f"{group}:{topic}:"


class Need(NamedTuple):
    """One operation that a part does.

    Attributes
    ----------
    kind
        Of the resource.
    name
        Of the resource.
    operation
        In capitals, with underscores.
    """

    kind: Literal["topic", "group", "transactional id"]
    name: str
    operation: Literal["CREATE", "DELETE", "DESCRIBE", "DESCRIBE_CONFIGS", "READ", "WRITE"]


class PermissionMissing(Exception):
    """The brokers do not allow what a part must do; the text says which operations, on what, and what to do."""

    def __init__(self, missing: Sequence[Need]) -> None:
        self.missing = tuple(missing)
        operations: dict[tuple[str, str], list[str]] = {}
        for need in missing:
            operations.setdefault((need.kind, need.name), []).append(_OPERATIONS[need.operation])
        told = [f"{' and '.join(each)} on the {kind} {name}" for (kind, name), each in operations.items()]
        super().__init__(
            f"the brokers do not allow this user {', '.join(told)}; grant it with kafka-acls.sh: docs/security.md "
            "lists what each part needs"
        )


def looking_needs(topics: Iterable[str]) -> list[Need]:
    """Give what it takes to look at topics: at their partitions, and at Kafka's settings of them."""
    return [Need("topic", name, operation) for name in topics for operation in ("DESCRIBE", "DESCRIBE_CONFIGS")]


def worker_needs(settings: Settings, review_topics: Iterable[str]) -> list[Need]:
    """Give what a worker of the role ``score`` needs beyond looking at its topics.

    Parameters
    ----------
    settings
        Names of topics and of the group.
    review_topics
        Those of the policy's queues.
    """
    written = [settings.decisions_topic, settings.dead_letters_topic, *review_topics]
    return [
        Need("topic", settings.events_topic, "READ"),
        Need("group", settings.group, "READ"),
        *(Need("topic", name, "WRITE") for name in dict.fromkeys(written)),
    ]


def require_permissions(
    admin: KafkaAdminClient, needs: Sequence[Need], described: Sequence[Mapping[str, Any]] | None = None
) -> None:
    """Return if all is allowed; brokers that do not tell what is allowed are believed to allow it.

    Parameters
    ----------
    admin
        A connected client.
    needs
        What is going to be done.
    described
        What the client tells of the topics, where it was asked already.

    Raises
    ------
    PermissionMissing
        With all that is not allowed.
    """
    topics = list(dict.fromkeys(need.name for need in needs if need.kind == "topic"))
    if described is None:
        described = admin.describe_topics(topics) if topics else ()
    allowed = {("topic", str(topic["name"])): _allowed_on_topic(topic) for topic in described}
    for name in dict.fromkeys(need.name for need in needs if need.kind == "group"):
        allowed["group", name] = _allowed_on_group(admin, name)
    missing = []
    for need in dict.fromkeys(needs):
        operations = allowed.get((need.kind, need.name))
        if operations is not None and need.operation not in operations:
            missing.append(need)
    if missing:
        raise PermissionMissing(missing)


def explained(error: BaseException, settings: Settings) -> BaseException:
    """Give, for an error of the stream's client that a missing permission made, one that names the permission.

    Parameters
    ----------
    error
        Any.
    settings
        Names of the topic that is read, and of the group.

    Returns
    -------
    BaseException
        The error itself where it is about something else.
    """
    cause = error.__cause__ or error
    if isinstance(cause, stream.TransactionalIdAuthorizationFailed):
        name = transactional_prefix(settings.group, settings.events_topic)
        # Brokers say the same whether Describe is lacking or Write, and Write implies Describe.
        return PermissionMissing([Need("transactional id", f"{name}*", "WRITE")])
    if isinstance(cause, stream.GroupAuthorizationFailedError):
        return PermissionMissing([Need("group", settings.group, "READ")])
    if isinstance(cause, stream.TopicAuthorizationFailedError):
        topics = [error.topic] if isinstance(error, NotWrittenError) else _topics_of(cause)
        return PermissionMissing(
            # The events alone are read, and never written.
            [Need("topic", topic, "READ" if topic == settings.events_topic else "WRITE") for topic in topics]
            or [Need("topic", settings.events_topic, "READ")]
        )
    return error


def _topics_of(error: stream.TopicAuthorizationFailedError) -> list[str]:
    """Give the topics that aiokafka says are refused: one, or, where several were asked for at once, a set of them."""
    said = error.args[0] if error.args else ()
    return [said] if isinstance(said, str) else sorted(map(str, said))


def _allowed_on_topic(described: Mapping[str, Any]) -> frozenset[str] | None:
    return frozenset() if described["error_code"] == _TOPIC_REFUSED else _told(described)


def _allowed_on_group(admin: KafkaAdminClient, name: str) -> frozenset[str] | None:
    try:
        described = admin.describe_groups([name])[name]
    except errors.GroupAuthorizationFailedError:
        return frozenset()
    except (errors.KafkaError, ValueError):
        # Nothing coordinates groups yet, or a broker other than Apache Kafka.
        return None
    if errors.GroupAuthorizationFailedError.__name__ in (described.get("error") or ""):
        return frozenset()
    return _told(described)


def _told(described: Mapping[str, Any]) -> frozenset[str] | None:
    """Give the operations that are allowed; None where the broker does not tell: whoever may look may do something."""
    operations = described.get("authorized_operations")
    return frozenset(map(str, operations)) if isinstance(operations, list) and operations else None
