"""The whole way from records to decisions and tasks: in columns it comes out as event by event, to the byte."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Final

import msgspec
from aiokafka.record.default_records import DefaultRecordBatch

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.columnar.pipeline import ColumnPipeline, column_pipeline
from sluicegate.agents.outcome import Outcome, Output
from sluicegate.agents.pipeline import Pipeline
from sluicegate.models.language import LanguageIdentifier, LanguageModel
from sluicegate.models.windows import WindowedScorer
from sluicegate.schemas import read_error_headers
from tests.fuzz.events import EVENT_WORDS, event_seeds
from tests.fuzz.models import scorer
from tests.fuzz.target import Target
from tests.fuzz.targets.event import record_of
from tests.unit.agents.batches import NOW, POLICY, TOPICS, Record

__all__ = ["TARGET"]

_BETWEEN: Final = b"\x1e"
_RECORDS_MOST: Final = 6


@cache
def _pipelines() -> tuple[Pipeline, ColumnPipeline]:
    identifier = LanguageIdentifier(LanguageModel.load(), ("de", "en"), 0.7)
    rows = Pipeline(WindowedScorer(scorer()), POLICY, TOPICS, identifier=identifier)
    columns = column_pipeline(rows, TOPICS)
    assert columns is not None
    return rows, columns


def one(data: bytes) -> None:
    """Decide a batch of records in both ways."""
    given = [record_of(part) for part in data.split(_BETWEEN, _RECORDS_MOST - 1)]
    records = [
        Record(record.value or b"", None if place % 2 else b"key", record.headers, place, 1_790_000_000_000 + place)
        for place, record in enumerate(given)
    ]
    rows, columns = (pipeline.process(RecordBatch("events", 3, records), NOW) for pipeline in _pipelines())
    assert list(columns.outputs) == list(rows.outputs), "columns decide otherwise"
    assert replace(columns.counts, drift=[]) == replace(rows.counts, drift=[])
    _check_books(rows, records)
    _check_ready(columns)


def _check_books(outcome: Outcome, records: Sequence[Record]) -> None:
    """Every record is decided or a dead letter, and dead letters are byte for byte what came."""
    counts = outcome.counts
    assert counts.consumed == len(records) == counts.decided.total() + counts.dead_lettered.total()
    letters = [output for output in outcome.outputs if output.topic == TOPICS.dead_letters]
    assert len(letters) == counts.dead_lettered.total()
    for letter in letters:
        told = read_error_headers(letter.headers)
        assert told is not None
        record = records[told.offset]
        assert (letter.key, letter.value) == (record.key, record.value)
        assert tuple(letter.headers[: len(record.headers)]) == tuple(record.headers)
    for output in outcome.outputs:
        if output.topic != TOPICS.dead_letters:
            assert msgspec.json.decode(output.value or b"")["specversion"] == "1.0"


def _check_ready(outcome: Outcome) -> None:
    """What was made ready to be sent holds the outputs of each topic, in their order."""
    assert outcome.ready is not None
    for by_topic in outcome.ready.values():
        for topic, batches in by_topic.items():
            stored = [record for batch in batches for record in DefaultRecordBatch(bytes(batch._build()))]
            found = [Output(topic, record.key, record.value, tuple(record.headers)) for record in stored]
            expected = [output for output in outcome.outputs if output.topic == topic]
            assert found == [output._replace(headers=tuple(output.headers)) for output in expected]


def _seeds() -> Sequence[bytes]:
    values = list(event_seeds())
    return [*values, *(_BETWEEN.join(values[start::11]) for start in range(11))]


TARGET: Final = Target(
    one,
    _seeds,
    (*EVENT_WORDS, _BETWEEN),
    longest=4_096,
    inputs=250,
    modules=(
        "sluicegate.models.compiled.scoring",
        "sluicegate.schemas.columns.reading",
        "sluicegate.agents.encoded.writing",
    ),
)
