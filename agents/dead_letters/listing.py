"""Counts and finds dead letters; nothing is changed."""

from collections.abc import AsyncGenerator, Callable, Iterator

from sluicegate.agents.dead_letters.ledger import read_ledger
from sluicegate.agents.dead_letters.letter import Letter
from sluicegate.agents.dead_letters.originals import Originals
from sluicegate.agents.dead_letters.reading import Extent, Run, TopicReader
from sluicegate.agents.dead_letters.selection import Selection
from sluicegate.agents.dead_letters.tally import Summary
from sluicegate.agents.dead_letters.topics import DeadLetterTopics
from sluicegate.agents.settings import Settings

__all__ = ["find", "letters_of", "read_redriven", "selected_extents", "summarise"]


async def summarise(
    settings: Settings, topics: DeadLetterTopics, selection: Selection, watch: Callable[[Run], None]
) -> Summary:
    """Count the selected dead letters by stage and reason.

    Parameters
    ----------
    settings, topics
        Where everything is.
    selection
        Of the dead letters.
    watch
        Told of all that was read.
    """
    redriven = await read_redriven(settings, topics)
    summary = Summary()
    async with TopicReader(settings, settings.dead_letters_topic, topics.dead_letter_partitions) as reader:
        async for run in reader.runs(await selected_extents(reader, selection)):
            for letter in letters_of(run, selection):
                original = letter.original
                summary.add(letter, redriven=original is not None and original in redriven)
            watch(run)
    return summary


async def find(
    settings: Settings, topics: DeadLetterTopics, selection: Selection
) -> AsyncGenerator[tuple[Letter, bool], None]:
    """Give the selected dead letters that are there now, and of each whether its original was redriven."""
    redriven = await read_redriven(settings, topics)
    async with TopicReader(settings, settings.dead_letters_topic, topics.dead_letter_partitions) as reader:
        async for run in reader.runs(await selected_extents(reader, selection)):
            for letter in letters_of(run, selection):
                original = letter.original
                yield letter, original is not None and original in redriven


async def read_redriven(settings: Settings, topics: DeadLetterTopics) -> Originals:
    """Read what was redriven; nothing, where there is no ledger."""
    if topics.ledger_partitions == 0:
        return Originals()
    async with TopicReader(settings, settings.redrive_ledger, topics.ledger_partitions) as reader:
        return await read_ledger(reader, settings.redrive_ledger)


async def selected_extents(reader: TopicReader, selection: Selection) -> dict[int, Extent]:
    """Give what of the dead-letter topic must be read for a selection."""
    extents = {partition: Extent(*extent) for partition, extent in selection.narrowed(await reader.extents()).items()}
    if selection.since is None:
        return extents
    firsts = await reader.first_offsets(selection.since)
    found = {
        partition: Extent(max(extent.begin, firsts[partition]), extent.end)
        for partition, extent in extents.items()
        if partition in firsts
    }
    return {partition: extent for partition, extent in found.items() if extent.begin < extent.end}


def letters_of(run: Run, selection: Selection) -> Iterator[Letter]:
    """Read the selected dead letters of a run, each when it is asked for."""
    for record in run.records:
        letter = Letter.of(record, run.partition)
        if letter in selection:
            yield letter
