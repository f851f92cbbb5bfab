"""What the topics of a cluster lack, found by comparing them with those that should be; a pure function."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sluicegate.agents.topics.desired import TopicSpec

__all__ = ["ActualTopic", "Difference", "Differences", "PartitionsConflict", "TopicsDiffer", "plan"]

_ALTER: Final = "kafka-configs.sh --alter --entity-type topics --entity-name {topic} --add-config {setting}"
_GROW: Final = "kafka-topics.sh --alter --topic {topic} --partitions {partitions}"
_FAULTS_SHOWN: Final = 3
_MATCH: Final = (
    "Kafka takes no partitions away: give the events' topic as many with "
    "`kafka-topics.sh --alter --topic {events} --partitions {found}`, or set another name for {topic}; whoever deletes "
    "{topic} deletes all its records, open reviews and decisions among them"
)
_RENAME: Final = (
    "Kafka takes no partitions away: set {setting} to a new name, or delete {topic} with all its records, then run "
    "`sluicegate topics apply`"
)


@dataclass(frozen=True)
class ActualTopic:
    """A topic as it is.

    Parameters
    ----------
    name
        Its name.
    partitions
        How many it has.
    config
        Kafka's settings of the topic; None where the broker does not tell.
    """

    name: str
    partitions: int
    config: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Difference:
    """One way in which a topic that is there differs from what it should be.

    Parameters
    ----------
    topic
        Its name.
    kind
        What differs.
    message
        As it is, and as it should be.
    remedy
        What to do: the command, or the steps. The project never alters a topic itself.
    """

    topic: str
    kind: Literal["partitions", "max.message.bytes", "cleanup.policy"]
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.topic} {self.message}; {self.remedy}"


@dataclass(frozen=True)
class PartitionsConflict:
    """An events' topic that is missing and would be created with other partitions than the topics beside it have.

    Parameters
    ----------
    events
        The name of the events' topic.
    wanted
        The partitions that it would get.
    found
        Those of each topic that is there.
    """

    events: str
    wanted: int
    found: int

    def __str__(self) -> str:
        return (
            f"{self.events} would get {_partitions(self.wanted)}, and the topics that are there for its records have "
            f"{self.found}; set SLUICEGATE_PARTITIONS={self.found}, or other names for all topics"
        )


@dataclass(frozen=True)
class Differences:
    """All that lies between the topics that are there and those that should be.

    Parameters
    ----------
    missing
        Topics to create.
    differing
        What is there and differs, in the order of the desired topics.
    conflict
        Why nothing of what is missing may be created, if so. The partitions that it is about are not in `differing`.
    """

    missing: tuple[TopicSpec, ...] = ()
    differing: tuple[Difference, ...] = ()
    conflict: PartitionsConflict | None = None

    def __bool__(self) -> bool:
        return bool(self.missing or self.differing)

    @property
    def prevents_work(self) -> bool:
        """Whether a worker cannot run: a topic is missing, or has another number of partitions."""
        return bool(self.missing) or any(found.kind == "partitions" for found in self.differing)


class TopicsDiffer(Exception):
    """A worker cannot run on these topics; the text names the first and their number, and what mends them."""

    def __init__(self, differences: Differences) -> None:
        self.differences = differences
        faults = [f"{spec.name} is missing" for spec in differences.missing]
        faults += [f"{found.topic} {found.message}" for found in differences.differing if found.kind == "partitions"]
        shown, rest = faults[:_FAULTS_SHOWN], len(faults) - _FAULTS_SHOWN
        what = "1 topic does not fit" if len(faults) == 1 else f"{len(faults)} topics do not fit"
        more = f" and {rest} more" if rest > 0 else ""
        mend = "run `sluicegate topics apply`, which creates what is missing and says how to mend the rest"
        super().__init__(f"{what}: {', '.join(shown)}{more}; {differences.conflict or mend}")


def plan(desired: Sequence[TopicSpec], actual: Iterable[ActualTopic]) -> Differences:
    """Find what is missing and what differs.

    Retention, compression and replicas are the operator's to change and are not compared.

    Parameters
    ----------
    desired
        The topics that should be, the events' topic first.
    actual
        The topics of the cluster; others than the desired are left alone.
    """
    there = {topic.name: topic for topic in actual}
    conflict = _conflict(desired, there)
    differing: list[Difference] = []
    for spec in desired:
        if spec.name in there:
            topic = there[spec.name]
            if topic.partitions != spec.partitions and (conflict is None or not _follows_events(spec)):
                differing.append(_partitions_differ(spec, topic, desired[0].name))
            differing += _config_differs(spec, topic)
    return Differences(tuple(spec for spec in desired if spec.name not in there), tuple(differing), conflict)


def _conflict(desired: Sequence[TopicSpec], there: Mapping[str, ActualTopic]) -> PartitionsConflict | None:
    """Find whether creating the events' topic would make every topic that is there differ from it."""
    if not desired or desired[0].name in there:
        return None
    events, *others = desired
    counts = {there[spec.name].partitions for spec in others if _follows_events(spec) and spec.name in there}
    if len(counts) != 1 or counts == {events.partitions}:
        return None
    return PartitionsConflict(events.name, events.partitions, counts.pop())


def _follows_events(spec: TopicSpec) -> bool:
    return spec.config.get("cleanup.policy") != "compact"


def _partitions(count: int) -> str:
    return "1 partition" if count == 1 else f"{count} partitions"


def _partitions_differ(spec: TopicSpec, topic: ActualTopic, events: str) -> Difference:
    because = " as the events' topic has" if _follows_events(spec) else ""
    if topic.partitions < spec.partitions:
        remedy = _GROW.format(topic=spec.name, partitions=spec.partitions)
    elif _follows_events(spec):
        remedy = _MATCH.format(topic=spec.name, events=events, found=topic.partitions)
    else:
        remedy = _RENAME.format(topic=spec.name, setting=spec.setting)
    message = f"has {_partitions(topic.partitions)} instead of {spec.partitions}{because}"
    return Difference(spec.name, "partitions", message, remedy)


def _config_differs(spec: TopicSpec, topic: ActualTopic) -> Iterable[Difference]:
    if topic.config is None:
        return
    largest, wanted = topic.config.get("max.message.bytes"), spec.config["max.message.bytes"]
    if largest is not None and int(largest) < int(wanted):
        setting = f"max.message.bytes={wanted}"
        yield Difference(
            spec.name,
            "max.message.bytes",
            f"takes records of {largest} bytes instead of {wanted}",
            _ALTER.format(topic=spec.name, setting=setting),
        )
    cleanup, policy = topic.config.get("cleanup.policy"), spec.config["cleanup.policy"]
    if cleanup is not None and _parts(cleanup) != _parts(policy):
        yield Difference(
            spec.name,
            "cleanup.policy",
            f"has cleanup.policy {cleanup} instead of {policy}",
            _ALTER.format(topic=spec.name, setting=f"cleanup.policy={policy}"),
        )


def _parts(value: str) -> frozenset[str]:
    return frozenset(part.strip() for part in value.split(",") if part.strip())
