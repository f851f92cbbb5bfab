"""The contracts: what is read from and written to Kafka. Imports nothing of the project."""

from sluicegate.schemas.dead_letter import (
    DeadLetter,
    error_headers,
    read_error_headers,
    value_digest,
    without_error_headers,
)
from sluicegate.schemas.decision import (
    OUTCOMES,
    UNDETERMINED,
    DecidedLanguage,
    Decision,
    DecisionData,
    EventReference,
    Priority,
    Provenance,
    ShadowDecision,
)
from sluicegate.schemas.decoding import DecodedEvent, Headers, Record, UnreadableBatch, decode_event
from sluicegate.schemas.event import EVENT_TYPES, ContentData, ContentEvent
from sluicegate.schemas.identity import decision_id, withdrawal_id
from sluicegate.schemas.language import primary_subtag
from sluicegate.schemas.naming import quoted
from sluicegate.schemas.reasons import REASONS, Reason, Refusal, Stage
from sluicegate.schemas.redrive import Redrive, read_redrive_headers, redrive_headers
from sluicegate.schemas.review import (
    HarmProbability,
    ReviewOutcome,
    ReviewOutcomeData,
    ReviewTask,
    ReviewTaskData,
    ReviewWithdrawal,
    ReviewWithdrawalData,
    TextPart,
)

__all__ = [
    "EVENT_TYPES",
    "OUTCOMES",
    "REASONS",
    "UNDETERMINED",
    "ContentData",
    "ContentEvent",
    "DeadLetter",
    "DecidedLanguage",
    "Decision",
    "DecisionData",
    "DecodedEvent",
    "EventReference",
    "HarmProbability",
    "Headers",
    "Priority",
    "Provenance",
    "Reason",
    "Record",
    "Redrive",
    "Refusal",
    "ReviewOutcome",
    "ReviewOutcomeData",
    "ReviewTask",
    "ReviewTaskData",
    "ReviewWithdrawal",
    "ReviewWithdrawalData",
    "ShadowDecision",
    "Stage",
    "TextPart",
    "UnreadableBatch",
    "decision_id",
    "decode_event",
    "error_headers",
    "primary_subtag",
    "quoted",
    "read_error_headers",
    "read_redrive_headers",
    "redrive_headers",
    "value_digest",
    "withdrawal_id",
    "without_error_headers",
]
