"""What the JSON Schemas say beyond the types of the structs: lengths, enumerations, formats, what goes together.

A schema never refuses what the decoder takes. Lengths are counted in bytes, of which a character has at least one, so
that `maxLength` is the most that can be said of them.
"""

from collections.abc import Mapping
from typing import Any, Final

from sluicegate.schemas.decision import DECISION_SCHEMA, DECISION_TYPE, OUTCOMES, SOURCE
from sluicegate.schemas.event import EVENT_TYPES, SPEC_VERSION
from sluicegate.schemas.limits import MEMBER_MAX_BYTES, SIGNALS_MAX_COUNT
from sluicegate.schemas.review import (
    OUTCOME_SCHEMA,
    OUTCOME_TYPE,
    TASK_SCHEMA,
    TASK_TYPE,
    VERDICTS,
    WITHDRAWAL_SCHEMA,
    WITHDRAWAL_TYPE,
)
from sluicegate.schemas.validation import TIME_PATTERN

__all__ = ["ALWAYS_WRITTEN", "MEMBERS", "OUTPUT", "RULES", "Schema"]

Schema = dict[str, Any]

_BLANK: Final = r"[ \t\n\r\f\v]*"
_JSON_MEDIA_TYPE: Final = rf"^{_BLANK}[A-Za-z0-9_.+-]+/([A-Za-z0-9_.+-]+\+)?[Jj][Ss][Oo][Nn]{_BLANK}(;[\s\S]*)?$"
_TIME: Final[Schema] = {"type": "string", "format": "date-time", "pattern": TIME_PATTERN}
_NAME: Final[Schema] = {"type": "string", "minLength": 1}
_UUID: Final[Schema] = {"type": "string", "format": "uuid", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
_PROBABILITY: Final[Schema] = {"type": "number", "minimum": 0, "maximum": 1}
_OFFSET: Final[Schema] = {"type": "integer", "minimum": 0}
_NOT_NEGATIVE: Final[Schema] = {"type": "number", "minimum": 0}


def _named(member: str) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": MEMBER_MAX_BYTES[member]}


def _optional(*schemas: Schema) -> Schema:
    return {"anyOf": [*schemas, {"type": "null"}]}


def _envelope(type_: str, schema: str) -> dict[str, Schema]:
    return {
        "id": _UUID,
        "time": _TIME,
        "specversion": {"const": SPEC_VERSION},
        "source": {"const": SOURCE},
        "type": {"const": type_},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"const": schema},
    }


_CONTENT: Final[dict[str, Schema]] = {member: _named(member) for member in ("content_id", "actor_id", "surface")}
_PASSED_THROUGH: Final[dict[str, Schema]] = {
    "tenant": _named("tenant"),
    "content_version": {"anyOf": [_named("content_version"), {"type": "integer"}]},
}

_DECIDED: Final[dict[str, Schema]] = {
    "scores": {"type": "object", "additionalProperties": _PROBABILITY},
    "outcome": {"enum": list(OUTCOMES)},
    "rule": _NAME,
    "action": _NAME,
    "queue": _NAME,
}

#: Struct to member to what takes the place of the schema of its type.
MEMBERS: Final[Mapping[str, Mapping[str, Schema]]] = {
    "ContentEvent": {
        "specversion": {"const": SPEC_VERSION},
        "id": _named("id"),
        "source": _named("source"),
        "type": {"enum": list(EVENT_TYPES)},
        "time": _optional(_TIME),
        "datacontenttype": _optional({"type": "string", "pattern": _JSON_MEDIA_TYPE}),
        "data_base64": {"type": "null"},
    },
    "ContentData": _CONTENT
    | {
        "signals": _optional(
            {
                "type": "object",
                "maxProperties": SIGNALS_MAX_COUNT,
                "propertyNames": {"minLength": 1, "maxLength": MEMBER_MAX_BYTES["signal name"]},
                "additionalProperties": _optional({"type": "number"}),
            }
        ),
        "tenant": _optional(_PASSED_THROUGH["tenant"]),
        "content_version": _optional(_named("content_version"), {"type": "integer"}),
    },
    "EventReference": {"source": _named("source"), "id": _named("id"), "time": _TIME},
    "Provenance": dict.fromkeys(("name", "version", "digest"), _NAME),
    "Priority": {
        "minutes": _NOT_NEGATIVE,
        "price": _NOT_NEGATIVE,
        "class": {"enum": [0, 1, 2]},
        "as_of": _TIME,
    },
    "Decision": _envelope(DECISION_TYPE, DECISION_SCHEMA),
    "DecisionData": _CONTENT | _PASSED_THROUGH | _DECIDED,
    "ShadowDecision": _DECIDED,
    "HarmProbability": {"harm": _NAME, "probability": _PROBABILITY},
    "TextPart": {"harm": _NAME, "start": _OFFSET, "end": _OFFSET},
    "ReviewTask": _envelope(TASK_TYPE, TASK_SCHEMA),
    "ReviewTaskData": _CONTENT
    | {
        "tenant": _PASSED_THROUGH["tenant"],
        "queue": _NAME,
        "enqueued_at": _TIME,
        "due_at": _TIME,
        "rule": _NAME,
    },
    "ReviewWithdrawal": _envelope(WITHDRAWAL_TYPE, WITHDRAWAL_SCHEMA),
    "ReviewWithdrawalData": _CONTENT | {"tenant": _PASSED_THROUGH["tenant"], "queue": _NAME, "withdrawn_at": _TIME},
    "ReviewOutcome": {
        "id": _named("id"),
        "source": _named("source"),
        "time": _TIME,
        "specversion": {"const": SPEC_VERSION},
        "type": {"const": OUTCOME_TYPE},
        "datacontenttype": {"type": "string", "pattern": _JSON_MEDIA_TYPE},
        "dataschema": {"const": OUTCOME_SCHEMA},
    },
    "ReviewOutcomeData": {
        "task_id": _UUID,
        "queue": _NAME,
        "verdict": {"enum": list(VERDICTS)},
        "reviewer": _NAME,
        "claimed_at": _TIME,
        "decided_at": _TIME,
    },
}


def _where(member: str, value: str) -> Schema:
    return {"properties": {member: {"const": value}}, "required": [member]}


_GOES_WITH_OUTCOME: Final[Schema] = {
    "allOf": [
        {"if": _where("outcome", "review"), "then": {"required": ["queue", "priority"]}},
        {"if": _where("outcome", "act"), "then": {"required": ["action"]}},
    ]
}

#: Struct to what goes together in it.
RULES: Final[Mapping[str, Schema]] = {
    "ContentEvent": {
        "if": _where("type", "content.deleted"),
        "else": {"properties": {"data": {"required": ["text"], "properties": {"text": {"type": "string"}}}}},
    },
    "DecisionData": _GOES_WITH_OUTCOME,
    "ShadowDecision": _GOES_WITH_OUTCOME,
}

#: Structs that only Sluicegate writes: what is absent in them is left out and never null.
OUTPUT: Final = frozenset(
    {
        "Decision",
        "DecisionData",
        "EventReference",
        "HarmProbability",
        "Priority",
        "Provenance",
        "ReviewTask",
        "ReviewTaskData",
        "ReviewWithdrawal",
        "ReviewWithdrawalData",
        "ShadowDecision",
        "TextPart",
    }
)

#: Members that have a default in the struct and stand in every message all the same.
ALWAYS_WRITTEN: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("Decision", "ReviewTask", "ReviewWithdrawal"),
        ("specversion", "source", "type", "datacontenttype", "dataschema"),
    ),
    "ReviewOutcome": ("specversion", "type"),
}
