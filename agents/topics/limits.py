"""How large a record the topics take, as their brokers say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sluicegate.agents.settings import Settings
from sluicegate.agents.topics.desired import OUTPUT_MAX_BYTES
from sluicegate.agents.topics.differences import ActualTopic

__all__ = ["RecordLimits", "record_limits"]

_SETTING: Final = "max.message.bytes"


@dataclass(frozen=True, slots=True)
class RecordLimits:
    """Bytes of the largest record.

    Attributes
    ----------
    output
        That the topic of decisions and every review topic takes.
    dead_letter
        That the topic of dead letters takes.
    """

    output: int
    dead_letter: int


def record_limits(topics: Mapping[str, ActualTopic], settings: Settings) -> RecordLimits:
    """Give the limits of the topics that a worker writes to.

    Parameters
    ----------
    topics
        The topics of the deployment, by name; one whose broker does not tell counts as `topics apply` creates it.
    settings
        Their names.
    """
    inputs = {settings.events_topic, settings.outcomes_topic}
    outputs = [topic for name, topic in topics.items() if name not in inputs | {settings.dead_letters_topic}]
    dead_letters = [topic for name, topic in topics.items() if name == settings.dead_letters_topic]
    return RecordLimits(_least(outputs), _least(dead_letters))


def _least(topics: Iterable[ActualTopic]) -> int:
    told = [int((topic.config or {}).get(_SETTING, OUTPUT_MAX_BYTES)) for topic in topics]
    return min(told, default=OUTPUT_MAX_BYTES)
