"""The pipeline over whole batches: what is usual is decided in columns, and all else by the pipeline of single events.

What follows from a batch is the same whichever of the two decides it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.columnar.deciding import Decider, count_decided
from sluicegate.agents.columnar.outputs import ColumnOutputs, Place, TopicValues, no_values
from sluicegate.agents.columnar.records import key_spans, structured, timestamps_of, value_spans
from sluicegate.agents.columnar.reviewing import reasons_of
from sluicegate.agents.encoded import DecidedEvents, DecisionWriter, is_written
from sluicegate.agents.encoding import HEADERS, Topics
from sluicegate.agents.log.codec import CODECS, Codec
from sluicegate.agents.log.fetched import joined
from sluicegate.agents.outcome import Counts, ModelScores, Outcome, Output
from sluicegate.agents.parts import Part, StageClock, dead_letters
from sluicegate.agents.pipeline import Pipeline
from sluicegate.agents.rows import AGE_SIGNAL
from sluicegate.models.buffered import READ_WHOLE, BufferScorer, buffer_scorer
from sluicegate.models.language import BufferIdentifier, reads_buffers
from sluicegate.policy import CLASSES, DeskState, Policy
from sluicegate.schemas import Provenance
from sluicegate.schemas.columns import Spans, read_events

__all__ = ["ColumnPipeline", "column_pipeline", "served_pipeline"]

#: Bytes of a record before compression, at the most, in a batch of several.
_BATCH_BYTES: Final = 512 * 1024

#: What follows from a usual event fits any topic that takes so much: its texts and names are short, however they are
#: escaped, and its key and what the policy says of it are held to a part of it.
_OUTPUT_LEAST: Final = 256 * 1024
_KEY_MOST: Final = 32 * 1024
_POLICY_MOST: Final = 32 * 1024


class ColumnPipeline:
    """Scores and decides batches as a pipeline of single events does.

    Parameters
    ----------
    rows
        That pipeline.
    scorer
        Scores as its model does.
    identifier
        Its own.
    topics
        Where outcomes go.
    codec
        By which they are compressed.
    clock
        By which the stages are timed, in seconds.
    """

    def __init__(
        self,
        rows: Pipeline,
        scorer: BufferScorer,
        identifier: BufferIdentifier | None,
        topics: Topics,
        codec: Codec,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._clock = clock
        self._rows = rows
        self._scorer = scorer
        self._topics = topics
        self._codec = codec
        model, policy = rows.scorer, rows.policy
        self._signals = tuple(sorted(policy.signals | {AGE_SIGNAL}))
        self._decider = Decider(scorer, policy, self._signals, rows.binning, identifier)
        reference = Provenance(model.name, model.version, model.digest)
        self._writer = DecisionWriter(model=reference, policy=policy, harms=model.harms)
        self._queues = [queue.name for queue in policy.queues]
        self._most_bytes = min(_BATCH_BYTES, topics.output_max_bytes, topics.dead_letter_max_bytes)

    def process(self, batch: RecordBatch, now: datetime, state: DeskState | None = None) -> Outcome:
        """Decide every record of a batch or make it a dead letter.

        Parameters
        ----------
        batch
            Records of one partition.
        now
            The time of the decisions.
        state
            The desk's state; without one the policy's own class bounds hold.
        """
        return self.process_together([batch], now, state)

    def process_together(
        self, batches: Sequence[RecordBatch], now: datetime, state: DeskState | None = None
    ) -> Outcome:
        """Decide every record of some batches or make it a dead letter.

        Parameters
        ----------
        batches
            At least one, each with the records of one partition.
        now, state
            As in :meth:`process`.

        Returns
        -------
        Outcome
            Of all of them, in their order.
        """
        clock = StageClock(self._clock)
        records, places = joined([batch.records for batch in batches]), _places(batches)
        counts = Counts(consumed=len(records))
        keys = key_spans(records)
        columns = read_events(value_spans(records), structured(records), self._signals)
        usual = columns.plain & (columns.text_points <= READ_WHOLE) & (keys.lengths <= _KEY_MOST)
        clock.lap("decode")
        rows = np.flatnonzero(usual)
        timestamps = [timestamps_of(records)[rows]]
        scored: list[ModelScores] = []
        # Last also where no record is usual: the decisions of the others come behind their tasks.
        written = [no_values(self._topics.decisions)]
        if len(rows):
            decided = self._decider.decide(columns, rows, timestamps[0], now, state, counts, clock)
            written = self._written(decided)
            scored.append(ModelScores(self._rows.scorer.digest, self._scorer.harms, decided.scores[decided.scored]))
            count_decided(counts, decided, self._rows.policy, self._rows.scorer.digest)
            clock.lap("encode")
        others: dict[int, list[Output]] = {}
        if len(rows) < len(records):
            for batch, place in zip(batches, places, strict=True):
                unusual = np.flatnonzero(~usual[place.first : place.last])
                if len(unusual):
                    outputs, part = self._decide_others(batch, unusual, now, state, counts, clock)
                    others |= {place.first + index: found for index, found in outputs.items()}
                    timestamps.append(part.timestamps)
                    scored.append(part.scores)
        all_outputs = ColumnOutputs(keys, HEADERS, written, others)
        ready = all_outputs.ready(places, int(now.timestamp() * 1000), self._most_bytes, self._codec)
        clock.lap("encode")
        return Outcome(all_outputs, counts, np.concatenate(timestamps), scored, clock.laps, ready=ready)

    def _written(self, decided: DecidedEvents) -> list[TopicValues]:
        """Write what follows from decided events, their decisions last: whoever sees one can find its task."""
        decisions, writer = decided.decisions, self._writer.batch(decided)
        reviewed, deleted = np.flatnonzero(decisions.queue >= 0), np.flatnonzero(~decided.scored)
        values, codes = [], []
        if len(reviewed):
            values.append(writer.tasks(reviewed, *reasons_of(decided, reviewed, self._scorer)))
            codes.append(decisions.queue[reviewed] * len(CLASSES) + decisions.class_[reviewed])
        if len(deleted):
            values.append(writer.withdrawals(deleted))
            codes.append(np.tile(np.arange(len(self._queues), dtype=np.int32) * len(CLASSES), len(deleted)))
        found = []
        if values:
            rows = np.concatenate([reviewed, np.repeat(deleted, len(self._queues))])
            found = self._by_topic(decided.records[rows], _joined(values), np.concatenate(codes))
        everything = np.arange(len(decided.records), dtype=np.int64)
        found.append(TopicValues(self._topics.decisions, decided.records, writer.decisions(everything)))
        return found

    def _by_topic(self, records: NDArray[np.intp], values: Spans, codes: NDArray[np.int32]) -> list[TopicValues]:
        """Give the values of each review topic in the order of the records that they follow from."""
        found = []
        for code in np.unique(codes).tolist():
            chosen = np.flatnonzero(codes == code)
            chosen = chosen[np.argsort(records[chosen], kind="stable")]
            queue, class_ = divmod(code, len(CLASSES))
            topic = f"{self._topics.review_prefix}{self._queues[queue]}.{class_}"
            found.append(TopicValues(topic, records[chosen], values.rows(chosen)))
        return found

    def _decide_others(
        self,
        batch: RecordBatch,
        indices: NDArray[np.intp],
        now: datetime,
        state: DeskState | None,
        counts: Counts,
        clock: StageClock,
    ) -> tuple[dict[int, list[Output]], Part]:
        rows, refusals = self._rows.read(batch, clock, indices.tolist())
        part = self._rows.decide(rows, now, state, counts, clock)
        refused = {**refusals, **part.refusals}
        others = {**part.outputs, **dead_letters(batch, self._rows.encoder, refused, counts)}
        clock.lap("encode")
        return others, part


def column_pipeline(
    rows: Pipeline, topics: Topics, codec: Codec = CODECS["snappy"], clock: Callable[[], float] = perf_counter
) -> ColumnPipeline | None:
    """Return a pipeline that does the same in columns; None where the model, or what is asked besides it, needs rows.

    Parameters
    ----------
    rows
        Decides one event after the other.
    topics
        Where outcomes go.
    codec
        By which they are compressed.
    clock
        By which the stages are timed, in seconds.
    """
    scorer = buffer_scorer(rows.scorer)
    if scorer is None or not is_written() or rows.asks_others:
        return None
    if topics.output_max_bytes < _OUTPUT_LEAST or _told_bytes(rows.policy) > _POLICY_MOST:
        return None
    identifier = rows.identifier
    if identifier is not None and not reads_buffers(identifier):
        return None
    return ColumnPipeline(rows, scorer, identifier, topics, codec, clock)


def served_pipeline(rows: Pipeline, topics: Topics, codec: Codec = CODECS["snappy"]) -> Pipeline | ColumnPipeline:
    """Return the faster of two pipelines that do the same: that in columns, where there can be one."""
    return column_pipeline(rows, topics, codec) or rows


def _told_bytes(policy: Policy) -> int:
    """Give what tasks and decisions tell of a policy, in bytes, at the most."""
    names = [policy.name, policy.version, *policy.actions, *policy.harms, *(rule.name for rule in policy.rules)]
    warnings = [harm.warning or "" for harm in policy.harms.values()]
    # A control character takes six bytes as it is escaped.
    return 6 * sum(len(text.encode()) for text in (*names, *warnings, *(queue.name for queue in policy.queues)))


def _places(batches: Sequence[RecordBatch]) -> list[Place]:
    ends = np.cumsum([len(batch.records) for batch in batches]).tolist()
    return [
        Place(batch.partition, first, last) for batch, (first, last) in zip(batches, pairwise([0, *ends]), strict=True)
    ]


def _joined(values: Sequence[Spans]) -> Spans:
    if len(values) == 1:
        return values[0]
    buffers = [np.asarray(each.buffer) for each in values]
    before = np.cumsum([0, *(len(buffer) for buffer in buffers[:-1])]).tolist()
    begins = np.concatenate([each.begins + more for each, more in zip(values, before, strict=True)])
    return Spans(np.concatenate(buffers), begins, np.concatenate([each.lengths for each in values]))
