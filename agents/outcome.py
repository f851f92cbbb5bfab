"""What follows from a record batch: the records to be written, and the figures of the books."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.drift import CountedTexts
from sluicegate.agents.log.ready_batch import ReadyBatch
from sluicegate.schemas import Headers

__all__ = ["Counts", "ModelScores", "Outcome", "Output"]


class Output(NamedTuple):
    """A record to be written, to the same partition number as its event's."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers


class ModelScores(NamedTuple):
    """Numbers of a model for each of its harms: its digest, the harms, and an array of shape (n, n_harms)."""

    digest: str
    harms: tuple[str, ...]
    values: NDArray[np.float64]


@dataclass(slots=True)
class Counts:
    """The books of one batch.

    Attributes
    ----------
    consumed
        Records of the batch: the sum of ``decided`` and ``dead_lettered``.
    decided, dead_lettered
        By outcome, and by reason.
    tasks
        By queue and class.
    withdrawals
        Messages that take tasks of deleted content back.
    rules
        Decided events by the rule that fired.
    texts_truncated, surrogates_replaced, languages_invalid
        What was mended or read in part.
    opinions
        Texts that a second opinion was wanted on, by what became of it.
    languages
        Events that name no language, by what it was identified as; ``und`` where it was not.
    drift
        Texts to be compared with the reference of the model that scored them.
    models
        Decided events that were scored, by the digest of the model, and by outcome.
    shadowed
        Events that a shadow was to score, by what became of it.
    shadow_outcomes
        Of those that it scored: by outcome, and by the outcome that the shadow would have had.
    """

    consumed: int = 0
    decided: Counter[str] = field(default_factory=Counter)
    dead_lettered: Counter[str] = field(default_factory=Counter)
    tasks: Counter[tuple[str, int]] = field(default_factory=Counter)
    withdrawals: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    texts_truncated: int = 0
    surrogates_replaced: int = 0
    languages_invalid: int = 0
    opinions: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    drift: list[CountedTexts] = field(default_factory=list)
    models: Counter[tuple[str, str]] = field(default_factory=Counter)
    shadowed: Counter[str] = field(default_factory=Counter)
    shadow_outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that follows from one batch, or from several that are decided together.

    Attributes
    ----------
    outputs
        In the order of their events; of one event the decision comes last, so that whoever sees it can find its task.
    counts
        For the books.
    timestamps
        Of the records that were decided, in milliseconds since the epoch, shape (n_decided,).
    scored
        Probabilities of the events that were scored, by the model that scored them.
    stage_seconds
        Stage to the time spent in it.
    shadow_differences
        Probabilities of the shadow less those decided on, for the harms that both models have.
    ready
        The outputs by the number of the partition and by topic, as batches that are ready to be sent; None where they
        were not made.
    """

    outputs: Sequence[Output]
    counts: Counts
    timestamps: NDArray[np.int64]
    scored: Sequence[ModelScores]
    stage_seconds: Mapping[str, float]
    shadow_differences: Sequence[ModelScores] = ()
    ready: Mapping[int, Mapping[str, Sequence[ReadyBatch]]] | None = None
