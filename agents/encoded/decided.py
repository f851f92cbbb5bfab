"""What is written of a batch, as arrays."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.moments import Moment
from sluicegate.policy import Decisions
from sluicegate.schemas.columns import EventColumns

__all__ = ["DecidedEvents", "Languages", "ReachedHarms", "TextParts"]


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages that m events were decided with.

    Attributes
    ----------
    tags
        Primary subtags in lower case, and ``UNDETERMINED`` if any language could not be identified.
    tag
        int32 index into ``tags``, -1 where the event names no language and none was looked for.
    identified
        Whether the language was identified from the text.
    confidence
        With ``identified``: how likely it is, as it is written.
    invalid
        Whether the event had a language that is no tag.
    """

    tags: tuple[str, ...]
    tag: NDArray[np.int32]
    identified: NDArray[np.bool_]
    confidence: NDArray[np.float64]
    invalid: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DecidedEvents:
    """The m decided events of one batch.

    Attributes
    ----------
    columns
        What was read of the batch's n records.
    records
        int64: the record of each decided event.
    timestamps
        int64: those of the records, in milliseconds since the epoch.
    scores
        Probabilities, shape (m, n_harms).
    scored
        Whether a model was asked; where not, no scores are written.
    decisions, languages
        Of the m events.
    moment
        Of the decisions.
    """

    columns: EventColumns
    records: NDArray[np.int64]
    timestamps: NDArray[np.int64]
    scores: NDArray[np.float64]
    scored: NDArray[np.bool_]
    decisions: Decisions
    languages: Languages
    moment: Moment


class ReachedHarms(NamedTuple):
    """The harms for which events are reviewed, highest first for each, in the order of the tasks.

    Attributes
    ----------
    task
        int64: position among the tasks that are written, never falling.
    harm
        int64 index.
    probability
        As it is written.
    """

    task: NDArray[np.int64]
    harm: NDArray[np.int64]
    probability: NDArray[np.float64]


class TextParts(NamedTuple):
    """The parts of texts that speak for a harm, in the order of the tasks and as they are shown.

    Attributes
    ----------
    task, harm
        As in :class:`ReachedHarms`.
    start, end
        int64 offsets into the event's text, in code points.
    weight
        As it is written: with four decimals.
    """

    task: NDArray[np.int64]
    harm: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    weight: NDArray[np.float64]
