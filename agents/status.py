"""How a running deployment is doing, read from the broker and from a worker's metrics; nothing is changed.

The embedded broker of the demo reports the end of a partition short by the rest of its last batch: counts and lag are
then too low by that.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import TopicAuthorizationFailedError

from sluicegate.agents.broker import client_arguments
from sluicegate.agents.group_status import GroupStatus, committed_offsets, group_status
from sluicegate.agents.permissions import Need, PermissionMissing, require_permissions
from sluicegate.agents.settings import Settings
from sluicegate.agents.timestamps import age_seconds
from sluicegate.agents.worker_status import WorkerStatus

__all__ = [
    "EventsTopicMissing",
    "PartitionStatus",
    "Status",
    "TopicStatus",
    "partition_status",
    "read_status",
]

_AGE_SECONDS: Final = 3.0
_POLL_MILLISECONDS: Final = 200


class EventsTopicMissing(Exception):
    """There is no topic of events to have a status of."""


@dataclass(frozen=True)
class PartitionStatus:
    """How far the group is with one partition of the events.

    Parameters
    ----------
    partition
        Its number.
    committed
        The group's committed offset; None before the first commit.
    end
        The offset after the last record.
    lag
        Records that are there and not committed.
    oldest_age
        Seconds since the oldest of those was written; None without lag, or where it could not be read in time.
    """

    partition: int
    committed: int | None
    end: int
    lag: int
    oldest_age: float | None = None


@dataclass(frozen=True)
class TopicStatus:
    """A topic's records that are kept, and how many came in a second while the status was taken."""

    name: str
    records: int
    per_second: float


@dataclass(frozen=True)
class Status:
    """All of it.

    Parameters
    ----------
    group
        The scoring workers' consumer group.
    partitions
        The events, by partition.
    topics
        Events, decisions and dead letters, those that exist.
    review
        The review topics by name: those that end in a class.
    worker
        What one worker says of itself; None when none was asked or none answered.
    notes
        What could not be found out, and why.
    """

    group: GroupStatus
    partitions: tuple[PartitionStatus, ...]
    topics: tuple[TopicStatus, ...]
    review: tuple[TopicStatus, ...]
    worker: WorkerStatus | None = None
    notes: tuple[str, ...] = ()

    @property
    def lag(self) -> int:
        """Records of all partitions that are not committed."""
        return sum(partition.lag for partition in self.partitions)


def read_status(
    admin: KafkaAdminClient, settings: Settings, *, interval: float = 1.0, worker: WorkerStatus | None = None
) -> Status:
    """Take the status; lasts a little longer than `interval`.

    Parameters
    ----------
    admin
        A connected client.
    settings
        Names of topics and of the group.
    interval
        Seconds over which rates are measured.
    worker
        What a worker says, to go with it.

    Raises
    ------
    EventsTopicMissing
        If the topic of the events does not exist.
    PermissionMissing
        If the user may not look at the topics or the group.
    """
    flow = [settings.events_topic, settings.decisions_topic, settings.dead_letters_topic]
    needs = [*(Need("topic", name, "DESCRIBE") for name in flow), Need("group", settings.group, "DESCRIBE")]
    require_permissions(admin, needs)
    partitions = _partitions(admin, settings)
    first_ends, started = _offsets(admin, partitions, OffsetSpec.LATEST), time.monotonic()
    beginnings = _offsets(admin, partitions, OffsetSpec.EARLIEST)
    committed = committed_offsets(admin, settings.group)
    group = group_status(admin, settings)
    time.sleep(max(0.0, interval - (time.monotonic() - started)))
    ends, elapsed = _offsets(admin, partitions, OffsetSpec.LATEST), time.monotonic() - started

    def topic_status(name: str) -> TopicStatus:
        mine = [partition for partition in partitions if partition.topic == name]
        came = sum(ends[partition] - first_ends[partition] for partition in mine)
        kept = sum(ends[partition] - beginnings[partition] for partition in mine)
        return TopicStatus(name, kept, came / elapsed)

    names = dict.fromkeys(partition.topic for partition in partitions)
    events = sorted(partition for partition in partitions if partition.topic == settings.events_topic)
    standing = [partition_status(each.partition, committed.get(each), beginnings[each], ends[each]) for each in events]
    notes = []
    try:
        with_ages = tuple(_with_ages(settings, standing, beginnings))
    except TopicAuthorizationFailedError:
        # Lag is known without reading what people wrote; how old it is stands in the records only.
        with_ages = tuple(standing)
        reading = Need("topic", settings.events_topic, "READ")
        notes.append(f"how long the oldest waits is not told: {PermissionMissing([reading])}")
    review = [name for name in names if name not in flow]
    if not review:
        unseen = PermissionMissing([Need("topic", f"{settings.review_prefix}*", "DESCRIBE")])
        notes.append(f"no review queue is shown: there is none, or {unseen}")
    return Status(
        group=group,
        partitions=with_ages,
        topics=tuple(topic_status(name) for name in flow if name in names),
        review=tuple(topic_status(name) for name in review),
        worker=worker,
        notes=tuple(notes),
    )


def partition_status(partition: int, committed: int | None, beginning: int, end: int) -> PartitionStatus:
    """Reckon a partition's lag: what is still kept counts, and a group that has not committed starts at the earliest.

    Parameters
    ----------
    partition
        Its number.
    committed
        The group's committed offset, if any.
    beginning, end
        The offset of the first record kept, and that after the last.
    """
    position = beginning if committed is None else max(committed, beginning)
    return PartitionStatus(partition, committed, end, max(0, end - position))


def _partitions(admin: KafkaAdminClient, settings: Settings) -> list[TopicPartition]:
    flow = {settings.events_topic, settings.decisions_topic, settings.dead_letters_topic}
    found = {
        topic["name"]: len(topic["partitions"])
        for topic in admin.describe_topics()
        if topic["name"] in flow or _is_review_topic(topic["name"], settings)
    }
    if settings.events_topic not in found:
        raise EventsTopicMissing(f"topic {settings.events_topic} is missing; run `sluicegate topics apply`")
    return [TopicPartition(name, number) for name in sorted(found) for number in range(found[name])]


def _is_review_topic(name: str, settings: Settings) -> bool:
    return name.startswith(settings.review_prefix) and name.rpartition(".")[2] in {"0", "1", "2"}


def _offsets(admin: KafkaAdminClient, partitions: Sequence[TopicPartition], spec: Any) -> dict[TopicPartition, int]:
    found = admin.list_partition_offsets(dict.fromkeys(partitions, spec))
    return {partition: each.offset for partition, each in found.items()}


def _with_ages(
    settings: Settings, standing: Sequence[PartitionStatus], beginnings: Mapping[TopicPartition, int]
) -> Iterable[PartitionStatus]:
    behind = {}
    for each in standing:
        if each.lag:
            place = TopicPartition(settings.events_topic, each.partition)
            behind[place] = max(each.committed or 0, beginnings[place])
    timestamps = _first_timestamps(settings, behind) if behind else {}
    now = time.time()
    for each in standing:
        written = timestamps.get(each.partition)
        age = None if written is None else age_seconds(written, now)
        yield PartitionStatus(each.partition, each.committed, each.end, each.lag, age)


def _first_timestamps(settings: Settings, positions: Mapping[TopicPartition, int]) -> dict[int, int]:
    """Read the timestamp, in milliseconds, of the record at each position; what takes too long is left out."""
    consumer = KafkaConsumer(
        client_id="sluicegate-status",
        group_id=None,
        enable_auto_commit=False,
        max_poll_records=1,
        # A broker sends one batch of records at the least: no more is wanted.
        max_partition_fetch_bytes=1,
        **client_arguments(settings),
    )
    timestamps: dict[int, int] = {}
    end = time.monotonic() + _AGE_SECONDS
    try:
        consumer.assign(list(positions))
        for partition, offset in positions.items():
            consumer.seek(partition, offset)
        while len(timestamps) < len(positions) and time.monotonic() < end:
            for partition, records in consumer.poll(timeout_ms=_POLL_MILLISECONDS).items():
                timestamps.setdefault(partition.partition, records[0].timestamp)
                consumer.pause(partition)
    finally:
        consumer.close()
    return timestamps
