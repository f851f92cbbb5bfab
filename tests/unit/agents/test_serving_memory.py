"""What a worker holds in memory: one copy of its weights, and none of what only training needs."""

import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Final

import numpy as np

from sluicegate.models.bundle import default_bundle_path, load_bundle
from sluicegate.models.language import LanguageModel
from sluicegate.schemas.kernels import missing_kernels

#: What a worker does, but for the broker: it loads, decides and looks for drift.
SERVE: Final = """
import json, sys
from datetime import UTC, datetime
from typing import NamedTuple

from sluicegate.agents import running
from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.columnar.pipeline import ColumnPipeline
from sluicegate.agents.encoding import Topics
from sluicegate.agents.languages import LoadingIdentifier, load_identifier
from sluicegate.agents.serving import Serving
from sluicegate.agents.settings import Settings
from sluicegate.models.drift.stability import noise_bound
from sluicegate.policy import load_policy

class Record(NamedTuple):
    value: bytes
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    offset: int = 0
    timestamp: int = 0

settings = Settings(_env_file=None)
policy = load_policy(settings.policy)
identifier = LoadingIdentifier(lambda: load_identifier(settings, policy))
topics = Topics("decisions", "dead-letters", "review.", 2**20, 2**20)
pipeline = Serving.load(settings, policy).pipeline(topics, None, identifier)
events = [
    {
        "specversion": "1.0", "id": str(place), "source": "/a", "type": "content.created",
        "data": {"content_id": "c", "actor_id": "a", "surface": "post", "text": text},
    }
    for place, text in enumerate(["I will find you and hurt you", "Is the pool open?", "long " * 2_000])
]
records = [Record(json.dumps(event).encode()) for event in events]
outcome = pipeline.process(RecordBatch("events", 0, records), datetime(2026, 1, 1, tzinfo=UTC))
noise_bound(8, 2_000, 10_000, 32)
print(json.dumps({
    "columns": isinstance(pipeline, ColumnPipeline),
    "decided": outcome.counts.decided.total(),
    "imported": sorted({".".join(name.split(".")[:part]) for name in sys.modules for part in (1, 2)}),
}))
"""

#: They take more memory than all of the rest of a worker's code.
OF_TRAINING: Final = {
    "sklearn",
    "scipy.stats",
    "scipy.sparse",
    "joblib",
    "matplotlib",
    "narwhals",
    "onnxruntime",
    "pandas",
}


def held(holder: object) -> Iterator[object]:
    """Give what an object refers to, over however many others, code aside."""
    seen: set[int] = set()
    waiting = [holder]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType):
            continue
        seen.add(id(one))
        yield one
        waiting += gc.get_referents(one)
        if isinstance(one, np.ndarray):
            waiting.append(one.base)


def own_bytes(holder: object) -> list[int]:
    """Give the sizes of the arrays that have memory of their own, largest first."""
    arrays = [one for one in held(holder) if isinstance(one, np.ndarray) and one.flags.owndata]
    return sorted((one.nbytes for one in arrays), reverse=True)


def test_a_worker_imports_nothing_that_only_training_needs() -> None:
    done = subprocess.run([sys.executable, "-c", SERVE], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["columns"]
    assert told["decided"] == 3
    assert OF_TRAINING.isdisjoint(told["imported"])


def test_a_compiled_scorer_holds_its_weights_once() -> None:
    assert not missing_kernels()
    bundle = load_bundle(default_bundle_path())
    scorer = bundle.model()
    scorer.score(["Is the pool open?"])
    scorer.why("Is the pool open?", scorer.harms[0])
    # Each row is of all harms and one frequency, in whole vectors of four.
    rows = [block.size * -(-(len(scorer.harms) + 1) // 4) * 4 * 4 for block in bundle.manifest.features]
    found = own_bytes(scorer)
    assert found[: len(rows)] == sorted(rows, reverse=True)
    assert sum(found) < 1.01 * sum(rows)


def test_a_language_model_holds_its_tables_once_and_none_as_objects() -> None:
    assert not missing_kernels()
    model = LanguageModel.load()
    weights, *others = own_bytes(model)
    assert sum(others) < weights / 10
    assert not any(isinstance(one, list | tuple) and len(one) > 1_000 for one in held(model))
