"""Drift through a worker's pipeline and books: what an operator sees of a stream like the reference, and of another."""

import dataclasses
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import repeat
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.books import Books
from sluicegate.agents.drift import CountedTexts, DriftBooks
from sluicegate.agents.encoding import Topics
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.pipeline import Pipeline
from sluicegate.models import Bundle, default_bundle_path, load_bundle
from sluicegate.models.drift.binning import Binning
from sluicegate.models.drift.reference import Reference, with_text_features
from sluicegate.models.drift.unknown import unknown_words
from sluicegate.models.figures import histogram
from sluicegate.models.labelled import Row
from sluicegate.models.manifest import Ordinary
from sluicegate.models.thresholds.recorded import ScoredFile
from sluicegate.policy import default_policy_path, load_policy
from sluicegate.schemas import Headers

NOW = datetime(2026, 11, 24, tzinfo=UTC)
BEGAN = NOW.timestamp()
TOPICS = Topics("decisions", "dead letters", "review.", 2**20, 2**20)

THINGS = ("soup", "bread", "bikes", "music", "gardens", "trains", "rain", "books", "cats", "chess")
PLACES = ("park", "market", "office", "beach", "school", "station", "library", "gym")
ENGLISH = (
    "we talked about {} at the {}",
    "see you at the {1}, bring {0}",
    "{} again?",
    "my sister likes {} more than the {} and nobody knows why, but she has always been like that",
    "does anyone know whether the {1} sells {0} on Sundays",
    "Win free {}, click the link now and call us before the {} closes",
)
FINNISH = (
    "kävimme eilen torilla ostamassa {} ja sitten menimme kotiin {} kautta",
    "tuletko huomenna meille, otetaan {} mukaan ja lähdetään sitten {} suuntaan",
)


class Record(NamedTuple):
    """A record of an event."""

    value: bytes
    key: bytes | None = None
    headers: Headers = ()
    offset: int = 0
    timestamp: int = 1_790_000_000_000


def posts(source: random.Random, openings: Sequence[str]) -> Iterator[str]:
    while True:
        yield source.choice(openings).format(source.choice(THINGS), source.choice(PLACES))


def record(text: str, language: str, kind: str = "content.created") -> Record:
    data: dict[str, Any] = {"content_id": "c", "actor_id": "a", "surface": "comment", "language": language}
    data |= {} if kind == "content.deleted" else {"text": text}
    event = {"specversion": "1.0", "id": "e", "source": "/tests", "type": kind, "data": data}
    return Record(msgspec.json.encode(event))


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """Return the default bundle with references of plain traffic: English posts, and a few that are German."""
    made = load_bundle(default_bundle_path())
    texts = [text for text, _ in zip(posts(random.Random(1), ENGLISH), range(2_000), strict=False)]
    scores = made.scorer().score(texts)
    rows = [Row(text, {}, "forum", "de" if number % 20 == 0 else "en") for number, text in enumerate(texts)]
    reference = {harm: histogram(scores[:, column]) for column, harm in enumerate(made.manifest.harms)}
    data = (ScoredFile("traffic.jsonl", "0" * 64, len(rows)),)
    ordinary = with_text_features(
        Ordinary(len(rows), {"forum": len(rows)}, {}, reference, data),
        rows,
        unknown_words(made.manifest, made.tensors),
    )
    return dataclasses.replace(made, manifest=msgspec.structs.replace(made.manifest, ordinary=ordinary))


@pytest.fixture
def pipeline(bundle: Bundle) -> Pipeline:
    policy = load_policy(default_policy_path())
    return Pipeline(bundle.scorer(), policy, TOPICS, binning=Binning(Reference.of(bundle)))


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def run(pipeline: Pipeline, metrics: Metrics) -> Callable[..., None]:
    """Return what has batches of fifty events decided and booked, one in half a minute."""
    books = Books(metrics, 86_400.0)

    def run(texts: Iterator[str], batches: int, first: int = 0, language: str = "en") -> None:
        for number in range(first, first + batches):
            records = [record(next(texts), "de" if place % 20 == 0 else language) for place in range(50)]
            outcome = pipeline.process(RecordBatch("events", 0, records), NOW)
            books.taken(len(records), 1)
            books.finished(outcome, 0.01, BEGAN + 30.0 * number)

    return run


def values(metrics: Metrics, name: str) -> dict[str, float]:
    """Give the values of a metric by feature, or by the label that it has instead."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    samples = [sample for family in families for sample in family.samples if sample.name == name]
    return {sample.labels.get("feature", sample.labels.get("source", "")): sample.value for sample in samples}


HARMS = ("spam", "scam", "hate", "harassment", "violence", "self_harm")
FEATURES = {*(f"score:{harm}" for harm in HARMS), "length", "language", "unknown_words"}


def test_a_stream_like_the_reference_raises_nothing(run: Callable[..., None], metrics: Metrics) -> None:
    run(posts(random.Random(2), ENGLISH), 60)
    assert FEATURES - set(values(metrics, "sluicegate_drift_level")) <= {"unknown_words"}
    assert set(values(metrics, "sluicegate_drift_level").values()) == {0}
    assert max(values(metrics, "sluicegate_drift_psi").values()) < 0.1
    assert values(metrics, "sluicegate_drift_rank") == pytest.approx(
        dict.fromkeys(values(metrics, "sluicegate_drift_rank"), 0.5), abs=0.03
    )
    assert values(metrics, "sluicegate_drift_changes_total") == {}
    assert values(metrics, "sluicegate_drift_texts_total") == {"": 3_000}
    assert values(metrics, "sluicegate_drift_reference_texts") == {"traffic": 2_000}


def test_a_stream_of_another_language_raises_drift_of_what_is_different(
    run: Callable[..., None], metrics: Metrics
) -> None:
    run(posts(random.Random(2), FINNISH), 60, language="fi")
    levels = values(metrics, "sluicegate_drift_level")
    assert (levels["language"], levels["length"], levels["score:hate"]) == (2, 2, 2)
    index, noise = values(metrics, "sluicegate_drift_psi"), values(metrics, "sluicegate_drift_psi_noise")
    assert index["language"] > 1 > noise["language"]
    ranks = values(metrics, "sluicegate_drift_rank")
    assert ranks["language"] > 0.9
    assert ranks["length"] > 0.6


def test_a_change_within_the_stream_is_counted_and_dated(run: Callable[..., None], metrics: Metrics) -> None:
    run(posts(random.Random(2), ENGLISH), 100)
    assert values(metrics, "sluicegate_drift_changes_total") == {}
    run(posts(random.Random(3), FINNISH), 100, first=100, language="fi")
    assert values(metrics, "sluicegate_drift_changes_total")["language"] == 1
    since = values(metrics, "sluicegate_drift_change_timestamp_seconds")["language"]
    assert since == pytest.approx(BEGAN + 30 * 100, abs=120)


def test_a_restart_says_nothing_until_there_is_enough_to_say(run: Callable[..., None], metrics: Metrics) -> None:
    run(posts(random.Random(2), FINNISH), 20, language="fi")
    assert values(metrics, "sluicegate_drift_level") == {}
    assert values(metrics, "sluicegate_drift_psi") == {}


def counted(pipeline: Pipeline, *records: Record) -> CountedTexts:
    (found,) = pipeline.process(RecordBatch("events", 0, records), NOW).counts.drift
    return found


def test_texts_as_they_were_posted_are_counted_and_no_updates_reports_or_deletions(pipeline: Pipeline) -> None:
    created = record("see you at the park", "en")
    others = [record("bread", "fi", f"content.{kind}") for kind in ("updated", "reported", "deleted")]
    found = counted(pipeline, others[0], created, *others[1:], Record(b"{"))
    assert found.texts == 1
    assert found.counts.tolist() == counted(pipeline, created).counts.tolist()
    assert counted(pipeline, *others).texts == 0


def test_where_nobody_asked_nothing_is_counted(bundle: Bundle, metrics: Metrics) -> None:
    pipeline = Pipeline(bundle.scorer(), load_policy(default_policy_path()), TOPICS)
    outcome = pipeline.process(RecordBatch("events", 0, [record("bread", "en")]), NOW)
    assert outcome.counts.drift == []
    Books(metrics).finished(outcome, 0.0, BEGAN)
    assert values(metrics, "sluicegate_drift_texts_total") == {}


def counts_of(bundle: Bundle, digest: str) -> Iterator[CountedTexts]:
    """Give a thousand texts like the reference again and again, as a bundle of the same references counts them."""
    binning = Binning(dataclasses.replace(Reference.of(bundle), digest=digest))
    shares = np.concatenate([feature.shares for feature in binning.features])
    return repeat(CountedTexts(binning, 1_000, np.rint(1_000 * shares).astype(np.int64)))


def test_bundles_that_share_the_stream_are_watched_apart_and_a_replaced_one_is_forgotten(
    bundle: Bundle, metrics: Metrics
) -> None:
    books, (first, second) = DriftBooks(metrics, 86_400.0), (counts_of(bundle, digest) for digest in ("one", "two"))

    def digests(name: str) -> set[str]:
        families = text_string_to_metric_families(metrics.exposition().decode())
        return {sample.labels["digest"] for family in families for sample in family.samples if sample.name == name}

    for minute in range(30):
        books.add(next(first), BEGAN + 60 * minute)
        if minute >= 15:
            books.add(next(second), BEGAN + 60 * minute)
    # What the second sees is young: its window began with it.
    assert digests("sluicegate_drift_texts_total") == {"one", "two"}
    assert digests("sluicegate_drift_level") == {"one", "two"}
    for minute in range(30, 45):
        books.add(next(second), BEGAN + 60 * minute)
    assert digests("sluicegate_drift_level") == digests("sluicegate_drift_reference_texts") == {"two"}
    for minute in range(45, 50):
        books.add(next(first), BEGAN + 60 * minute)
    assert digests("sluicegate_drift_level") == {"two"}
    assert digests("sluicegate_drift_reference_texts") == {"one", "two"}


@pytest.mark.parametrize(("place", "direction"), [(0, "down"), (-1, "up")])
def test_a_change_says_which_way(bundle: Bundle, metrics: Metrics, place: int, direction: str) -> None:
    books, counts = DriftBooks(metrics, 86_400.0), next(counts_of(bundle, "one"))
    moved = np.zeros_like(counts.counts)
    parts = np.split(moved, counts.binning.starts[1:].tolist())
    for part in parts:
        part[place] = 1_000
    for minute in range(200):
        books.add(counts if minute < 100 else dataclasses.replace(counts, counts=moved), BEGAN + 60 * minute)
    changes = metrics.counter("sluicegate_drift_changes_total", "one", "length", direction)
    assert [sample.value for family in changes.collect() for sample in family.samples] == [1.0]


def test_gauges_go_when_there_is_too_little_to_say_again(bundle: Bundle, metrics: Metrics) -> None:
    books, counts = DriftBooks(metrics, 3_600.0), counts_of(bundle, "one")
    for minute in range(60):
        books.add(next(counts), BEGAN + 60 * minute)
    assert set(values(metrics, "sluicegate_drift_psi")) == FEATURES
    few = dataclasses.replace(next(counts), texts=1, counts=np.zeros(len(next(counts).counts), dtype=np.int64))
    books.add(few, BEGAN + 3 * 3_600)
    assert values(metrics, "sluicegate_drift_psi") == {}
