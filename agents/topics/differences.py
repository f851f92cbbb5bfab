"""What the topics of a cluster lack, found by comparing them with those that should be; a pure function."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sluicegate.agents.topics.desired import TopicSpec

__all__ = ["ActualTopic", "Difference", "Differences", "TopicsDiffer", "plan"]

_ALTER: Final = "kafka-configs.sh --alter --entity-type topics --entity-name {topic} --add-config {setting}"
_GROW: Final = "kafka-topics.sh --alter --topic {topic} --partitions {partitions}"
_FAULTS_SHOWN: Final = 3
_REPLACE: Final = "Kafka takes no partitions away: delete {topic}, then run `sluicegate topics apply`"


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
class Differences:
    """All that lies between the topics that are there and those that should be.

    Parameters
    ----------
    missing
        Topics to create.
    differing
        What is there and differs, in the order of the desired topics.
    """

    missing: tuple[TopicSpec, ...] = ()
    differing: tuple[Difference, ...] = ()

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
        super().__init__(
            f"{what}: {', '.join(shown)}{more}; run `sluicegate topics apply`, "
            "which creates what is missing and says how to mend the rest"
        )


def plan(desired: Sequence[TopicSpec], actual: Iterable[ActualTopic]) -> Differences:
    """Find what is missing and what differs.

    Retention, compression and replicas are the operator's to change and are not compared.

    Parameters
    ----------
    desired
        The topics that should be.
    actual
        The topics of the cluster; others than the desired are left alone.
    """
    there = {topic.name: topic for topic in actual}
    differing: list[Difference] = []
    for spec in desired:
        if spec.name in there:
            differing += _differences(spec, there[spec.name])
    return Differences(tuple(spec for spec in desired if spec.name not in there), tuple(differing))


def _differences(spec: TopicSpec, topic: ActualTopic) -> Iterable[Difference]:
    if topic.partitions != spec.partitions:
        unit = "partition" if topic.partitions == 1 else "partitions"
        because = "" if spec.config["cleanup.policy"] == "compact" else " as the events' topic has"
        remedy = _GROW if topic.partitions < spec.partitions else _REPLACE
        yield Difference(
            spec.name,
            "partitions",
            f"has {topic.partitions} {unit} instead of {spec.partitions}{because}",
            remedy.format(topic=spec.name, partitions=spec.partitions),
        )
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
