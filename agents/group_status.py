"""The consumer group of the workers as the brokers know it: its members, and how far they have committed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    NotCoordinatorError,
)

from sluicegate.agents.settings import Settings

__all__ = ["GroupStatus", "MemberStatus", "committed_offsets", "group_status"]

#: Seconds for which a broker may load what it knows of groups, and from one question to the next.
_LOADING_SECONDS: Final = 15.0
_ASK_SECONDS: Final = 0.2


@dataclass(frozen=True)
class MemberStatus:
    """One worker as the broker knows it: its client id, its name in static membership, host and partitions."""

    client: str
    instance: str | None
    host: str
    partitions: tuple[int, ...]


@dataclass(frozen=True)
class GroupStatus:
    """The consumer group; `state` and `members` are None where the broker does not tell."""

    name: str
    state: str | None
    members: tuple[MemberStatus, ...] | None


def committed_offsets(admin: KafkaAdminClient, group: str) -> dict[TopicPartition, int]:
    """Give the committed offsets of a group; a broker that has just begun to coordinate it is waited for."""
    end = time.monotonic() + _LOADING_SECONDS
    while True:
        try:
            found = admin.list_group_offsets(group)[group]
            break
        except CoordinatorNotAvailableError:
            # A cluster that never had a group has nothing to coordinate them with.
            return {}
        except (CoordinatorLoadInProgressError, NotCoordinatorError):
            if time.monotonic() > end:
                raise
            time.sleep(_ASK_SECONDS)
    return {partition: each.offset for partition, each in found.items() if each.offset >= 0}


def group_status(admin: KafkaAdminClient, settings: Settings) -> GroupStatus:
    """Describe the workers' group."""
    try:
        described = admin.describe_groups([settings.group])[settings.group]
    except CoordinatorNotAvailableError:
        return GroupStatus(settings.group, "Dead", ())
    except (KafkaError, ValueError):
        # Brokers other than Apache Kafka may not answer this, or in ways that the client cannot read.
        return GroupStatus(settings.group, None, None)
    members = (_member(member, settings.events_topic) for member in described["members"])
    return GroupStatus(settings.group, described["group_state"], tuple(sorted(members, key=lambda each: each.client)))


def _member(member: Mapping[str, Any], topic: str) -> MemberStatus:
    assignment = member["member_assignment"]
    assigned = assignment.get("assigned_partitions", ()) if isinstance(assignment, Mapping) else ()
    return MemberStatus(
        client=member["client_id"],
        instance=member.get("group_instance_id"),
        host=member["client_host"].removeprefix("/"),
        partitions=tuple(sorted(n for each in assigned if each["topic"] == topic for n in each["partitions"])),
    )
