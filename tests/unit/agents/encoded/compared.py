"""One batch, written by `Encoder` one event at a time and by `DecisionWriter` from arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.batch import StoredRecord
from sluicegate.agents.encoded import DecidedEvents, DecisionWriter, Languages, ReachedHarms, TextParts
from sluicegate.agents.encoding import Encoder
from sluicegate.agents.moments import Moment
from sluicegate.agents.rows import Row, features_of, is_scored, read_row
from sluicegate.models import Span
from sluicegate.policy import Decisions, DeskState, Policy, decide
from sluicegate.schemas import UNDETERMINED, Provenance
from sluicegate.schemas.columns import Spans, read_events, spans_of
from tests.unit.agents.batches import TOPICS, Record, Steady

NOW = datetime(2026, 11, 24, 1, 2, 3, 456_000, tzinfo=UTC)


class Pointing(Steady):
    """A model that points to parts of a text by chance, the same ones for the same text."""

    def why(self, text: str, harm: str, limit: int = 3) -> tuple[Span, ...]:
        random = Random(f"{text} {harm}")
        return tuple(
            Span(random.randrange(len(text) + 1), len(text), random.choice([1e-9, 0.5, 1e4]) * random.gauss(0, 1))
            for _ in range(random.randrange(limit + 1))
        )


class Written(NamedTuple):
    """The values of a batch: of each event its decision, its task if any, its withdrawals."""

    decisions: list[bytes]
    tasks: list[bytes]
    withdrawals: list[bytes]


@dataclass
class Batch:
    """Events that were read and decided, as rows and as arrays."""

    policy: Policy
    scorer: Steady
    rows: list[Row]
    scores: NDArray[np.float64]
    decisions: Decisions
    events: DecidedEvents

    @property
    def reviewed(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.decisions.queue >= 0)

    @property
    def deleted(self) -> NDArray[np.int64]:
        return np.flatnonzero(~self.events.scored)


def batch_of(
    values: Sequence[bytes], policy: Policy, random: Random, state: DeskState | None = None, identified: bool = True
) -> Batch:
    """Read and decide events, with scores, timestamps and languages by chance."""
    columns = read_events(spans_of(values), np.ones(len(values), dtype=np.bool_), ())
    edges = [0, -5, 951_782_399_999, 253_402_300_799_999, 2**61]
    stamps = [random.choice([*edges, random.randrange(edges[-2]), random.randrange(edges[-2])]) for _ in values]
    records: list[StoredRecord] = [Record(value, timestamp=at) for value, at in zip(values, stamps, strict=True)]
    plain = np.flatnonzero(columns.plain)
    rows = [read_row(index, records[index]) for index in plain.tolist()]
    whole = [_identified(row, random, identified) for row in rows if isinstance(row, Row)]
    assert len(whole) == len(plain)
    scorer = Pointing("1 \u2028\"'\x1f", 0.5, tuple(policy.harms))
    scores = _scores(len(whole), len(scorer.harms), random)
    decisions = decide(policy, features_of(whole, policy.signals), scores, scorer.harms, state)
    events = DecidedEvents(
        columns=columns,
        records=plain,
        timestamps=np.array([row.record.timestamp for row in whole], dtype=np.int64),
        scores=scores,
        scored=np.array([is_scored(row) for row in whole], dtype=np.bool_),
        decisions=decisions,
        languages=languages_of(whole),
        moment=Moment.of(NOW, state),
    )
    return Batch(policy, scorer, whole, scores, decisions, events)


def _identified(row: Row, random: Random, wanted: bool) -> Row:
    if not wanted or row.language or random.random() < 0.3:
        return row
    return replace(row, language=random.choice(["en", "pt", ""]), language_confidence=round(random.random(), 4))


def _scores(rows: int, harms: int, random: Random) -> NDArray[np.float64]:
    ordinary = [0.0, 1.0, 1e-6, 9e-6, 1e-5, 0.999999]
    numbers = [
        random.choice(ordinary) if random.random() < 0.3 else random.random() ** random.choice([1, 4])
        for _ in range(rows * harms)
    ]
    return np.round(np.array(numbers, dtype=np.float64).reshape(rows, harms), 6)


def languages_of(rows: Sequence[Row]) -> Languages:
    tags = tuple({row.language for row in rows if row.language} | {UNDETERMINED})
    identified = [row.language_confidence is not None for row in rows]
    told = [row.language or (UNDETERMINED if found else None) for row, found in zip(rows, identified, strict=True)]
    return Languages(
        tags=tags,
        tag=np.array([-1 if tag is None else tags.index(tag) for tag in told], dtype=np.int32),
        identified=np.array(identified, dtype=np.bool_),
        confidence=np.array([row.language_confidence or 0.0 for row in rows]),
        invalid=np.array([row.language_invalid for row in rows], dtype=np.bool_),
    )


def written_one_by_one(batch: Batch) -> Written:
    """Write a batch with `Encoder`."""
    encoder = Encoder(batch.scorer, batch.policy, TOPICS)
    written = Written([], [], [])
    for position, (row, decided) in enumerate(zip(batch.rows, batch.decisions.rows(), strict=True)):
        reached = batch.decisions.harms_reached(position) if decided.queue is not None else ()
        scores = batch.scores[position].tolist() if is_scored(row) else ()
        outputs = encoder.event_outputs(row, decided, reached, scores, batch.events.moment)
        written.decisions.append(outputs[-1].value or b"")
        others = written.tasks if decided.queue is not None else written.withdrawals
        others.extend(output.value or b"" for output in outputs[:-1])
    return written


def written_from_arrays(batch: Batch) -> Written:
    """Write a batch with `DecisionWriter`."""
    scorer = batch.scorer
    model = Provenance(scorer.name, scorer.version, scorer.digest)
    writer = DecisionWriter(model=model, policy=batch.policy, harms=scorer.harms).batch(batch.events)
    return Written(
        values_of(writer.decisions(np.arange(len(batch.rows)))),
        values_of(writer.tasks(batch.reviewed, reached_of(batch), parts_of(batch))),
        values_of(writer.withdrawals(batch.deleted)),
    )


def values_of(spans: Spans) -> list[bytes]:
    whole = bytes(spans.buffer)
    return [whole[begin : begin + length] for begin, length in zip(spans.begins, spans.lengths, strict=True)]


def reached_of(batch: Batch) -> ReachedHarms:
    found = [
        (task, batch.scorer.harms.index(harm), probability)
        for task, position in enumerate(batch.reviewed.tolist())
        for harm, probability in batch.decisions.harms_reached(position)
    ]
    columns = list(zip(*found, strict=True)) or [(), (), ()]
    return ReachedHarms(
        np.array(columns[0], dtype=np.int64), np.array(columns[1], dtype=np.int64), np.array(columns[2], dtype=float)
    )


def parts_of(batch: Batch) -> TextParts:
    found = [
        (task, batch.scorer.harms.index(harm), span.start, span.end, round(span.weight, 4))
        for task, position in enumerate(batch.reviewed.tolist())
        for harm, _ in batch.decisions.harms_reached(position)
        for span in batch.scorer.why(batch.rows[position].text, harm, 3)
    ]
    *counts, weights = list(zip(*found, strict=True)) or [()] * 5
    task, harm, start, end = (np.array(each, dtype=np.int64) for each in counts)
    return TextParts(task, harm, start, end, np.array(weights, dtype=float))
