"""Whatever a batch holds, the pipeline of columns gives what the pipeline of single events gives, byte for byte."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest
from aiokafka.record.default_records import DefaultRecordBatch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.columnar.pipeline import ColumnPipeline, column_pipeline
from sluicegate.agents.log.codec import CODECS
from sluicegate.agents.outcome import Outcome, Output
from sluicegate.agents.pipeline import Pipeline
from sluicegate.bench.events import make_events
from sluicegate.models import default_bundle_path, load_bundle
from sluicegate.models.drift.binning import Binning
from sluicegate.models.drift.reference import Reference
from sluicegate.models.language import LanguageIdentifier, LanguageModel
from sluicegate.policy import DeskState, QueueState
from tests.unit.agents.batches import NOW, POLICY, TOPICS, Record, Steady

STATE = DeskState("2026-11-24T00:00:00Z", 12.5, (300.0, 90.0), {"fraud": QueueState(30.0, 60.0)})
STRUCTURED = (("content-type", b"application/cloudevents+json; charset=UTF-8"),)

texts = st.one_of(
    st.text(max_size=120),
    st.sampled_from(
        [
            "",
            "Lunch at noon?",
            "I will find you and hurt you, I know where you live",
            "WIN a FREE phone!!! Click http://example.test/prize now \U0001f381\U0001f381",
            "I do not want to live any more, I want it to end tonight",
            "Your account is locked. Confirm your password at http://bank.example.test within 24 hours.",
            'quotes " and \\ and \n and \x01 and \u2028',
            "lunch " * 400,
            "h u r t  y o u  n o w",
        ]
    ),
)
signals = st.dictionaries(
    st.sampled_from(["reports", "views_per_hour", "account_age_days", "age_hours", "mood"]),
    st.one_of(st.none(), st.integers(0, 5_000), st.floats(0, 5_000, allow_nan=False), st.sampled_from([1e300, 0.1])),
    max_size=4,
)
contents = st.fixed_dictionaries(
    {
        "content_id": st.text(min_size=1, max_size=8),
        "actor_id": st.just("a-1"),
        "surface": st.sampled_from(["x", "chat"]),
    },
    optional={
        "text": texts,
        "language": st.sampled_from(["en", "en-GB", "de", "und", "no such tag", "", "EN", None]),
        "signals": signals,
        "tenant": st.sampled_from(["one", "two", None]),
        "content_version": st.sampled_from(["7", 7, None]),
        "more": st.sampled_from([{"nested": [1, 2]}, "x"]),
    },
)
events = st.fixed_dictionaries(
    {
        "specversion": st.sampled_from(["1.0"] * 9 + ["2.0"]),
        "id": st.text(min_size=1, max_size=6),
        "source": st.sampled_from(["/a", "/é"]),
        "type": st.sampled_from(["content.created"] * 4 + ["content.reported", "content.updated", "content.deleted"]),
        "data": contents,
    },
    optional={"time": st.sampled_from(["2026-11-24T00:00:00Z", "2026-11-24T00:00:00.5+01:00", "yesterday", None])},
)
values = st.one_of(
    events.map(msgspec.json.encode),
    events.map(msgspec.json.encode),
    events.map(msgspec.json.encode).flatmap(lambda raw: st.integers(0, len(raw)).map(lambda cut: raw[:cut])),
    st.sampled_from([b"", b"{", None, b"\xff\xfe", b"[]"]),
)
records = st.builds(
    Record,
    value=values,
    key=st.sampled_from([None, b"", b"a-1"]),
    headers=st.sampled_from([(), STRUCTURED, (("content-type", b"text/plain"),), (("ce_specversion", b"1.0"),)]),
    timestamp=st.sampled_from([-1, 0, 1_790_000_000_000]),
)
ORDINARY = [Record(event.value, event.key, event.headers, 0) for event in make_events(50, 11)]


@pytest.fixture(scope="module")
def rows() -> Pipeline:
    bundle = load_bundle(default_bundle_path())
    identifier = LanguageIdentifier(LanguageModel.load(), ("de", "en"), 0.7)
    return Pipeline(bundle.scorer(), POLICY, TOPICS, binning=Binning(Reference.of(bundle)), identifier=identifier)


@pytest.fixture(scope="module")
def columns(rows: Pipeline) -> ColumnPipeline:
    found = column_pipeline(rows, TOPICS)
    assert found is not None
    return found


def _assert_alike(one: Outcome, other: Outcome) -> None:
    assert list(one.outputs) == list(other.outputs)
    drift, other_drift = one.counts.drift, other.counts.drift
    assert sum(counted.texts for counted in drift) == sum(counted.texts for counted in other_drift)
    # Of each part of a batch other texts are sampled for unknown words, which are the last feature.
    if drift and other_drift:
        words = drift[0].binning.starts[-1]
        assert (_sum(one)[:words] == _sum(other)[:words]).all()
    assert replace(one.counts, drift=[]) == replace(other.counts, drift=[])
    assert sorted(one.timestamps) == sorted(other.timestamps)
    assert _scored(one) == _scored(other)


def _sum(outcome: Outcome) -> Any:
    return np.sum([counted.counts for counted in outcome.counts.drift], axis=0)


def _scored(outcome: Outcome) -> list[list[float]]:
    return sorted(row for scored in outcome.scored for row in scored.values.tolist())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(records, max_size=12), st.sampled_from([None, STATE]))
def test_any_batch_comes_out_alike(
    rows: Pipeline, columns: ColumnPipeline, given_records: list[Record], state: DeskState | None
) -> None:
    numbered = [record._replace(offset=offset) for offset, record in enumerate(given_records)]
    batch = RecordBatch("events", 3, numbered)
    _assert_alike(rows.process(batch, NOW, state), columns.process(batch, NOW, state))


def test_ordinary_events_come_out_alike_and_none_of_them_is_decided_by_itself(
    rows: Pipeline, columns: ColumnPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [Record(event.value, event.key, event.headers, place) for place, event in enumerate(make_events(3_000, 5))]
    batch = RecordBatch("events", 0, made)
    expected = rows.process(batch, NOW)
    assert {"allow", "review"} <= expected.counts.decided.keys()
    assert expected.counts.withdrawals
    monkeypatch.setattr(Pipeline, "decide", lambda *_: pytest.fail("an ordinary event was not decided in columns"))
    _assert_alike(expected, columns.process(batch, NOW))


def test_what_is_ready_holds_the_outputs_of_each_topic_in_their_order(columns: ColumnPipeline) -> None:
    made = [Record(event.value, event.key, event.headers, place) for place, event in enumerate(make_events(900, 6))]
    for place in (0, 17, 18, 450, 899):
        made[place] = made[place]._replace(value=b"{")
    made[3] = made[3]._replace(value=made[3].value.replace(b'"text": "', b'"text": "' + b"word " * 700))
    outcome = columns.process(RecordBatch("events", 0, made), NOW)
    ready = _ready(outcome)[0]
    for topic, batches in ready.items():
        expected = [output for output in outcome.outputs if output.topic == topic]
        assert _read(topic, batches) == expected
    assert sum(len(_read(topic, batches)) for topic, batches in ready.items()) == len(outcome.outputs)
    assert next(reversed(ready)) == TOPICS.decisions, "whoever sees a decision can find its task"
    assert outcome.counts.dead_lettered == {"json.invalid": 5}


def test_decisions_come_last_also_where_no_record_is_usual(columns: ColumnPipeline) -> None:
    told = [
        b"I will find you and hurt you, I know where you live",
        b"I do not want to live any more, I want it to end tonight",
        b"WIN a FREE phone!!! Click http://example.test/prize now",
    ]
    record = make_events(1, 1)[0]
    event = msgspec.json.decode(record.value)
    made = []
    for offset, text in enumerate(told):
        event["data"]["text"] = "@@"
        value = msgspec.json.encode(event).replace(b"@@", b"\\ud83d " + text)
        made.append(Record(value, record.key, record.headers, offset))
    batches = [RecordBatch("events", partition, [each]) for partition, each in enumerate(made)]
    for ready in (
        *_ready(columns.process(RecordBatch("events", 0, made), NOW)).values(),
        *_ready(columns.process_together(batches, NOW)).values(),
    ):
        assert len(ready) > 1
        assert next(reversed(ready)) == TOPICS.decisions, "whoever sees a decision can find its task"


def _ready(outcome: Outcome) -> dict[int, Any]:
    assert outcome.ready is not None
    return dict(outcome.ready)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    given_batches=st.lists(
        st.tuples(st.integers(0, 4), st.lists(st.one_of(st.sampled_from(ORDINARY), records), min_size=1, max_size=5)),
        min_size=1,
        max_size=5,
    )
)
def test_batches_of_several_partitions_come_out_as_each_by_itself(
    columns: ColumnPipeline, given_batches: list[tuple[int, list[Record]]]
) -> None:
    batches = [
        RecordBatch("events", partition, [each._replace(offset=10 * number + place) for place, each in enumerate(own)])
        for number, (partition, own) in enumerate(given_batches)
    ]
    alone = [columns.process(batch, NOW, STATE) for batch in batches]
    together = columns.process_together(batches, NOW, STATE)
    assert list(together.outputs) == [output for outcome in alone for output in outcome.outputs]
    assert together.counts.consumed == sum(outcome.counts.consumed for outcome in alone)
    for name in ("decided", "dead_lettered", "tasks", "rules", "models", "languages"):
        assert getattr(together.counts, name) == sum((getattr(each.counts, name) for each in alone), Counter())
    assert sorted(together.timestamps) == sorted(np.concatenate([each.timestamps for each in alone]))
    written = _ready(together)
    assert set(written) == {partition for partition, _ in given_batches}
    for partition, by_topic in written.items():
        expected: dict[str, list[Output]] = defaultdict(list)
        for batch, outcome in zip(batches, alone, strict=True):
            for output in outcome.outputs if batch.partition == partition else ():
                expected[output.topic].append(output)
        assert {topic: _read(topic, ready) for topic, ready in by_topic.items()} == expected


def _read(topic: str, batches: Sequence[Any]) -> list[Output]:
    stored = [record for batch in batches for record in DefaultRecordBatch(bytes(batch._build()))]
    return [Output(topic, record.key, record.value, _headers(record.headers)) for record in stored]


def _headers(headers: Any) -> Any:
    # As those of dead letters and those of all else are held.
    return headers if any(name.startswith("__") for name, _ in headers) else tuple(headers)


def test_the_largest_that_follows_from_an_event_fits_where_columns_are_used(columns: ColumnPipeline) -> None:
    widest = "\x01" * 1_500
    data = {
        "content_id": "\x02" * 256,
        "actor_id": "\x03" * 256,
        "surface": "\x04" * 64,
        "text": widest,
        "tenant": "\x05" * 256,
        "content_version": "\x06" * 64,
        "signals": {"reports": 9},
    }
    event = {
        "specversion": "1.0",
        "id": "\x07" * 256,
        "source": "\x08" * 1_024,
        "type": "content.reported",
        "data": data,
    }
    record = Record(msgspec.json.encode(event), b"k" * (32 * 1_024))
    outcome = columns.process(RecordBatch("events", 0, [record]), NOW)
    assert outcome.counts.decided.total() == 1
    largest = max(len(output.key or b"") + len(output.value or b"") for output in outcome.outputs)
    assert largest < 128 * 1_024


@pytest.mark.parametrize(
    "topics", [replace(TOPICS, output_max_bytes=200_000), replace(TOPICS, output_max_bytes=100)], ids=str
)
def test_where_not_every_output_surely_fits_events_are_decided_one_by_one(rows: Pipeline, topics: Any) -> None:
    assert column_pipeline(rows, topics) is None


def test_a_model_without_a_kernel_decides_events_one_by_one() -> None:
    assert column_pipeline(Pipeline(Steady("1", 0.5), POLICY, TOPICS), TOPICS) is None


@pytest.mark.parametrize("name", CODECS)
def test_any_codec_serves(rows: Pipeline, name: Any) -> None:
    found = column_pipeline(rows, TOPICS, CODECS[name])
    assert found is not None
    made = [Record(event.value, event.key, event.headers, place) for place, event in enumerate(make_events(50, 7))]
    outcome = found.process(RecordBatch("events", 0, made), NOW)
    read = _read(TOPICS.decisions, _ready(outcome)[0][TOPICS.decisions])
    assert read == [output for output in outcome.outputs if output.topic == TOPICS.decisions]
