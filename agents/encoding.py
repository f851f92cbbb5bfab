"""From decisions to records: decision, review task, withdrawal and dead letter, as the contracts have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec

from sluicegate.agents.batch import StoredRecord
from sluicegate.agents.languages import decided_language
from sluicegate.agents.moments import Moment, broker_time, rfc3339
from sluicegate.agents.outcome import Output
from sluicegate.agents.rows import Row
from sluicegate.models import Scorer
from sluicegate.policy import DELETED_TYPE, DecidedRow, Policy
from sluicegate.schemas import (
    Decision,
    DecisionData,
    EventReference,
    HarmProbability,
    Headers,
    Priority,
    Provenance,
    Refusal,
    ReviewTask,
    ReviewTaskData,
    ReviewWithdrawal,
    ReviewWithdrawalData,
    ShadowDecision,
    TextPart,
    decision_id,
    error_headers,
    value_digest,
    withdrawal_id,
)

__all__ = [
    "HEADERS",
    "PARTS_MOST",
    "WEIGHT_DECIMALS",
    "Encoder",
    "Topics",
    "priority_of",
]

#: The strongest parts of a text that a task shows, for each harm that reached the rule.
PARTS_MOST: Final = 3

#: Decimals of what a part adds.
WEIGHT_DECIMALS: Final = 4

#: Of all that is written but dead letters.
HEADERS: Final[Headers] = (("content-type", b"application/cloudevents+json"),)
_JSON: Final = msgspec.json.Encoder()

#: What a record of the log's format takes besides its key, value and headers, generously.
_RECORD_OVERHEAD: Final = 128


@dataclass(frozen=True, slots=True)
class Topics:
    """Where outcomes go, and how large a record each kind of topic takes, in bytes."""

    decisions: str
    dead_letters: str
    review_prefix: str
    output_max_bytes: int
    dead_letter_max_bytes: int


class Encoder:
    """Writes what a pipeline decided.

    Parameters
    ----------
    scorer, policy
        Named in every decision.
    topics
        Where outcomes go.
    """

    def __init__(self, scorer: Scorer, policy: Policy, topics: Topics) -> None:
        self._scorer = scorer
        self._policy = policy
        self._topics = topics
        self._model_reference = Provenance(scorer.name, scorer.version, scorer.digest)
        self._policy_reference = Provenance(policy.name, policy.version, policy.digest)
        self._goals = {queue.name: timedelta(minutes=queue.goal_minutes) for queue in policy.queues}

    def event_outputs(
        self,
        row: Row,
        decided: DecidedRow,
        reached: Sequence[tuple[str, float]],
        scores: Sequence[float],
        moment: Moment,
        opinion: Provenance | None = None,
        shadow: ShadowDecision | None = None,
        skipped: Mapping[str, str] | None = None,
    ) -> list[Output]:
        """Write all that follows from one decided event, its decision last.

        Parameters
        ----------
        row, decided
            The event, and what was decided.
        reached
            With a review: the harms for which it is, highest first, with their probabilities.
        scores
            Its probabilities, in the order of the model's harms; empty where it was not scored.
        moment
            Of the decision.
        opinion
            The second opinion that changed the probabilities, if any.
        shadow
            What another model would have had decided, if it was asked.
        skipped
            Stages that were left out, and why.

        Raises
        ------
        Refusal
            ``encode.too_large`` where a record would not fit its topic.
        """
        event = row.event
        decision = self._decision(row, decided, scores, moment, opinion, shadow, skipped)
        queue, priority = decided.queue, decision.data.priority
        outputs = []
        if queue is not None and priority is not None:
            task = self._task(row, decision, queue, priority, reached, moment)
            outputs.append(self._output(f"{self._topics.review_prefix}{queue}.{priority.class_}", row, task))
        elif event.type == DELETED_TYPE:
            outputs.extend(self._withdrawals(row, decision))
        outputs.append(self._output(self._topics.decisions, row, decision))
        return outputs

    def _decision(
        self,
        row: Row,
        decided: DecidedRow,
        scores: Sequence[float],
        moment: Moment,
        opinion: Provenance | None,
        shadow: ShadowDecision | None,
        skipped: Mapping[str, str] | None,
    ) -> Decision:
        event, data = row.event, row.event.data
        return Decision(
            id=decision_id(event.source, event.id),
            time=moment.text,
            data=DecisionData(
                event=EventReference(event.source, event.id, event.time or broker_time(row.record.timestamp)),
                content_id=data.content_id,
                actor_id=data.actor_id,
                surface=data.surface,
                scores=dict(zip(self._scorer.harms, scores, strict=False)),
                outcome=decided.outcome,
                rule=decided.rule,
                watch=decided.watch,
                text_truncated=row.truncated,
                model=self._model_reference,
                policy=self._policy_reference,
                action=decided.action,
                queue=decided.queue,
                priority=priority_of(decided, moment.as_of),
                tenant=data.tenant,
                content_version=data.content_version,
                opinion=opinion,
                language=decided_language(row),
                shadow=shadow,
                skipped=dict(skipped) if skipped else None,
            ),
        )

    def dead_letter(self, record: StoredRecord, refusal: Refusal, topic: str, partition: int) -> Output:
        """Write a refused record as it came, with headers that say why; a digest where it does not fit."""
        reasons = error_headers(refusal, topic, partition, record.offset, record.timestamp)
        headers, key, value = [*(record.headers or ()), *reasons], record.key, record.value
        most = self._topics.dead_letter_max_bytes
        if _size(key, value, headers) > most and value is not None:
            headers += value_digest(value)
            value = None
        if _size(key, value, headers) > most:
            # The input's batches are bounded compressed: a key or headers can be larger than any topic takes.
            key, headers = None, [*reasons, *value_digest(record.value or b"")]
        return Output(self._topics.dead_letters, key, value, headers)

    def _output(self, topic: str, row: Row, message: Decision | ReviewTask | ReviewWithdrawal) -> Output:
        value = _JSON.encode(message)
        size = len(row.record.key or b"") + len(value) + _AROUND
        if size > self._topics.output_max_bytes:
            raise Refusal("encode.too_large", "$", f"{size} bytes, of at most {self._topics.output_max_bytes}")
        return Output(topic, row.record.key, value, HEADERS)

    def _task(
        self,
        row: Row,
        decision: Decision,
        queue: str,
        priority: Priority,
        reached: Sequence[tuple[str, float]],
        moment: Moment,
    ) -> ReviewTask:
        data, decided = row.event.data, decision.data
        warnings = (self._policy.harms[harm].warning for harm, _ in reached if harm in self._policy.harms)
        return ReviewTask(
            id=decision.id,
            time=decision.time,
            data=ReviewTaskData(
                event=decided.event,
                content_id=data.content_id,
                actor_id=data.actor_id,
                surface=data.surface,
                text=data.text or "",
                text_truncated=row.truncated,
                harms=tuple(HarmProbability(harm, probability) for harm, probability in reached),
                why=tuple(self._parts(row, [harm for harm, _ in reached])),
                queue=queue,
                priority=priority,
                enqueued_at=decision.time,
                due_at=rfc3339(moment.now + self._goals[queue]),
                content_warning="; ".join(dict.fromkeys(warning for warning in warnings if warning)),
                rule=decided.rule,
                model=self._model_reference,
                policy=self._policy_reference,
                language=_task_language(row),
                tenant=data.tenant,
            ),
        )

    def _parts(self, row: Row, harms: list[str]) -> list[TextPart]:
        return [
            TextPart(
                harm,
                row.original_offset(span.start),
                row.original_offset(span.end),
                round(span.weight, WEIGHT_DECIMALS),
            )
            for harm in harms
            for span in self._scorer.why(row.text, harm, PARTS_MOST)
        ]

    def _withdrawals(self, row: Row, decision: Decision) -> list[Output]:
        data = row.event.data
        outputs = []
        for queue in self._policy.queues:
            withdrawal = ReviewWithdrawal(
                id=withdrawal_id(decision.id, queue.name),
                time=decision.time,
                data=ReviewWithdrawalData(
                    event=decision.data.event,
                    content_id=data.content_id,
                    actor_id=data.actor_id,
                    surface=data.surface,
                    queue=queue.name,
                    withdrawn_at=decision.time,
                    tenant=data.tenant,
                ),
            )
            outputs.append(self._output(f"{self._topics.review_prefix}{queue.name}.0", row, withdrawal))
        return outputs


def priority_of(decided: DecidedRow, as_of: str | None) -> Priority | None:
    """Give how a review is ranked, with what it was derived from; None for any other outcome."""
    if decided.queue is None:
        return None
    return Priority(
        value=round(decided.value, 6),
        minutes=decided.minutes,
        price=round(decided.price, 6),
        class_=decided.class_,
        as_of=as_of,
    )


def _task_language(row: Row) -> str | None:
    """Give the language as the event names it, or else as it was identified."""
    if row.language_confidence is not None and row.language:
        return row.language
    return None if row.language_invalid else row.event.data.language or None


def _size(key: bytes | None, value: bytes | None, headers: Headers) -> int:
    return len(key or b"") + len(value or b"") + _RECORD_OVERHEAD + _headers_size(headers)


def _headers_size(headers: Headers) -> int:
    return sum(len(name.encode()) + len(content or b"") + 8 for name, content in headers)


#: Bytes of what surrounds the value of every outcome, besides its key.
_AROUND: Final = _RECORD_OVERHEAD + _headers_size(HEADERS)
