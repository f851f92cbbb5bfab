"""Decides a stretch of the past again, one partition after the other, and compares it with what was decided."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final, NamedTuple, Protocol

from aiokafka.errors import KafkaError

from sluicegate.agents.batch import RecordBatch, StoredRecord, split
from sluicegate.agents.broker import BrokerUnavailable
from sluicegate.agents.connecting import connect, disconnect
from sluicegate.agents.encoding import Topics
from sluicegate.agents.outcome import Outcome
from sluicegate.agents.publisher import Written
from sluicegate.agents.replay.joining import Decided, PartitionJoin
from sluicegate.agents.replay.live import LiveDeadLetters, LiveDecisions
from sluicegate.agents.replay.reading import PartitionReader, past_consumer
from sluicegate.agents.replay.stretch import Run, Stretch, located
from sluicegate.agents.replay.writing import ReplayWriter
from sluicegate.agents.settings import Settings
from sluicegate.models.comparison import ReplayReport, ReplayTally, read_verdict

__all__ = ["Plan", "Progress", "replay"]

#: With a rate, batches of a tenth of a second.
_STEPS_A_SECOND: Final = 10


class Processor(Protocol):
    """Processes a batch, as a pipeline does."""

    def process(self, batch: RecordBatch, now: datetime) -> Outcome:
        """Decide every record of a batch or make it a dead letter."""


class Progress(NamedTuple):
    """Records that were decided again, and offsets of the stretch that are done, of all."""

    events: int
    done: int
    total: int


@dataclass(frozen=True)
class Plan:
    """What is replayed, and how.

    Attributes
    ----------
    settings
        Of the running deployment.
    stretch
        Of the past.
    partitions
        Of the events.
    topics
        Where outcomes go.
    written
        Whether they are written; else they are only compared.
    rate
        Events a second at the most; None for as fast as it goes.
    examples
        Of each change, how many are reported.
    """

    settings: Settings
    stretch: Stretch
    partitions: int
    topics: Topics
    written: bool
    rate: float | None = None
    examples: int = 3


async def replay(plan: Plan, pipeline: Processor, show: Callable[[Progress], None]) -> ReplayReport:
    """Decide a stretch of the past again; no group is joined and no offset committed.

    Parameters
    ----------
    plan
        What, and where to.
    pipeline
        Decides; its topics are the plan's.
    show
        Told how far it has come.

    Raises
    ------
    StretchError
        Where the stretch is not there, or retention deletes it meanwhile.
    NotWrittenError
        Where a topic does not take what follows.
    BrokerUnavailable
        Where the brokers fail.
    """
    settings = plan.settings
    try:
        async with AsyncExitStack() as open_clients:
            consumers = [past_consumer(settings) for _ in range(3)]
            for consumer in consumers:
                open_clients.push_async_callback(disconnect, consumer.stop)
                await connect(settings, consumer.start)
            writer = None
            if plan.written:
                writer = ReplayWriter(settings, plan.topics)
                open_clients.push_async_callback(writer.stop)
                await writer.start()
            runs = await located(consumers[0], settings.events_topic, plan.partitions, plan.stretch)
            replaying = _Replaying(plan, pipeline, writer, ReplayTally(plan.examples), show, runs)
            for run in runs:
                await replaying.run(run, *consumers)
            if writer is not None:
                await writer.settle()
            return replaying.tally.report()
    except KafkaError as error:
        raise BrokerUnavailable(
            f"the replay was broken off: {', '.join(settings.brokers)} failed ({type(error).__name__}); see to the "
            "brokers and run it again, it gives the same ids"
        ) from error


class _Replaying:
    """A replay while it runs."""

    def __init__(
        self,
        plan: Plan,
        pipeline: Processor,
        writer: ReplayWriter | None,
        tally: ReplayTally,
        show: Callable[[Progress], None],
        runs: Sequence[Run],
    ) -> None:
        self.tally = tally
        self._plan = plan
        self._pipeline = pipeline
        self._writer = writer
        self._show = show
        self._total = sum(run.end - run.first for run in runs)
        self._done = 0
        self._began = monotonic()

    async def run(self, run: Run, events: Any, decisions: Any, dead_letters: Any) -> None:
        """Replay one partition."""
        settings, rate = self._plan.settings, self._plan.rate
        most = settings.batch_max if rate is None else max(1, min(settings.batch_max, int(rate / _STEPS_A_SECOND)))
        reader = PartitionReader(events, settings.events_topic, run.partition, run.first, run.end)
        join = dead = None
        while records := await reader.read(most):
            if join is None or dead is None:
                since = min(record.timestamp for record in records)
                live = await LiveDecisions.since(decisions, settings.decisions_topic, run.partition, since)
                join = PartitionJoin(run.partition, self.tally, live.read_on, complete=live.complete)
                dead = await LiveDeadLetters.since(
                    dead_letters, settings.dead_letters_topic, settings.events_topic, run.partition, since
                )
            for part, _ in split(records, most, settings.batch_bytes):
                await self._decide(RecordBatch(settings.events_topic, run.partition, part), join, dead)
            done = self._done + reader.position - run.first
            self._show(Progress(self.tally.events, done, self._total))
        if join is not None:
            join.finish()
        self._done += run.end - run.first

    async def _decide(self, batch: RecordBatch, join: PartitionJoin, dead: LiveDeadLetters) -> None:
        if self._plan.rate is not None:
            # Against the beginning, not the last batch: a slow moment is made up for.
            due = self._began + self.tally.events / self._plan.rate
            await asyncio.sleep(max(0.0, due - monotonic()))
        loop = asyncio.get_running_loop()
        outcome, decided, refused = await loop.run_in_executor(None, self._process, batch)
        if self._writer is not None:
            await self._writer.write(_written(batch, outcome))
        self.tally.events += len(batch.records)
        self.tally.dead_lettered.update(outcome.counts.dead_lettered)
        were_dead = await dead.between(batch.records[0].offset, batch.records[-1].offset)
        for offset in refused:
            self.tally.is_dead_letter(was=offset in were_dead)
        for each in decided:
            if each.offset in were_dead:
                self.tally.was_dead_letter(each.verdict)
        await join.add([each for each in decided if each.offset not in were_dead])

    def _process(self, batch: RecordBatch) -> tuple[Outcome, list[Decided], list[int]]:
        outcome = self._pipeline.process(batch, datetime.now(UTC))
        return outcome, *_by_offset(batch.records, outcome, self._plan.topics)


def _by_offset(records: Sequence[StoredRecord], outcome: Outcome, topics: Topics) -> tuple[list[Decided], list[int]]:
    """Give what was decided and the offsets of dead letters: each record has one of both, in their order."""
    decided: list[Decided] = []
    refused: list[int] = []
    offsets = iter(records)
    for output in outcome.outputs:
        if output.topic == topics.dead_letters:
            refused.append(next(offsets).offset)
        elif output.topic == topics.decisions:
            verdict = read_verdict(output.value or b"")
            if verdict is None:
                raise RuntimeError("a decision that was just written cannot be read")
            decided.append(Decided(next(offsets).offset, verdict))
    return decided, refused


def _written(batch: RecordBatch, outcome: Outcome) -> list[Written]:
    if outcome.ready is None:
        return [Written(batch.partition, outcome.outputs)]
    return [Written(partition, batches) for partition, batches in outcome.ready.items()]
