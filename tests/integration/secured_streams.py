"""Streams on the node with TLS, logins and permissions, and what each part of Sluicegate is allowed there."""

import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from sluicegate.agents.broker import admin_client
from sluicegate.agents.settings import Settings
from sluicegate.agents.topics import apply_topics, desired_topics
from sluicegate.deploy.kafka.secured import Permission, SecuredNode
from sluicegate.policy import default_policy_path, load_policy
from tests.integration.streams import Stream, until

__all__ = ["PARTS", "allow", "login_settings", "new_user", "permissions_of", "secured_stream"]

#: What docs/security.md lists, for topics whose names begin as those of a test do.
PARTS = ("worker", "publish", "status", "apply", "check")


def permissions_of(part: str, stream: Stream) -> list[Permission]:
    """Give what one part needs on the topics and the group of a stream."""
    events, decisions, dead_letters = (
        Permission("topic", t, "") for t in (stream.events, stream.decisions, stream.dead_letters)
    )
    review = Permission("topic", stream.review_prefix, "", prefixed=True)
    others = [
        Permission("topic", stream.environment[f"SLUICEGATE_{name}_TOPIC"], "") for name in ("OUTCOMES", "DESK_STATE")
    ]
    group = Permission("group", stream.name, "")

    def on(resources: Iterable[Permission], *operations: str) -> list[Permission]:
        return [each._replace(operation=operation) for each in resources for operation in operations]

    everything = [events, decisions, dead_letters, review, *others]
    return {
        "worker": [
            *on([events, group], "READ"),
            *on([decisions, dead_letters, review], "WRITE"),
            *on(others, "DESCRIBE"),
            *on(everything, "DESCRIBE_CONFIGS"),
        ],
        "publish": on([events], "WRITE"),
        "status": [*on([decisions, dead_letters, review, group], "DESCRIBE"), *on([events], "READ")],
        "apply": on(everything, "DESCRIBE", "DESCRIBE_CONFIGS", "CREATE"),
        "check": on(everything, "DESCRIBE", "DESCRIBE_CONFIGS"),
    }[part]


def new_user(node: SecuredNode) -> tuple[str, str]:
    """Let a user log in whose name and password occur nowhere else."""
    user, password = f"user-{uuid.uuid4().hex}", f"password-{uuid.uuid4().hex}"
    node.add_user(user, password)
    return user, password


def login_settings(node: SecuredNode, user: str, password: str) -> dict[str, str]:
    """Give the environment in which a command logs in."""
    return {
        "SLUICEGATE_BROKERS": node.with_login,
        "SLUICEGATE_SECURITY_PROTOCOL": "SASL_SSL",
        "SLUICEGATE_SASL_USERNAME": user,
        "SLUICEGATE_SASL_PASSWORD": password,
        "SLUICEGATE_SSL_CA": str(node.authority.trusted),
    }


def allow(node: SecuredNode, user: str, permissions: Iterable[Permission]) -> None:
    """Grant permissions, and wait until the broker goes by them."""
    wanted = list(permissions)
    node.grant(user, wanted)
    until(lambda: set(wanted) <= set(node.permissions(user)), 10)


def secured_stream(node: SecuredNode, folder: Path) -> Iterator[Stream]:
    """Make a stream of two partitions whose tests connect as the administrator, who has created its topics."""
    stream = Stream(node.with_login, folder, 2, client=node.client())
    names = {name.removeprefix("SLUICEGATE_").lower(): value for name, value in stream.environment.items()}
    administrator = Settings.model_validate(
        {**names, "security_protocol": "SASL_SSL", "ssl_ca": node.authority.trusted, **node.administrator}
    )
    review_topics = load_policy(default_policy_path()).review_topics(stream.review_prefix)
    with admin_client(administrator) as admin:
        apply_topics(admin, desired_topics(administrator, review_topics))
    yield stream
    stream.close()
