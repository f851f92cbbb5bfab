"""What all peers have in common: events decoded, scored in batches by the bundle's scikit-learn pipeline, and written.

So that what differs between them is how they read and write.
"""

import sys
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from sluicegate.agents.settings import Settings, load_settings
from sluicegate.bench.contestants.constant import PROBABILITY
from sluicegate.models import load_bundle
from sluicegate.models.bundle import unpickled
from sluicegate.policy import load_policy

__all__ = ["COMMIT_SECONDS", "FETCH_SECONDS", "Peer", "read_peer"]

#: Seconds between commits, as Sluicegate's worker commits.
COMMIT_SECONDS: Final = 1.0
#: Seconds that a fetch may wait for records.
FETCH_SECONDS: Final = 0.05

#: Probability from which a peer asks for a review: a threshold in the place of a policy.
_REVIEW_AT: Final = 0.5
_DECIMALS: Final = 6


class _Content(msgspec.Struct):
    content_id: str
    actor_id: str
    text: str | None = None


class _Event(msgspec.Struct):
    id: str
    source: str
    data: _Content


class _Reference(msgspec.Struct):
    source: str
    id: str


class _Decided(msgspec.Struct):
    event: _Reference
    content_id: str
    actor_id: str
    scores: dict[str, float]
    outcome: str


class _Decision(msgspec.Struct):
    source: str
    data: _Decided
    specversion: str = "1.0"
    type: str = "content.decision"


class Peer:
    """Decides batches of events.

    Parameters
    ----------
    settings
        Of a worker: where the peer reads and writes, its model, and the events of a batch at the most.
    pipeline
        Anything with scikit-learn's ``predict_proba`` over a list of texts; without one every text has the silent
        worker's probabilities.
    harms
        Of the columns.
    """

    def __init__(self, settings: Settings, pipeline: Any, harms: tuple[str, ...]) -> None:
        self.brokers = settings.brokers[0]
        self.group = settings.group
        self.events = settings.events_topic
        self.decisions = settings.decisions_topic
        self.batch = settings.batch_max
        self._pipeline = pipeline
        self._harms = harms
        self._decode = msgspec.json.Decoder(_Event).decode
        self._encode = msgspec.json.Encoder().encode

    def decide(self, values: Sequence[bytes]) -> list[bytes]:
        """Give the decision of each event; deleted content has no scores."""
        events = [self._decode(value) for value in values]
        scores = iter(self._score([event.data.text for event in events if event.data.text is not None]))
        return [self._decision(event, {} if event.data.text is None else next(scores)) for event in events]

    def _score(self, texts: list[str]) -> list[dict[str, float]]:
        if not texts:
            return []
        if self._pipeline is None:
            return [dict.fromkeys(self._harms, PROBABILITY) for _ in texts]
        rows = self._pipeline.predict_proba(texts).round(_DECIMALS).tolist()
        return [dict(zip(self._harms, row, strict=True)) for row in rows]

    def _decision(self, event: _Event, scores: dict[str, float]) -> bytes:
        content = event.data
        outcome = "review" if scores and max(scores.values()) >= _REVIEW_AT else "allow"
        reference = _Reference(event.source, event.id)
        decided = _Decided(reference, content.content_id, content.actor_id, scores, outcome)
        return self._encode(_Decision("/bench/peer", decided))


def read_peer() -> Peer:
    """Make the peer of this process, of a worker's settings; without a model where the first argument is ``none``."""
    settings = load_settings()
    if sys.argv[1:2] == ["none"]:
        return Peer(settings, None, tuple(load_policy(settings.policy).harms))
    bundle = load_bundle(settings.bundle)
    return Peer(settings, unpickled(bundle), bundle.manifest.harms)
