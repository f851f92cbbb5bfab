"""Where each microsecond of an event goes, step by step: ``python -m sluicegate.bench.profile --results RUN.json``.

Processor time of one thread, over the events that all measurements share, in batches as a busy worker has them: the
pipeline's own stages, and within them what kernels take by themselves. What a whole worker takes is that of a run of
the benchmark. Writes the table of docs/performance.md.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import thread_time
from typing import Annotated, Any, Final

import msgspec
import typer

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.columnar.pipeline import ColumnPipeline, column_pipeline
from sluicegate.agents.encoding import Topics
from sluicegate.agents.log.codec import CODECS
from sluicegate.agents.log.fetched import stored_records
from sluicegate.agents.log.records import StoredRecords
from sluicegate.agents.log.topic_records import TopicRecords
from sluicegate.agents.pipeline import Pipeline
from sluicegate.bench.events import Event, make_events, texts_of
from sluicegate.bench.results import Results
from sluicegate.models import default_bundle_path, load_bundle
from sluicegate.models.compiled import folding
from sluicegate.models.drift.binning import Binning
from sluicegate.models.drift.reference import Reference
from sluicegate.models.language import LanguageIdentifier, LanguageModel
from sluicegate.models.scorer import HashedLinearScorer
from sluicegate.policy import default_policy_path, load_policy

__all__ = ["KEPT", "PAGE", "Profile", "replaced"]

KEPT: Final = Path(__file__).with_name("profile.json")
PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "performance.md"

_BEGIN: Final = "<!-- begin: written by python -m sluicegate.bench.profile -->"
_END: Final = "<!-- end -->"

_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
_TOPICS: Final = Topics("decisions", "dead letters", "review.", 2**20, 2**20)
_LANGUAGES: Final = ("de", "en", "es", "fr", "pt", "zh")

_STORED, _FOLDING, _KERNEL, _WHOLE = "stored", "folding", "kernel", "whole"


class Profile(msgspec.Struct, frozen=True):
    """What each step takes of an event, in microseconds of processor time; ``kernel`` and ``folding`` are of a text.

    Attributes
    ----------
    stages
        Stage of the pipeline to its time.
    stored, folding, kernel
        Taking records out of the log, folding texts, and folding and scoring them.
    pipeline, worker
        The whole pipeline, and a whole worker process.
    rate
        Events a second of that worker.
    """

    processor: str
    python: str
    events: int
    batch: int
    characters: float
    stages: dict[str, float]
    stored: float
    folding: float
    kernel: float
    pipeline: float
    worker: float
    rate: float


def profile(
    results: Annotated[Path, typer.Option(help="JSON of a run of the benchmark.")],
    events: Annotated[int, typer.Option(min=2_000, help="Events of a round.")] = 40_000,
    batch: Annotated[int, typer.Option(min=1, help="Records of a batch.")] = 2_000,
    rounds: Annotated[int, typer.Option(min=1, help="Of which the medians are taken.")] = 7,
    seed: Annotated[int, typer.Option(help="Of the events.")] = 1,
) -> None:
    """Measure, keep the figures in bench/profile.json, and write the table of docs/performance.md anew."""
    run = msgspec.json.decode(results.read_bytes(), type=Results)
    made = make_events(events, seed)
    texts = texts_of(made)
    sections = _sections(made, batch)
    batches = [RecordBatch("events", 0, _stored(section)) for section in sections]
    pipeline, model = _pipeline()
    stages: list[dict[str, float]] = []

    def process() -> None:
        laps: dict[str, float] = {}
        for each in batches:
            for stage, seconds in pipeline.process(each, _NOW).stage_seconds.items():
                laps[stage] = laps.get(stage, 0.0) + seconds
        stages.append(laps)

    works: dict[str, tuple[Callable[[], Any], int]] = {
        _STORED: (lambda: [_stored(section) for section in sections], events),
        _FOLDING: (lambda: _fold(texts), len(texts)),
        _KERNEL: (lambda: model.compiled.logits(texts), len(texts)),
        _WHOLE: (process, events),
    }
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, (work, count) in works.items():
            began = thread_time()
            work()
            taken[name].append((thread_time() - began) / count * 1e6)
    worker = run.rates["default"]["sluicegate"]
    kept = Profile(
        processor=run.machine.processor,
        python=run.machine.python,
        events=events,
        batch=batch,
        characters=sum(map(len, texts)) / len(texts),
        stages={stage: median(laps[stage] for laps in stages) / events * 1e6 for stage in stages[0]},
        stored=median(taken[_STORED]),
        folding=median(taken[_FOLDING]),
        kernel=median(taken[_KERNEL]),
        pipeline=median(taken[_WHOLE]),
        worker=median(rate.cpu_microseconds for rate in worker),
        rate=median(rate.events_per_second for rate in worker),
    )
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), kept), encoding="utf-8")
    print(tables(kept))


def replaced(page: str, kept: Profile) -> str:
    """Return the page with the table of some figures.

    Raises
    ------
    ValueError
        Where it has no place for it.
    """
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"the page has no lines {_BEGIN!r} and {_END!r}")
    return f"{before}{_BEGIN}\n\n{tables(kept)}\n{_END}{after}"


def tables(kept: Profile) -> str:
    """Lay the figures out."""
    stages = kept.stages
    rows = [
        ("JSON to columns (`decode`)", stages["decode"]),
        ("languages that events do not name (`language`)", stages["language"]),
        ("folding of the texts, within `score`", kept.folding),
        ("n-grams, hashes and weights, within `score`", kept.kernel - kept.folding),
        ("probabilities, rounding, counting for drift, within `score`", stages["score"] - kept.kernel),
        ("policy over arrays (`decide`)", stages["decide"]),
        ("reasons, JSON, record batches, snappy, figures for the books (`encode`)", stages["encode"]),
        ("**the pipeline**, one thread", kept.pipeline),
        ("records out of the log", kept.stored),
        (
            "the rest: fetching, sending, group, offsets, metrics, two event loops",
            kept.worker - kept.pipeline - kept.stored,
        ),
        ("**a worker process**", kept.worker),
    ]
    lines = "".join(f"| {step} | {microseconds:.2f} |\n" for step, microseconds in rows)
    return f"""\
{kept.processor}, Python {kept.python}; batches of {kept.batch:,} events, {kept.characters:.0f} characters a text on \
average.

| step | processor time, us an event |
| --- | --- |
{lines}
One worker process does {kept.rate:,.0f} events a second. Folding and scoring alone take {kept.kernel:.2f} us a \
text, {1e6 / kept.kernel:,.0f} texts a second on one core; the worker reaches \
{kept.rate * kept.kernel / 1e6:.0%} of that.
"""


def _pipeline() -> tuple[ColumnPipeline, HashedLinearScorer]:
    bundle, policy = load_bundle(default_bundle_path()), load_policy(default_policy_path())
    identifier = LanguageIdentifier(LanguageModel.load(), _LANGUAGES, 0.7)
    binning = Binning(Reference.of(bundle))
    rows = Pipeline(bundle.scorer(), policy, _TOPICS, binning=binning, identifier=identifier)
    pipeline = column_pipeline(rows, _TOPICS, clock=thread_time)
    model = load_bundle(default_bundle_path()).model()
    if pipeline is None or not isinstance(model, HashedLinearScorer):
        raise RuntimeError("the kernels were not built; run `make install` where there is a C compiler")
    return pipeline, model


def _fold(texts: list[str]) -> list[str]:
    if folding is None:
        raise RuntimeError("the kernel of the folding was not built")
    folded: list[str] = folding.fold_texts(texts)
    return folded


def _sections(events: list[Event], batch: int) -> list[bytes]:
    """Give record batches of the events as a broker stores them, uncompressed."""
    found = []
    for start in range(0, len(events), batch):
        records = TopicRecords(1_790_000_000_000, 2**30)
        for event in events[start : start + batch]:
            records.append(event.key, event.value, event.headers)
        found += [bytes(ready._build()) for ready in records.finish(CODECS["none"])]
    return found


def _stored(section: bytes) -> StoredRecords:
    return stored_records(section, 0, len(section), 0)


if __name__ == "__main__":
    typer.run(profile)
