"""Deletes dead letters up to an offset of each partition; what that takes is counted before, and told.

Kafka deletes records of a partition from its beginning on, and no others: so no reason can be chosen here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from sluicegate.agents.dead_letters.listing import letters_of, read_redriven
from sluicegate.agents.dead_letters.reading import Extent, Run, TopicReader
from sluicegate.agents.dead_letters.selection import Selection
from sluicegate.agents.dead_letters.tally import Summary
from sluicegate.agents.dead_letters.topics import DeadLetterTopics
from sluicegate.agents.settings import Settings

__all__ = ["PurgeFailed", "PurgeOrder", "PurgePlan", "plan_purge", "purge"]


class PurgeFailed(Exception):
    """Records that the brokers did not delete; the text says of which topic, why, and what to do."""


@dataclass(frozen=True, slots=True)
class PurgeOrder:
    """What is to be deleted.

    Attributes
    ----------
    until
        What stands before the first record of a partition that was not written before this moment, in milliseconds
        since the epoch; None for all that is there.
    through
        Of which partitions alone, and up to which offset of each, that included; none for all.
    """

    until: int | None
    through: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PurgePlan:
    """What would be deleted.

    Attributes
    ----------
    extents
        Of each partition, what it holds up to where it is deleted.
    summary
        The dead letters in there, by reason.
    """

    extents: Mapping[int, Extent]
    summary: Summary = field(default_factory=Summary)

    @property
    def letters(self) -> int:
        """How many there are."""
        return self.summary.letters

    @property
    def never_redriven(self) -> int:
        """How many of them were not redriven."""
        return sum(group.letters - group.redriven for group in self.summary.groups())


async def plan_purge(
    settings: Settings, topics: DeadLetterTopics, order: PurgeOrder, watch: Callable[[Run], None]
) -> PurgePlan:
    """Find out what a purge would delete, and delete nothing.

    Parameters
    ----------
    settings, topics
        Where everything is.
    order
        What would be deleted.
    watch
        Told of all that was read.
    """
    redriven = await read_redriven(settings, topics)
    async with TopicReader(settings, settings.dead_letters_topic, topics.dead_letter_partitions) as reader:
        plan = PurgePlan(await _extents(reader, order))
        async for run in reader.runs(plan.extents):
            for letter in letters_of(run, Selection()):
                original = letter.original
                plan.summary.add(letter, redriven=original is not None and original in redriven)
            watch(run)
    return plan


def purge(admin: KafkaAdminClient, settings: Settings, plan: PurgePlan) -> None:
    """Delete what was planned: what came behind it meanwhile is kept.

    Raises
    ------
    PurgeFailed
        Where the brokers do not; some partitions may be done by then.
    """
    topic = settings.dead_letters_topic
    behind = {TopicPartition(topic, partition): extent.end for partition, extent in plan.extents.items()}
    try:
        admin.delete_records(behind)
    except KafkaError as error:
        raise PurgeFailed(
            f"the brokers did not delete all of {topic} that was to be ({type(error).__name__}); it takes the right to "
            "delete its records, and a topic that is not compacted: see what is left with `sluicegate dlq list`"
        ) from error


async def _extents(reader: TopicReader, order: PurgeOrder) -> dict[int, Extent]:
    extents = _up_to(await reader.extents(), order.through)
    if order.until is None:
        return extents
    firsts = await reader.first_offsets(order.until)
    cut = {
        partition: Extent(extent.begin, min(extent.end, firsts.get(partition, extent.end)))
        for partition, extent in extents.items()
    }
    return {partition: extent for partition, extent in cut.items() if extent.begin < extent.end}


def _up_to(extents: Mapping[int, Extent], through: Mapping[int, int]) -> dict[int, Extent]:
    if not through:
        return dict(extents)
    cut = {
        partition: Extent(begin, min(end, through.get(partition, -1) + 1))
        for partition, (begin, end) in extents.items()
    }
    return {partition: extent for partition, extent in cut.items() if extent.begin < extent.end}
