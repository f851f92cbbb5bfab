"""What a decision says, without whom or what it is about: small enough to hold many of them beside each other."""

from typing import Final, NamedTuple, TypeVar, cast

import msgspec

from sluicegate.schemas import Provenance

__all__ = ["Verdict", "read_verdict"]

T = TypeVar("T")


class Verdict(NamedTuple):
    """A decision, as far as another one of the same event is compared with it.

    Attributes
    ----------
    id
        The decision's.
    outcome, rule, action, queue
        As decided.
    class_
        Of a review, 0 to 2.
    harms, scores
        The harms that were scored, and their probabilities; none of deleted content.
    model, policy
        By which it was decided.
    opinion
        Whether a second opinion changed the probabilities.
    """

    id: str
    outcome: str
    rule: str
    action: str | None
    queue: str | None
    class_: int | None
    harms: tuple[str, ...]
    scores: tuple[float, ...]
    model: Provenance
    policy: Provenance
    opinion: bool


class _Priority(msgspec.Struct):
    class_: int = msgspec.field(name="class")


class _Data(msgspec.Struct):
    scores: dict[str, float]
    outcome: str
    rule: str
    model: Provenance
    policy: Provenance
    action: str | None = None
    queue: str | None = None
    priority: _Priority | None = None
    opinion: Provenance | None = None


class _Decision(msgspec.Struct):
    id: str
    data: _Data


_DECODER: Final = msgspec.json.Decoder(_Decision)

#: What is the same in most decisions is held once: names of rules and queues, harms, models and policies. Bounded,
#: since whoever writes to a topic may write any.
_SHARED: dict[object, object] = {}
_SHARED_MOST: Final = 10_000


def read_verdict(raw: bytes) -> Verdict | None:
    """Read a decision as it stands on its topic; None where the bytes hold none."""
    try:
        decision = _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    data = decision.data
    return Verdict(
        decision.id,
        _shared(data.outcome),
        _shared(data.rule),
        _shared(data.action),
        _shared(data.queue),
        None if data.priority is None else data.priority.class_,
        _shared(tuple(data.scores)),
        tuple(data.scores.values()),
        _shared(data.model),
        _shared(data.policy),
        data.opinion is not None,
    )


def _shared(value: T) -> T:
    if len(_SHARED) >= _SHARED_MOST:
        _SHARED.clear()
    return cast(T, _SHARED.setdefault(value, value))
