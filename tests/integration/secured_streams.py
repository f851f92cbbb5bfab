"""Streams on the node with TLS, logins and permissions, and what each part of Sluicegate is allowed there."""

import uuid
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

from sluicegate.agents.broker import admin_client
from sluicegate.agents.settings import Settings
from sluicegate.agents.topics import apply_topics, desired_topics, ledger_topic
from sluicegate.deploy.kafka.secured import Permission, SecuredNode
from sluicegate.policy import default_policy_path, load_policy
from tests.integration.streams import Stream
from tests.integration.worker_process import until

__all__ = [
    "allow",
    "login_settings",
    "new_user",
    "permissions_of",
    "replay_prefix",
    "review_group",
    "secured_stream",
]

_PAGE: Final = Path(__file__).parents[2] / "docs" / "security.md"
_OPERATIONS: Final = {
    "Create": "CREATE",
    "Delete": "DELETE",
    "Describe": "DESCRIBE",
    "DescribeConfigs": "DESCRIBE_CONFIGS",
    "Read": "READ",
    "Write": "WRITE",
}


def replay_prefix(stream: Stream) -> str:
    """Give what the names of topics begin with that a replay writes to."""
    return f"replay.{stream.name}."


def review_group(stream: Stream) -> str:
    """Give the group of a stream's review tools."""
    return f"{stream.name}-review-tools"


def permissions_of(part: str, stream: Stream) -> list[Permission]:
    """Give what docs/security.md has one part granted, on the topics and the group of a stream."""
    ours = {
        "content.events": stream.events,
        "content.decisions": stream.decisions,
        "content.events.dlq": stream.dead_letters,
        "content.events.dlq.redriven": f"{stream.dead_letters}.redriven",
        "review.": stream.review_prefix,
        "review.outcomes": stream.environment["SLUICEGATE_OUTCOMES_TOPIC"],
        "desk.state": stream.environment["SLUICEGATE_DESK_STATE_TOPIC"],
        "sluicegate": stream.name,
        "sluicegate:": f"{stream.name}:",
        "sluicegate.redrive.content.events.dlq.redriven": f"sluicegate.redrive.{stream.dead_letters}.redriven",
        "replay.": replay_prefix(stream),
        "review-tools": review_group(stream),
    }
    section = _PAGE.read_text(encoding="utf-8").partition(f"\n### {part}\n")[2].partition("\n### ")[0]
    commands = [line.split() for line in section.splitlines() if line.startswith("    kafka-acls.sh $ADMIN --add ")]
    assert commands, f"docs/security.md has no commands for {part}"
    return [
        Permission(kind, ours[name], _OPERATIONS[operation], "prefixed" in command)
        for command in commands
        for kind in ("topic", "group", "transactional_id")
        for name in _values(command, f"--{kind.replace('_', '-')}")
        for operation in _values(command, "--operation")
    ]


def _values(command: list[str], option: str) -> list[str]:
    return [value for before, value in pairwise(command) if before == option]


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
        apply_topics(admin, [*desired_topics(administrator, review_topics), ledger_topic(administrator)])
    yield stream
    stream.close()
