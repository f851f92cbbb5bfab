"""Which topics a deployment needs, as a pure function of its settings and its policy's queues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sluicegate.agents.settings import Settings

__all__ = ["INPUT_MAX_BYTES", "OUTPUT_MAX_BYTES", "TopicSpec", "desired_topics", "ledger_topic"]

#: A batch of one record at the limit of the contract, with room for its key and headers.
INPUT_MAX_BYTES: Final = 1024 * 1024
#: A task or a dead letter holds the input again, escaped or with more headers.
OUTPUT_MAX_BYTES: Final = 2 * INPUT_MAX_BYTES

_DAY: Final = 24 * 60 * 60 * 1000

# In milliseconds. Events are kept for a replay over a long weekend; tasks past any service goal and
# dead letters until somebody looked, but not longer than that: both hold what people wrote.
_EVENTS_KEPT: Final = 7 * _DAY
_TASKS_KEPT: Final = 7 * _DAY
_DEAD_LETTERS_KEPT: Final = 14 * _DAY
# Without text: decisions answer appeals, outcomes are the labels of later training.
_DECISIONS_KEPT: Final = 30 * _DAY
_OUTCOMES_KEPT: Final = 90 * _DAY


@dataclass(frozen=True)
class TopicSpec:
    """A topic as it should be.

    Parameters
    ----------
    name
        Its name.
    partitions
        How many it has.
    replication
        Replicas of each partition; the broker's default if None.
    config
        Kafka's settings of the topic.
    setting
        Where its number of partitions does not follow the events': the variable that names it.
    """

    name: str
    partitions: int
    replication: int | None = None
    config: Mapping[str, str] = field(default_factory=dict)
    setting: str = ""


def desired_topics(
    settings: Settings, review_topics: Sequence[str], *, events_partitions: int | None = None
) -> tuple[TopicSpec, ...]:
    """Give all topics that a worker needs.

    A record goes to the same partition number as its event, so all topics have as many partitions as that of
    the events: that which stands already decides, the setting otherwise.

    Parameters
    ----------
    settings
        Names, partitions, replication.
    review_topics
        The topics of the policy's queues.
    events_partitions
        Partitions of the events' topic, if it is there.

    Returns
    -------
    tuple of TopicSpec
        The events' topic first, each name once.
    """
    partitions = events_partitions or settings.partitions

    def deleted_after(name: str, kept: int, max_bytes: int) -> TopicSpec:
        config = {
            "cleanup.policy": "delete",
            "retention.ms": str(kept),
            "max.message.bytes": str(max_bytes),
            "compression.type": "producer",
        }
        return TopicSpec(name, partitions, settings.replication, config)

    return (
        deleted_after(settings.events_topic, _EVENTS_KEPT, INPUT_MAX_BYTES),
        deleted_after(settings.decisions_topic, _DECISIONS_KEPT, OUTPUT_MAX_BYTES),
        deleted_after(settings.dead_letters_topic, _DEAD_LETTERS_KEPT, OUTPUT_MAX_BYTES),
        deleted_after(settings.outcomes_topic, _OUTCOMES_KEPT, INPUT_MAX_BYTES),
        *(deleted_after(name, _TASKS_KEPT, OUTPUT_MAX_BYTES) for name in dict.fromkeys(review_topics)),
        _compacted(settings.desk_state_topic, settings, "SLUICEGATE_DESK_STATE_TOPIC"),
    )


def ledger_topic(settings: Settings) -> TopicSpec:
    """Give the topic of what was redriven, which no worker needs.

    It is kept for as long as it stands: what was redriven must not be forgotten before its dead letter is deleted.
    """
    return _compacted(settings.redrive_ledger, settings, "SLUICEGATE_REDRIVES_TOPIC")


def _compacted(name: str, settings: Settings, setting: str) -> TopicSpec:
    config = {
        "cleanup.policy": "compact",
        "max.message.bytes": str(INPUT_MAX_BYTES),
        "compression.type": "producer",
    }
    return TopicSpec(name, 1, settings.replication, config, setting)
