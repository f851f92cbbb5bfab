"""A plain loop that only scores: the texts in batches, with the bundle's own scorer, without Kafka.

Runs as ``python -m sluicegate.bench.contestants.plain_loop BUNDLE TEXTS BATCH``, where TEXTS is a JSON list, and
prints a JSON object with ``seconds`` of the loop, its ``cpu_seconds`` and ``loading_seconds`` of the bundle.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from sluicegate.models import Scorer, load_bundle

__all__ = ["score_all"]


def score_all(scorer: Scorer, texts: Sequence[str], batch: int) -> int:
    """Score all texts in batches; give how many rows came out."""
    return sum(len(scorer.score(texts[start : start + batch])) for start in range(0, len(texts), batch))


def _run(bundle: Path, file: Path, batch: int) -> None:
    texts = json.loads(file.read_bytes())
    began = time.perf_counter()
    scorer = load_bundle(bundle).scorer()
    loaded = time.perf_counter()
    scorer.score(texts[:batch])
    start, cpu = time.perf_counter(), time.process_time()
    rows = score_all(scorer, texts, batch)
    seconds = time.perf_counter() - start
    if rows != len(texts):
        raise SystemExit(f"{rows} rows came of {len(texts)} texts")
    figures = {"seconds": seconds, "cpu_seconds": time.process_time() - cpu, "loading_seconds": loaded - began}
    print(json.dumps(figures))


if __name__ == "__main__":
    _run(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
