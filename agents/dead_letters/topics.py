"""The topics that dead letters are worked with, as they are: asked for before anything is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kafka.admin import KafkaAdminClient

from sluicegate.agents.dead_letters.ledger import require_kept
from sluicegate.agents.dead_letters.verdict import Destination
from sluicegate.agents.permissions import Need
from sluicegate.agents.settings import Settings
from sluicegate.agents.topics import read_topics
from sluicegate.agents.topics.desired import INPUT_MAX_BYTES

__all__ = ["DeadLetterTopics", "TopicMissing", "look_at_topics", "purge_needs", "redrive_needs"]

_SETTING: Final = "max.message.bytes"


class TopicMissing(Exception):
    """A topic that is needed and not there; the text names it and what creates it."""


@dataclass(frozen=True, slots=True)
class DeadLetterTopics:
    """What the brokers say of them.

    Attributes
    ----------
    dead_letter_partitions
        Of the topic of the dead letters.
    ledger_partitions
        Of the ledger of redrives; 0 where it does not exist.
    destination
        The topic of the events; without partitions where nothing is to be redriven.
    """

    dead_letter_partitions: int
    ledger_partitions: int
    destination: Destination


def redrive_needs(settings: Settings) -> list[Need]:
    """Give what it takes to redrive, beyond reading: the transactional id cannot be asked about."""
    return [Need("topic", name, "WRITE") for name in (settings.events_topic, settings.redrive_ledger)]


def purge_needs(settings: Settings) -> list[Need]:
    """Give what it takes to purge, beyond reading."""
    return [Need("topic", settings.dead_letters_topic, "DELETE")]


def look_at_topics(
    admin: KafkaAdminClient, settings: Settings, *, for_redrive: bool = False, needs: Sequence[Need] = ()
) -> DeadLetterTopics:
    """Ask the brokers for the topics.

    Parameters
    ----------
    admin
        A connected client.
    settings
        Their names.
    for_redrive
        Whether the events and the ledger must be there as well; else the events are not asked about.
    needs
        What must be allowed beyond reading the dead letters and the ledger.

    Raises
    ------
    TopicMissing
        If one is not there that must be.
    PermissionMissing
        If something of what is needed is not allowed.
    LedgerError
        If the ledger that is to be written would be forgotten.
    """
    dead_letters, ledger, events = settings.dead_letters_topic, settings.redrive_ledger, settings.events_topic
    read = [Need("topic", name, "READ") for name in (dead_letters, ledger)]
    seen = [Need("topic", events, "DESCRIBE")] if for_redrive else []
    names = [dead_letters, ledger, *([events] if for_redrive else [])]
    found = read_topics(admin, names, [*read, *seen, *needs])
    for name in (dead_letters, events, ledger) if for_redrive else (dead_letters,):
        if name not in found:
            raise TopicMissing(
                f"the topic {name} does not exist on {', '.join(settings.brokers)}; "
                "create it with: sluicegate topics apply"
            )
    if for_redrive:
        require_kept(found[ledger])
    there = found.get(events)
    config = (there.config if there is not None else None) or {}
    return DeadLetterTopics(
        found[dead_letters].partitions,
        found[ledger].partitions if ledger in found else 0,
        Destination(events, there.partitions if there is not None else 0, int(config.get(_SETTING, INPUT_MAX_BYTES))),
    )
