"""What passes between Sluicegate and review tools: the task, its withdrawal, and the outcome."""

from typing import Final

from msgspec import Struct

from sluicegate.schemas.decision import SOURCE, EventReference, Priority, Provenance

__all__ = [
    "OUTCOME_SCHEMA",
    "OUTCOME_TYPE",
    "TASK_SCHEMA",
    "TASK_TYPE",
    "VERDICTS",
    "WITHDRAWAL_SCHEMA",
    "WITHDRAWAL_TYPE",
    "HarmProbability",
    "ReviewOutcome",
    "ReviewOutcomeData",
    "ReviewTask",
    "ReviewTaskData",
    "ReviewWithdrawal",
    "ReviewWithdrawalData",
    "TextPart",
]

TASK_TYPE: Final = "review.task"
TASK_SCHEMA: Final = "urn:sluicegate:schema:review-task:v1"
WITHDRAWAL_TYPE: Final = "review.task.withdrawn"
WITHDRAWAL_SCHEMA: Final = "urn:sluicegate:schema:review-withdrawal:v1"
OUTCOME_TYPE: Final = "review.outcome"
OUTCOME_SCHEMA: Final = "urn:sluicegate:schema:review-outcome:v1"

#: What a reviewer can answer.
VERDICTS: Final = ("violating", "benign", "escalated", "skipped")


class HarmProbability(Struct, frozen=True):
    """A harm that reached the rule, with its calibrated probability."""

    harm: str
    probability: float


class TextPart(Struct, frozen=True):
    """A part of the text that speaks for a harm.

    Attributes
    ----------
    start, end
        Offsets into ``text`` in Unicode code points, the end exclusive.
    weight
        What the part adds to the logit of the harm.
    """

    harm: str
    start: int
    end: int
    weight: float


class ReviewTaskData(Struct, frozen=True, omit_defaults=True):
    """One text that a person should see, with why, until when, and how urgent.

    Attributes
    ----------
    harms
        Those that reached the rule, highest first.
    why
        The strongest parts of the text; empty where there are none.
    enqueued_at, due_at
        RFC 3339; a tool drops a task whose ``due_at`` has passed.
    content_warning
        What a reviewer should be prepared for.
    """

    event: EventReference
    content_id: str
    actor_id: str
    surface: str
    text: str
    text_truncated: bool
    harms: tuple[HarmProbability, ...]
    why: tuple[TextPart, ...]
    queue: str
    priority: Priority
    enqueued_at: str
    due_at: str
    content_warning: str
    rule: str
    model: Provenance
    policy: Provenance
    language: str | None = None
    tenant: str | None = None


class ReviewTask(Struct, frozen=True):
    """A CloudEvent 1.0 around :class:`ReviewTaskData`; its id is that of the decision."""

    id: str
    time: str
    data: ReviewTaskData
    specversion: str = "1.0"
    source: str = SOURCE
    type: str = TASK_TYPE
    datacontenttype: str = "application/json"
    dataschema: str = TASK_SCHEMA


class ReviewWithdrawalData(Struct, frozen=True, omit_defaults=True):
    """Takes back all open tasks of a content from one queue, of whatever class they are."""

    event: EventReference
    content_id: str
    actor_id: str
    surface: str
    queue: str
    withdrawn_at: str
    tenant: str | None = None


class ReviewWithdrawal(Struct, frozen=True):
    """A CloudEvent 1.0 around :class:`ReviewWithdrawalData`, written to class 0 of every queue."""

    id: str
    time: str
    data: ReviewWithdrawalData
    specversion: str = "1.0"
    source: str = SOURCE
    type: str = WITHDRAWAL_TYPE
    datacontenttype: str = "application/json"
    dataschema: str = WITHDRAWAL_SCHEMA


class ReviewOutcomeData(Struct, frozen=True, omit_defaults=True):
    """What a reviewer said of a task.

    Attributes
    ----------
    task_id, queue
        The task, and where it was claimed.
    verdict
        What the reviewer answers.
    harm
        With ``violating``: which harm it was.
    reviewer
        A pseudonym.
    claimed_at, decided_at
        RFC 3339 with a zone.
    """

    task_id: str
    queue: str
    verdict: str
    reviewer: str
    claimed_at: str
    decided_at: str
    harm: str | None = None


class ReviewOutcome(Struct, frozen=True):
    """A CloudEvent 1.0 around :class:`ReviewOutcomeData`, written by review tools."""

    id: str
    source: str
    time: str
    data: ReviewOutcomeData
    specversion: str = "1.0"
    type: str = OUTCOME_TYPE
    datacontenttype: str = "application/json"
    dataschema: str = OUTCOME_SCHEMA
