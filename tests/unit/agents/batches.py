"""Batches of events, pipelines with models that say what a test wants, and the decisions that come of them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.encoding import Topics
from sluicegate.agents.outcome import Outcome
from sluicegate.models import Served, Signals, Span
from sluicegate.policy import Policy, default_policy_path, load_policy
from sluicegate.schemas import Headers

NOW = datetime(2026, 11, 24, tzinfo=UTC)
POLICY: Policy = load_policy(default_policy_path())
TOPICS = Topics("decisions", "dead letters", "review.", 2**20, 2**20)


class Record(NamedTuple):
    """A record of an event."""

    value: bytes
    key: bytes | None = None
    headers: Headers = ()
    offset: int = 0
    timestamp: int = 1_790_000_000_000


class Steady:
    """A model that gives every text the same probability of every harm."""

    served: Served = "weights"
    signals: tuple[str, ...] = ()

    def __init__(self, version: str, probability: float, harms: tuple[str, ...] = tuple(POLICY.harms)) -> None:
        self.name, self.version, self.digest = "steady", version, f"sha256:{version}"
        self.harms = harms
        self.probability = probability
        self.asked: list[str] = []

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        self.asked += texts
        return np.full((len(texts), len(self.harms)), self.probability)

    def why(self, text: str, harm: str, limit: int = 3) -> tuple[Span, ...]:
        return ()


class Failing(Steady):
    """A model that cannot score."""

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        raise RuntimeError("out of order")


def batch_of(*content_ids: str | None, deleted: bool = False) -> RecordBatch:
    """Make a batch of an event for each content; a record that is none where there is no id."""
    records = []
    for number, content_id in enumerate(content_ids):
        data: dict[str, Any] = {
            "content_id": content_id,
            "actor_id": "a",
            "surface": "comment",
            "text": f"{content_id}",
        }
        kind = "content.deleted" if deleted else "content.created"
        event = {"specversion": "1.0", "id": f"e-{number}", "source": "/tests", "type": kind, "data": data}
        records.append(Record(b"none" if content_id is None else msgspec.json.encode(event)))
    return RecordBatch("events", 0, records)


def decisions_of(outcome: Outcome) -> list[dict[str, Any]]:
    """Give the data of the decisions, in the order of the events."""
    written = [output.value or b"" for output in outcome.outputs if output.topic == TOPICS.decisions]
    return [msgspec.json.decode(value)["data"] for value in written]
