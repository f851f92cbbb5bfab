"""A batch in parts, one for each model that decides some of its events, and how they become one outcome."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.encoding import Encoder
from sluicegate.agents.outcome import Counts, ModelScores, Outcome, Output
from sluicegate.schemas import Refusal

__all__ = ["Part", "StageClock", "dead_letters", "joined"]


class StageClock:
    """Takes the time of each stage; of one that is entered again, all of it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = clock()
        self.laps: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """End a stage."""
        now = self._clock()
        self.laps[stage] = self.laps.get(stage, 0.0) + now - self._last
        self._last = now


@dataclass(frozen=True, slots=True)
class Part:
    """What follows from those events of a batch that one model decides.

    Attributes
    ----------
    outputs
        By the index of the record.
    refusals
        Of events that could not be decided, by the index of the record.
    timestamps
        Of the records that were decided, in milliseconds since the epoch, shape (n_decided,).
    scores, differences
        As in an outcome.
    """

    outputs: Mapping[int, list[Output]]
    refusals: Mapping[int, Refusal]
    timestamps: NDArray[np.int64]
    scores: ModelScores
    differences: ModelScores | None


def dead_letters(
    batch: RecordBatch, encoder: Encoder, refusals: Mapping[int, Refusal], counts: Counts
) -> dict[int, list[Output]]:
    """Write the dead letters of a batch, by the index of their records, and count them."""
    counts.dead_lettered.update(refused.code for refused in refusals.values())
    return {
        index: [encoder.dead_letter(batch.records[index], refused, batch.topic, batch.partition)]
        for index, refused in refusals.items()
    }


def joined(
    batch: RecordBatch,
    encoder: Encoder,
    refusals: dict[int, Refusal],
    parts: Sequence[Part],
    counts: Counts,
    clock: StageClock,
) -> Outcome:
    """Put what follows from the events of a batch into the order of its records, with dead letters for the others.

    Parameters
    ----------
    batch
        The records.
    encoder
        Writes dead letters.
    refusals
        Of records that hold no event, by index.
    parts
        Of the events, each by its model.
    counts, clock
        Of the batch.
    """
    by_index = {index: outputs for part in parts for index, outputs in part.outputs.items()}
    for refused in (refusals, *(part.refusals for part in parts)):
        by_index |= dead_letters(batch, encoder, refused, counts)
    return Outcome(
        outputs=[output for index in range(len(batch.records)) for output in by_index[index]],
        counts=counts,
        timestamps=np.concatenate([np.zeros(0, dtype=np.int64), *(part.timestamps for part in parts)]),
        scored=[part.scores for part in parts],
        stage_seconds=clock.laps,
        shadow_differences=[part.differences for part in parts if part.differences is not None],
    )
