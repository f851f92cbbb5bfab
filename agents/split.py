"""The split: two models share the stream, each content always with the same one, and each decision says which."""

from datetime import datetime
from time import perf_counter

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.outcome import Counts, Outcome
from sluicegate.agents.parts import StageClock, joined
from sluicegate.agents.pipeline import Pipeline
from sluicegate.policy import DeskState
from sluicegate.schemas.sampling import SPLIT, place_of

__all__ = ["SplitPipeline"]


class SplitPipeline:
    """Decides a share of the contents of each batch with a second model.

    By the content and not by the actor: the content's later events, such as updates of its view counts, are decided by
    the same model, and contents are many more, so that a difference shows sooner.

    Parameters
    ----------
    first, second
        Of the two models; they write to the same topics.
    share
        Of the contents, the second one's, by their place: see :func:`~sluicegate.schemas.sampling.place_of`.
    """

    def __init__(self, first: Pipeline, second: Pipeline, share: float) -> None:
        self._first = first
        self._second = second
        self._share = share

    def process(self, batch: RecordBatch, now: datetime, state: DeskState | None = None) -> Outcome:
        """Decide every record of a batch or make it a dead letter, as a pipeline does.

        Parameters
        ----------
        batch
            Records of one partition.
        now
            The time of the decisions.
        state
            The desk's state.
        """
        clock = StageClock(perf_counter)
        rows, refusals = self._first.read(batch, clock)
        counts = Counts(consumed=len(batch.records))
        second = {row.index for row in rows if place_of(SPLIT, row.event.data.content_id) < self._share}
        parts = [
            pipeline.decide(own, now, state, counts, clock)
            for pipeline, own in (
                (self._first, [row for row in rows if row.index not in second]),
                (self._second, [row for row in rows if row.index in second]),
            )
            if own
        ]
        return joined(batch, self._first.encoder, refusals, parts, counts, clock)
