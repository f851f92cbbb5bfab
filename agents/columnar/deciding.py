"""Decides the events of a batch in columns: languages, scores, decisions, and what the books say of them."""

from collections import Counter
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.columnar.features import column_features
from sluicegate.agents.columnar.languages import read_languages
from sluicegate.agents.drift import CountedTexts
from sluicegate.agents.encoded import DecidedEvents, Languages
from sluicegate.agents.moments import Moment
from sluicegate.agents.outcome import Counts
from sluicegate.agents.parts import StageClock
from sluicegate.models.buffered import BufferScorer
from sluicegate.models.drift.binning import SAMPLED_EVERY, Binning
from sluicegate.models.language import BufferIdentifier
from sluicegate.policy import DeskState, Policy, decide
from sluicegate.schemas import EVENT_TYPES, OUTCOMES, UNDETERMINED
from sluicegate.schemas.columns import EventColumns, Spans

__all__ = ["Decider", "count_decided"]

_DELETED = EVENT_TYPES.index("content.deleted")
_CREATED = EVENT_TYPES.index("content.created")

#: Decimals of a probability: what is decided is exactly what is written.
_DECIMALS = 6


class Decider:
    """Decides events with one model and one policy.

    Parameters
    ----------
    scorer
        The model.
    policy
        The policy; all harms that it names are the model's.
    signals
        Names of the columns of signals.
    binning
        Counts texts to watch drift.
    identifier
        Tells the language of texts whose events name none.
    """

    def __init__(
        self,
        scorer: BufferScorer,
        policy: Policy,
        signals: tuple[str, ...],
        binning: Binning | None,
        identifier: BufferIdentifier | None,
    ) -> None:
        self._scorer = scorer
        self._policy = policy
        self._signals = signals
        self._binning = binning
        self._identifier = identifier

    def decide(
        self,
        columns: EventColumns,
        rows: NDArray[np.intp],
        timestamps: NDArray[np.int64],
        now: datetime,
        state: DeskState | None,
        counts: Counts,
        clock: StageClock,
    ) -> DecidedEvents:
        """Decide some of the events of a batch.

        Parameters
        ----------
        columns
            Of the batch.
        rows
            At least one.
        timestamps
            Of these records.
        now, state
            The time of the decisions, and the desk's state.
        counts, clock
            Of the batch; drift is counted here, the rest by `count_decided`.
        """
        types = columns.type[rows]
        scored = types != _DELETED
        texts = columns.spans_of("text").rows(rows)
        languages = read_languages(columns.spans_of("language").rows(rows), texts, scored, self._identifier)
        clock.lap("language")
        scores = self._scores(texts, scored)
        if self._binning is not None:
            counts.drift.append(self._counted(self._binning, columns, rows, types, languages, texts, scores))
        clock.lap("score")
        features = column_features(columns, rows, languages, self._signals)
        decisions = decide(self._policy, features, scores, self._scorer.harms, state)
        clock.lap("decide")
        return DecidedEvents(
            columns=columns,
            records=rows,
            timestamps=timestamps,
            scores=scores,
            scored=scored,
            decisions=decisions,
            languages=languages,
            moment=Moment.of(now, state),
        )

    def _scores(self, texts: Spans, scored: NDArray[np.bool_]) -> NDArray[np.float64]:
        asked = texts if scored.all() else texts.rows(scored)
        found = np.round(self._scorer.score(asked), _DECIMALS)
        if asked is texts:
            return found
        scores = np.zeros((len(scored), found.shape[1]))
        scores[scored] = found
        return scores

    def _counted(
        self,
        binning: Binning,
        columns: EventColumns,
        rows: NDArray[np.intp],
        types: NDArray[np.int8],
        languages: Languages,
        texts: Spans,
        scores: NDArray[np.float64],
    ) -> CountedTexts:
        created = np.flatnonzero(types == _CREATED)
        numbers = np.bincount(languages.tag[created] + 1, minlength=len(languages.tags) + 1).tolist()
        sampled = [(text or b"").decode() for text in texts.rows(created[::SAMPLED_EVERY]).contents()]
        lengths = columns.text_points[rows[created]]
        repeats = dict(zip(languages.tags, numbers[1:], strict=True))
        # Languages that are not known are left out.
        repeats.pop(UNDETERMINED, None)
        return CountedTexts(binning, len(created), binning.count_columns(scores[created], lengths, repeats, sampled))


def count_decided(counts: Counts, decided: DecidedEvents, policy: Policy, digest: str) -> None:
    """Add decided events to the books of a batch.

    Parameters
    ----------
    counts
        The books.
    decided
        What was decided.
    policy, digest
        The policy, and the model's digest.
    """
    decisions, languages, scored = decided.decisions, decided.languages, decided.scored
    names = dict(enumerate(OUTCOMES))
    counts.decided.update(_named(decisions.outcome, names))
    counts.rules.update(_named(decisions.rule, decisions.rule_names()))
    for outcome, number in _named(decisions.outcome[scored], names).items():
        counts.models[digest, outcome] += number
    reviewed = np.flatnonzero(decisions.queue >= 0)
    pairs = zip(decisions.queue[reviewed].tolist(), decisions.class_[reviewed].tolist(), strict=True)
    for (queue, class_), number in Counter(pairs).items():
        counts.tasks[policy.queues[queue].name, class_] += number
    counts.withdrawals += len(policy.queues) * int(np.count_nonzero(~scored))
    counts.languages_invalid += int(np.count_nonzero(languages.invalid))
    counts.languages.update(_named(languages.tag[languages.identified], dict(enumerate(languages.tags))))


def _named(codes: NDArray[np.signedinteger[Any]], names: dict[int, str]) -> Counter[str]:
    # A tenth of what sorting them takes: the codes are few.
    least = min(names, default=0)
    numbers = np.bincount(codes.astype(np.int64) - least).tolist()
    return Counter({names[code]: number for code, number in enumerate(numbers, start=least) if number})
