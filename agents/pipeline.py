"""The pipeline: from a batch of raw records to all that follows from it, as a function of nothing but its arguments.

Whatever is wrong with a record becomes a dead letter here. Any exception that leaves :meth:`Pipeline.process` is a
defect, and ends the worker before anything is committed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.drift import count_texts
from sluicegate.agents.encoding import Encoder, Topics
from sluicegate.agents.languages import identify_languages, languages_identified
from sluicegate.agents.moments import Moment
from sluicegate.agents.opinion import Opinions, second_opinions
from sluicegate.agents.outcome import Counts, ModelScores, Outcome, Output
from sluicegate.agents.parts import Part, StageClock, joined
from sluicegate.agents.rows import Row, features_of, is_scored, read_row, score_rows
from sluicegate.agents.shadow import Shadow, Shadowed
from sluicegate.models import Scorer
from sluicegate.models.drift.binning import Binning
from sluicegate.models.language import Identifier
from sluicegate.models.opinion.consulted import Opinion
from sluicegate.policy import DecidedRow, Decisions, DeskState, Policy, check_harms, decide
from sluicegate.schemas import Refusal

__all__ = ["Pipeline"]

#: Decimals of a probability: what is decided is exactly what is written.
_DECIMALS = 6


class Pipeline:
    """Scores and decides batches with one model and one policy.

    Parameters
    ----------
    scorer
        The model.
    policy
        The policy; all harms that it names must be the model's.
    topics
        Where outcomes go.
    opinion
        Scores again what the model is unsure of.
    shadow
        Another model that is asked about a share of the events, without effect.
    binning
        Counts texts to watch the drift of the model's own scores; without one nothing is counted.
    identifier
        Tells the language of texts whose events name none.

    Raises
    ------
    PolicyError
        Where the policy names a harm that the model does not score.
    """

    def __init__(
        self,
        scorer: Scorer,
        policy: Policy,
        topics: Topics,
        opinion: Opinion | None = None,
        shadow: Shadow | None = None,
        binning: Binning | None = None,
        identifier: Identifier | None = None,
    ) -> None:
        check_harms(policy, scorer.harms)
        self.scorer = scorer
        self.policy = policy
        self.opinion = opinion
        self.encoder = Encoder(scorer, policy, topics)
        self.binning = binning
        self.identifier = identifier
        self._shadow = shadow
        self._signals = policy.signals

    @property
    def asks_others(self) -> bool:
        """Whether other models have a say beside its own."""
        return self.opinion is not None or self._shadow is not None

    def process(self, batch: RecordBatch, now: datetime, state: DeskState | None = None) -> Outcome:
        """Decide every record of a batch or make it a dead letter.

        Parameters
        ----------
        batch
            Records of one partition.
        now
            The time of the decisions.
        state
            The desk's state; without one the policy's own class bounds hold.
        """
        clock = StageClock(perf_counter)
        rows, refusals = self.read(batch, clock)
        counts = Counts(consumed=len(batch.records))
        part = self.decide(rows, now, state, counts, clock)
        return joined(batch, self.encoder, refusals, [part], counts, clock)

    def read(
        self, batch: RecordBatch, clock: StageClock, indices: Iterable[int] | None = None
    ) -> tuple[list[Row], dict[int, Refusal]]:
        """Give the events of a batch, their languages known or identified, and by index why other records hold none.

        Parameters
        ----------
        batch
            The records.
        clock
            Added to.
        indices
            Of the records that are read; all of them without.
        """
        refusals: dict[int, Refusal] = {}
        rows: list[Row] = []
        chosen = enumerate(batch.records) if indices is None else ((index, batch.records[index]) for index in indices)
        for index, record in chosen:
            read = read_row(index, record)
            if isinstance(read, Refusal):
                refusals[index] = read
            else:
                rows.append(read)
        clock.lap("decode")
        if self.identifier is not None:
            rows = identify_languages(self.identifier, rows)
            clock.lap("language")
        return rows, refusals

    def decide(
        self, rows: list[Row], now: datetime, state: DeskState | None, counts: Counts, clock: StageClock
    ) -> Part:
        """Decide events of one batch, some or all of it.

        Parameters
        ----------
        rows
            The events.
        now, state
            As in :meth:`process`.
        counts, clock
            Added to.
        """
        refusals: dict[int, Refusal] = {}
        rows, scores = self._score(rows, refusals)
        if self.binning is not None:
            counts.drift.append(count_texts(self.binning, rows, scores))
        clock.lap("score")
        opinions = Opinions(scores)
        if self.opinion is not None:
            opinions = second_opinions(self.opinion, self.scorer, rows, scores)
            counts.opinions.update(opinions.results)
            scores = np.round(opinions.scores, _DECIMALS)
            clock.lap("opinion")
        decisions = None
        if rows:
            decisions = decide(self.policy, features_of(rows, self._signals), scores, self.scorer.harms, state)
        clock.lap("decide")
        shadowed = Shadowed()
        if self._shadow is not None:
            shadowed = self._shadow.look(rows, state)
            clock.lap("shadow")
        outputs = self._encode(rows, scores, opinions, decisions, shadowed, refusals, Moment.of(now, state), counts)
        clock.lap("encode")
        decided = [row for row in rows if row.index not in refusals]
        scored = [position for position, row in enumerate(rows) if is_scored(row) and row.index not in refusals]
        return Part(
            outputs=outputs,
            refusals=refusals,
            timestamps=np.array([row.record.timestamp for row in decided], dtype=np.int64),
            scores=ModelScores(self.scorer.digest, self.scorer.harms, scores[scored]),
            differences=shadowed.differences(rows, self.scorer.harms, scores, refusals),
        )

    def _score(self, rows: list[Row], refusals: dict[int, Refusal]) -> tuple[list[Row], NDArray[np.float64]]:
        """Give the rows that could be scored, and their scores; those of deleted content are 0."""
        scored = [row for row in rows if is_scored(row)]
        found = self._score_texts(scored, refusals)
        by_index = dict(zip([row.index for row in scored], found, strict=True))
        rows = [row for row in rows if row.index not in refusals]
        scores = np.zeros((len(rows), len(self.scorer.harms)))
        for position, row in enumerate(rows):
            if row.index in by_index:
                scores[position] = by_index[row.index]
        return rows, np.round(scores, _DECIMALS)

    def _score_texts(self, rows: Sequence[Row], refusals: dict[int, Refusal]) -> NDArray[np.float64]:
        if not rows:
            return np.zeros((0, len(self.scorer.harms)))
        try:
            scores = score_rows(self.scorer, rows)
        except (ValueError, ArithmeticError, LookupError, TypeError):
            if len(rows) == 1:
                refusals[rows[0].index] = Refusal("score.failed", "$.data.text")
                return np.full((1, len(self.scorer.harms)), np.nan)
            # One text that a model cannot take must not cost the others their scores.
            return np.concatenate([self._score_texts([row], refusals) for row in rows])
        for position in np.flatnonzero(~np.isfinite(scores).all(axis=1)):
            refusals[rows[int(position)].index] = Refusal("score.not_finite", "$.data.text")
        return scores

    def _encode(
        self,
        rows: Sequence[Row],
        scores: NDArray[np.float64],
        opinions: Opinions,
        decisions: Decisions | None,
        shadowed: Shadowed,
        refusals: dict[int, Refusal],
        moment: Moment,
        counts: Counts,
    ) -> dict[int, list[Output]]:
        by_index: dict[int, list[Output]] = {}
        digest = self.scorer.digest
        decided_rows = decisions.rows() if decisions else []
        for position, (row, decided, numbers) in enumerate(zip(rows, decided_rows, scores.tolist(), strict=True)):
            reached = decisions.harms_reached(position) if decisions and decided.queue is not None else ()
            shown = numbers if is_scored(row) else ()
            opinion = opinions.given.get(row.index)
            skipped = _skipped(opinions, shadowed, row.index)
            try:
                try:
                    shadow = shadowed.given.get(row.index)
                    outputs = self.encoder.event_outputs(row, decided, reached, shown, moment, opinion, shadow, skipped)
                except Refusal:
                    # What a shadow adds must not be what makes a decision too large.
                    shadow = None
                    shadowed.leave_out(row.index)
                    outputs = self.encoder.event_outputs(row, decided, reached, shown, moment, opinion, None, skipped)
            except Refusal as refusal:
                refusals[row.index] = refusal
                continue
            by_index[row.index] = outputs
            _count(counts, row, decided, self.policy)
            counts.models[digest, decided.outcome] += is_scored(row)
            if shadow is not None:
                counts.shadow_outcomes[decided.outcome, shadow.outcome] += 1
        counts.languages.update(languages_identified([row for row in rows if row.index not in refusals]))
        counts.shadowed.update(shadowed.results)
        return by_index


def _skipped(opinions: Opinions, shadowed: Shadowed, index: int) -> dict[str, str]:
    stages = {"opinion": opinions.skipped.get(index), "shadow": shadowed.skipped.get(index)}
    return {stage: why for stage, why in stages.items() if why is not None}


def _count(counts: Counts, row: Row, decided: DecidedRow, policy: Policy) -> None:
    counts.decided[decided.outcome] += 1
    counts.rules[decided.rule] += 1
    if decided.queue is not None:
        counts.tasks[decided.queue, decided.class_] += 1
    if not is_scored(row):
        counts.withdrawals += len(policy.queues)
    counts.texts_truncated += row.truncated
    counts.surrogates_replaced += row.surrogates_replaced
    counts.languages_invalid += row.language_invalid
