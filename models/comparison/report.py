"""What a comparison of models by their decisions says, as plain figures."""

import msgspec

from sluicegate.models.evaluation.evaluation import Estimate
from sluicegate.schemas import Provenance

__all__ = [
    "QUANTILES",
    "Comparison",
    "ModelRates",
    "QueueLoad",
    "QueueRate",
    "RateDifference",
    "ScoreDifference",
    "Shadowing",
    "encode_comparison",
]

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""Of differences of scores."""


class ScoreDifference(msgspec.Struct, frozen=True):
    """Probabilities of the shadow less those decided on; ``quantiles`` by their share, as ``0.5``."""

    events: int
    mean: float
    mean_absolute: float
    quantiles: dict[str, float]


class QueueLoad(msgspec.Struct, frozen=True):
    """Tasks of a queue and their handling time in minutes, under the model that decided and under the shadow."""

    tasks: int
    minutes: float
    shadow_tasks: int
    shadow_minutes: float


class Shadowing(msgspec.Struct, frozen=True):
    """A model and its shadow on the same events.

    Attributes
    ----------
    events
        That both scored.
    agreement
        Share with the same outcome, action and queue, with its interval of 95 %.
    outcomes
        Events by the outcome decided, then by the shadow's.
    queues
        Load by queue, of the events compared.
    scores
        By harm.
    """

    model: Provenance
    shadow: Provenance
    events: int
    agreement: Estimate
    outcomes: dict[str, dict[str, int]]
    queues: dict[str, QueueLoad]
    scores: dict[str, ScoreDifference]


class QueueRate(msgspec.Struct, frozen=True):
    """Tasks of a queue under one model, as a share of its events with an interval, and minutes per 1,000 events."""

    tasks: int
    share: Estimate
    minutes_per_thousand: float


class ModelRates(msgspec.Struct, frozen=True):
    """What one model decided: events scored, shares of outcomes with intervals, load, mean probabilities."""

    model: Provenance
    events: int
    outcomes: dict[str, Estimate]
    queues: dict[str, QueueRate]
    mean_scores: dict[str, float]


class RateDifference(msgspec.Struct, frozen=True):
    """Shares of outcomes under one model less those under another, on different events, with intervals of 95 %."""

    model: Provenance
    other: Provenance
    outcomes: dict[str, Estimate]


class Comparison(msgspec.Struct, frozen=True):
    """All that decisions say of the models that made them.

    Attributes
    ----------
    decisions
        That were read, duplicates and those of deleted content left out.
    duplicates, deleted, unread
        Repetitions of an id, decisions without scores, and records that are no decisions.
    first, last
        Times of the decisions; empty where there are none.
    shadows
        By the two models, most events first.
    models
        Most events first; more than one where models shared the stream, or followed each other.
    differences
        Of each further model to the first of ``models``.
    """

    decisions: int
    duplicates: int
    deleted: int
    unread: int
    first: str
    last: str
    shadows: tuple[Shadowing, ...]
    models: tuple[ModelRates, ...]
    differences: tuple[RateDifference, ...]


def encode_comparison(comparison: Comparison) -> bytes:
    """Write a comparison as JSON that people can read."""
    return msgspec.json.format(msgspec.json.encode(comparison), indent=1) + b"\n"
