"""How cost grows: with the length of texts, the number of harms and rules, and the size of batches.

``python -m sluicegate.bench.costs BUNDLE FOLDER SEED`` prints it as JSON; what it derives is kept in FOLDER.
Microseconds, in one thread, the median of repeated measurements.
"""

import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

import msgspec
import yaml

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.columnar.pipeline import ColumnPipeline, served_pipeline
from sluicegate.agents.encoding import Topics
from sluicegate.agents.pipeline import Pipeline
from sluicegate.bench.derived import widened
from sluicegate.bench.events import Event, make_events, texts_of
from sluicegate.models import load_bundle
from sluicegate.policy import Policy, default_policy_path, load_policy, parse_policy

__all__ = ["Costs", "Point", "measure_costs", "texts_of_length", "with_rules"]

LENGTHS: Final = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000)
HARMS: Final = (1, 2, 4, 8, 16)
RULES: Final = (1, 4, 16, 64, 256)
BATCHES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000)

_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
_TOPICS: Final = Topics("decisions", "dead letters", "review.", 2**20, 2**20)
_CHARACTERS: Final = 240_000
_REPEATS: Final = 5


class Point(msgspec.Struct, frozen=True):
    """What one text or event costs, in microseconds, where something is so large."""

    at: int
    microseconds: float


class Costs(msgspec.Struct, frozen=True):
    """All curves: scoring by length and harms, and a batch of events through the pipeline by rules and its size."""

    length: list[Point]
    harms: list[Point]
    rules: list[Point]
    batch: list[Point]


class _Record(msgspec.Struct):
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]
    offset: int
    timestamp: int


def texts_of_length(texts: Sequence[str], length: int, count: int) -> list[str]:
    """Cut texts of a length out of all texts in a row, each beginning elsewhere."""
    row = " ".join(texts)
    row *= 1 + (2 * length) // len(row)
    step = max(1, (len(row) - length) // count)
    return [row[place * step : place * step + length] for place in range(count)]


def with_rules(count: int) -> Policy:
    """Give the shipped policy with a number of rules that hardly any event reaches."""
    document: dict[str, Any] = yaml.safe_load(default_policy_path().read_text(encoding="utf-8"))
    harms, queue = list(document["harms"]), list(document["queues"])[-1]
    document["rules"] = [
        {
            "name": f"rule {place}",
            "when": f'scores.{harms[place % len(harms)]} >= 0.99 && surface == "surface-{place}"',
            "then": "review",
            "queue": queue,
        }
        for place in range(count)
    ]
    document["queues"] = {queue: document["queues"][queue]}
    return parse_policy(yaml.safe_dump(document, sort_keys=False), "rules.yaml")


def measure_costs(bundle: Path, folder: Path, events: Sequence[Event]) -> Costs:
    """Measure all curves."""
    texts = texts_of(list(events))
    scorer = load_bundle(bundle).scorer()
    lengths = {length: texts_of_length(texts, length, max(4, min(500, _CHARACTERS // length))) for length in LENGTHS}
    wide = {harms: load_bundle(widened(bundle, folder, harms)).scorer() for harms in HARMS}
    shipped = load_policy(default_policy_path())
    by_rules = {rules: served_pipeline(Pipeline(scorer, with_rules(rules), _TOPICS), _TOPICS) for rules in RULES}
    pipeline = served_pipeline(Pipeline(scorer, shipped, _TOPICS), _TOPICS)
    batches = {size: _batches(events, size) for size in BATCHES}
    usual = _batches(events, 500)
    return Costs(
        length=[Point(at, _cost(partial(scorer.score, given), len(given))) for at, given in lengths.items()],
        harms=[Point(at, _cost(partial(each.score, texts[:1000]), 1000)) for at, each in wide.items()],
        rules=[Point(at, _cost(partial(_process, each, usual[:2]), 1000)) for at, each in by_rules.items()],
        batch=[Point(at, _cost(partial(_process, pipeline, given), at * len(given))) for at, given in batches.items()],
    )


def _process(pipeline: Pipeline | ColumnPipeline, batches: Sequence[RecordBatch]) -> None:
    for batch in batches:
        pipeline.process(batch, _NOW)


def _batches(events: Sequence[Event], size: int) -> list[RecordBatch]:
    records = [
        _Record(each.key, each.value, each.headers, place, 1_790_000_000_000) for place, each in enumerate(events)
    ]
    # As many events of each size as take a while, but not all of the smallest.
    wanted = max(size, min(len(records), 100 * size, 2_000))
    return [RecordBatch("events", 0, records[start : start + size]) for start in range(0, wanted - size + 1, size)]


def _cost(work: Callable[[], object], count: int) -> float:
    work()
    spent = []
    for _ in range(_REPEATS):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return median(spent) / count * 1e6


if __name__ == "__main__":
    measured = measure_costs(Path(sys.argv[1]), Path(sys.argv[2]), make_events(4_000, int(sys.argv[3])))
    print(msgspec.json.encode(measured).decode())
