"""The small benchmarks of the guard: ``python bench/guarded.py EVENTS`` with one revision on the path.

Run by its path, so that it is the same file for both revisions, and using only what older revisions have. Prints a JSON
line with where the revision lies and why benchmarks are skipped, then the processor seconds of one repetition of each
benchmark that it is asked for by a line with its name.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

_BATCH = 500
_NOW = datetime(2026, 1, 1, tzinfo=UTC)

Work = Callable[[], object]


class _Record(NamedTuple):
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]
    offset: int
    timestamp: int


def _pipeline(records: list[_Record], _: list[str]) -> Work:
    from sluicegate.agents.batch import RecordBatch
    from sluicegate.agents.encoding import Topics
    from sluicegate.agents.pipeline import Pipeline
    from sluicegate.models import default_bundle_path, load_bundle
    from sluicegate.policy import default_policy_path, load_policy

    topics = Topics("decisions", "dead letters", "review.", 2**20, 2**20)
    pipeline = Pipeline(load_bundle(default_bundle_path()).scorer(), load_policy(default_policy_path()), topics)
    batches = [RecordBatch("events", 0, records[at : at + _BATCH]) for at in range(0, len(records), _BATCH)]
    return lambda: [pipeline.process(batch, _NOW) for batch in batches]


def _columns(records: list[_Record], _: list[str]) -> Work:
    from sluicegate.agents.batch import RecordBatch
    from sluicegate.agents.columnar.pipeline import column_pipeline
    from sluicegate.agents.encoding import Topics
    from sluicegate.agents.pipeline import Pipeline
    from sluicegate.models import default_bundle_path, load_bundle
    from sluicegate.policy import default_policy_path, load_policy

    topics = Topics("decisions", "dead letters", "review.", 2**20, 2**20)
    rows = Pipeline(load_bundle(default_bundle_path()).scorer(), load_policy(default_policy_path()), topics)
    pipeline = column_pipeline(rows, topics)
    if pipeline is None:
        raise RuntimeError("the kernels were not built")
    batches = [RecordBatch("events", 0, records[at : at + _BATCH]) for at in range(0, len(records), _BATCH)]
    return lambda: [pipeline.process(batch, _NOW) for batch in batches]


def _score(_: list[_Record], texts: list[str]) -> Work:
    from sluicegate.models import default_bundle_path, load_bundle

    scorer = load_bundle(default_bundle_path()).scorer()
    return lambda: [scorer.score(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]


def _folding(_: list[_Record], texts: list[str]) -> Work:
    from sluicegate.models.normalise import normalise_all

    return lambda: normalise_all(texts)


def _decode(records: list[_Record], _: list[str]) -> Work:
    from sluicegate.schemas import decode_event

    return lambda: [decode_event(record) for record in records]


BENCHMARKS: dict[str, Callable[[list[_Record], list[str]], Work]] = {
    "pipeline": _pipeline,
    "pipeline in columns": _columns,
    "score": _score,
    "folding": _folding,
    "decode": _decode,
}


def _prepared(file: Path) -> tuple[dict[str, Work], dict[str, str]]:
    lines = file.read_bytes().splitlines()
    header = [("content-type", b"application/cloudevents+json")]
    records = [_Record(b"k", line, header, place, 1_790_000_000_000) for place, line in enumerate(lines)]
    contents: list[dict[str, Any]] = [json.loads(line)["data"] for line in lines]
    texts = [content["text"] for content in contents if "text" in content]
    ready: dict[str, Work] = {}
    skipped: dict[str, str] = {}
    for name, prepare in BENCHMARKS.items():
        try:
            work = prepare(records, texts)
            work()
        # Whatever an older or newer interface answers with, the other benchmarks still count.
        except Exception as error:  # noqa: BLE001
            skipped[name] = f"{type(error).__name__}: {error}"
        else:
            ready[name] = work
    return ready, skipped


def _serve(file: Path) -> None:
    import sluicegate

    ready, skipped = _prepared(file)
    print(json.dumps({"package": sluicegate.__file__, "skipped": skipped}), flush=True)
    for line in sys.stdin:
        began = time.process_time()
        ready[line.strip()]()
        print(time.process_time() - began, flush=True)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
