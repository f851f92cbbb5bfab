"""Puts the originals of dead letters back among the events: each at most once, however often the command is killed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from sluicegate.agents.dead_letters.ledger import ledger_record
from sluicegate.agents.dead_letters.letter import Letter
from sluicegate.agents.dead_letters.listing import letters_of, read_redriven, selected_extents
from sluicegate.agents.dead_letters.originals import Originals
from sluicegate.agents.dead_letters.reading import Run, TopicReader
from sluicegate.agents.dead_letters.selection import Selection
from sluicegate.agents.dead_letters.tally import Tally
from sluicegate.agents.dead_letters.topics import DeadLetterTopics
from sluicegate.agents.dead_letters.transactions import RedriveWriter, Write
from sluicegate.agents.dead_letters.verdict import Verdict, judge, record_bytes
from sluicegate.agents.settings import Settings
from sluicegate.schemas import Redrive, redrive_headers

__all__ = ["RedriveOrder", "redrive", "rehearse"]

_WRITES_MOST: Final = 500
_WRITE_BYTES_MOST: Final = 2**20
#: Of a rate, that one transaction holds at the most: short ones keep nobody waiting.
_TRANSACTION_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class RedriveOrder:
    """What is to be redriven, and how.

    Attributes
    ----------
    selection
        Of the dead letters.
    again
        Whether events that came back after a redrive are redriven once more.
    rate
        Events a second at the most.
    limit
        Events in all, at the most; None for all that are selected.
    run
        By which headers and ledger name this run.
    """

    selection: Selection
    again: bool
    rate: float
    limit: int | None
    run: str


async def rehearse(
    settings: Settings, topics: DeadLetterTopics, order: RedriveOrder, watch: Callable[[Run], None]
) -> Tally:
    """Find out what a redrive would do, and change nothing.

    Parameters
    ----------
    settings, topics
        Where everything is.
    order
        What would be redriven.
    watch
        Told of all that was read.
    """
    redriven = await read_redriven(settings, topics)
    tally = Tally()
    async with TopicReader(settings, settings.dead_letters_topic, topics.dead_letter_partitions) as reader:
        async for run in reader.runs(await selected_extents(reader, order.selection)):
            for letter in letters_of(run, order.selection):
                tally.add(letter, _judged(letter, topics, redriven, order))
                if tally.verdicts[Verdict.REDRIVE] == order.limit:
                    return tally
            watch(run)
    return tally


async def redrive(
    settings: Settings, topics: DeadLetterTopics, order: RedriveOrder, tally: Tally, watch: Callable[[Run], None]
) -> None:
    """Put originals back among the events, to the partition that they came from, in the order of their dead letters.

    Parameters
    ----------
    settings, topics
        Where everything is.
    order
        What is redriven.
    tally
        Counts, also when this ends in an error.
    watch
        Told of all that was read.

    Raises
    ------
    RedriveFailed
        Where it cannot go on.
    """
    async with RedriveWriter(settings, topics.destination.max_bytes) as writer:
        # Behind the writer: all that another one had begun is committed by now, or never will be.
        redriven = await read_redriven(settings, topics)
        paced = _PacedWrites(writer, settings, order)
        try:
            async with TopicReader(settings, settings.dead_letters_topic, topics.dead_letter_partitions) as reader:
                async for run in reader.runs(await selected_extents(reader, order.selection)):
                    if await _redrive_run(run, paced, topics, redriven, order, tally):
                        break
                    watch(run)
            await paced.write()
        finally:
            tally.redriven = writer.committed


async def _redrive_run(
    run: Run, paced: "_PacedWrites", topics: DeadLetterTopics, redriven: Originals, order: RedriveOrder, tally: Tally
) -> bool:
    """Redrive of one run what can be; say whether that is as many as are to be."""
    for letter in letters_of(run, order.selection):
        verdict = _judged(letter, topics, redriven, order)
        tally.add(letter, verdict)
        if verdict is Verdict.REDRIVE:
            await paced.add(letter)
            if tally.verdicts[Verdict.REDRIVE] == order.limit:
                return True
    return False


def _judged(letter: Letter, topics: DeadLetterTopics, redriven: Originals, order: RedriveOrder) -> Verdict:
    verdict = judge(letter, topics.destination, redriven, again=order.again)
    if verdict is Verdict.REDRIVE and letter.original is not None:
        # A worker's crash makes several dead letters of one original: the first counts.
        redriven.add(letter.original)
    return verdict


class _PacedWrites:
    """Gathers writes into transactions, and begins none before its time."""

    def __init__(self, writer: RedriveWriter, settings: Settings, order: RedriveOrder) -> None:
        self._writer = writer
        self._dead_letters_topic = settings.dead_letters_topic
        self._run = order.run
        self._rate = order.rate
        self._most = int(max(1, min(_WRITES_MOST, order.rate * _TRANSACTION_SHARE)))
        self._writes: list[Write] = []
        self._bytes = 0
        self._due = monotonic()

    async def add(self, letter: Letter) -> None:
        self._writes.append(self._write_of(letter))
        self._bytes += record_bytes(letter)
        if len(self._writes) >= self._most or self._bytes >= _WRITE_BYTES_MOST:
            await self.write()

    async def write(self) -> None:
        if not self._writes:
            return
        await asyncio.sleep(max(0.0, self._due - monotonic()))
        await self._writer.write(self._writes)
        # From when it is written, and not from the beginning: after a moment in which there was nothing to write, or
        # brokers were slow, all that the rate would have allowed meanwhile would come at once.
        self._due = monotonic() + len(self._writes) / self._rate
        self._writes, self._bytes = [], 0

    def _write_of(self, letter: Letter) -> Write:
        told, original = letter.told, letter.original
        if told is None or original is None:
            raise ValueError("only the original of a dead letter can be redriven")
        provenance = Redrive(
            id=self._run,
            attempt=letter.attempts + 1,
            topic=self._dead_letters_topic,
            partition=letter.partition,
            offset=letter.offset,
            source_topic=told.topic,
            source_partition=told.partition,
            source_offset=told.offset,
            source_timestamp=told.timestamp,
            reason=told.reason,
        )
        headers = [*letter.original_headers, *redrive_headers(provenance)]
        entry = ledger_record(original, provenance)
        return Write(told.partition, letter.key, letter.value, headers, entry)
