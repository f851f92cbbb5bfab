"""The reader of decisions for comparing models: a line is counted as a decision, or as none."""

from collections.abc import Sequence
from typing import Final

import msgspec

from sluicegate.models.comparison.tally import Tally
from sluicegate.schemas import (
    Decision,
    DecisionData,
    EventReference,
    Priority,
    Provenance,
    ShadowDecision,
    decision_id,
)
from tests.fuzz.target import Target

__all__ = ["TARGET"]

_ONE, _TWO, _POLICY = (Provenance("made", version, f"sha256:{version}") for version in ("1", "2", "p"))


def one(data: bytes) -> None:
    """Count the lines, and say how the models compare."""
    tally = Tally()
    for line in data.split(b"\n"):
        tally.add(line)
    assert msgspec.json.encode(tally.comparison())


def _decision(number: int, outcome: str, scores: dict[str, float], shadow: str | None = None) -> bytes:
    def rank(of: str | None) -> Priority | None:
        return Priority(1.0, 2.5, 0.0, 1) if of == "review" else None

    def queue(of: str | None) -> str | None:
        return "general" if of == "review" else None

    data = DecisionData(
        event=EventReference("/a", str(number), "2026-11-24T12:00:00Z"),
        content_id="c",
        actor_id="a",
        surface="comment",
        scores=scores,
        outcome=outcome,
        rule="default",
        watch=False,
        text_truncated=False,
        model=_ONE,
        policy=_POLICY,
        action="remove" if outcome == "act" else None,
        queue=queue(outcome),
        priority=rank(outcome),
        shadow=None if shadow is None else _shadow(shadow, rank(shadow), queue(shadow)),
    )
    return msgspec.json.encode(Decision(decision_id("/a", str(number)), "2026-11-24T12:00:00.000Z", data))


def _shadow(outcome: str, priority: Priority | None, queue: str | None) -> ShadowDecision:
    return ShadowDecision(
        model=_TWO,
        scores={"spam": 0.5, "new": 0.5},
        outcome=outcome,
        rule="default",
        action=None,
        queue=queue,
        priority=priority,
    )


def _seeds() -> Sequence[bytes]:
    each = [
        _decision(0, "allow", {"spam": 0.1}),
        _decision(1, "review", {"spam": 0.6, "scam": 1e-6}, "allow"),
        _decision(2, "act", {"spam": 1.0}, "review"),
        _decision(3, "allow", {}),
        _decision(0, "allow", {"spam": 0.1}),
    ]
    return [*each, b"\n".join(each), b"\n".join(reversed(each)), b"\n".join([each[0][:-9], b"[]", b"", each[1]]), b""]


TARGET: Final = Target(
    one,
    _seeds,
    (b'"scores":', b'"shadow":', b'"priority":', b'"model":', b'"id":', b"\n", b"null", b"1e308", b"-1e308", b"1e999"),
    longest=8_192,
    inputs=4_000,
)
