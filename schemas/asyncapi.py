"""The contracts as an AsyncAPI 3.0 document: topics, messages, and what Sluicegate does with them."""

from typing import Any, Final

from sluicegate.schemas.constraints import Schema
from sluicegate.schemas.event import EVENT_TYPES, SPEC_VERSION, ContentData
from sluicegate.schemas.json_schema import MESSAGES, components, dead_letter_headers
from sluicegate.schemas.limits import MEMBER_MAX_BYTES
from sluicegate.schemas.validation import TIME_PATTERN

__all__ = ["CHANNELS", "CONTRACT_VERSION", "asyncapi_document"]

#: Of the contracts, not of the program: the first number changes when old readers or writers could not go on.
CONTRACT_VERSION: Final = "1.0.0"

_BINDING_VERSION: Final = "0.5.0"
_STRUCTURED: Final = "application/cloudevents+json"

#: Channel to its topic's name (the default of the settings), its messages, what Sluicegate does, and what it is for.
CHANNELS: Final[dict[str, tuple[str, tuple[str, ...], str, str]]] = {
    "events": (
        "content.events",
        ("contentEvent", "contentEventBinary"),
        "receive",
        "What products publish; the order of decisions is that of the input partition.",
    ),
    "decisions": ("content.decisions", ("decision",), "send", "One decision for each readable event."),
    "reviewTasks": (
        "review.{queue}.{class}",
        ("reviewTask", "reviewWithdrawal"),
        "send",
        "One task for each decision whose outcome is review. Class 0 is read first, then 1, then 2. When content is "
        "deleted, a withdrawal is written to class 0 of every queue.",
    ),
    "deadLetters": (
        "content.events.dlq",
        ("deadLetter",),
        "send",
        "Records that could not be decided, as they came, with headers that say why.",
    ),
    "reviewOutcomes": ("review.outcomes", ("reviewOutcome",), "receive", "What reviewers said of tasks."),
}

_EVENTS_KEY: Final[Schema] = {"description": "The actor_id, so that an actor's events stay in order; any bytes do."}
_SAME_KEY: Final[Schema] = {"description": "The same as that of the event."}
_PARAMETERS: Final[Schema] = {
    "queue": {"description": "A queue of the policy."},
    "class": {"description": "How soon it is to be read.", "enum": ["0", "1", "2"]},
}


def asyncapi_document() -> dict[str, Any]:
    """Give the document, operations as Sluicegate sees them: it receives events and sends decisions."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Sluicegate",
            "version": CONTRACT_VERSION,
            "description": "Streaming triage of content signals: events in, decisions and review tasks out. "
            "All values are CloudEvents 1.0 in JSON; unknown members are to be ignored.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": _STRUCTURED,
        "servers": {
            "kafka": {
                "host": "127.0.0.1:9092",
                "protocol": "kafka",
                "description": "The brokers of SLUICEGATE_BROKERS; this is the default.",
            }
        },
        "channels": {name: _channel(name) for name in CHANNELS},
        "operations": {
            f"{does}{name[0].upper()}{name[1:]}": _operation(name) for name, (_, _, does, _) in CHANNELS.items()
        },
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def _channel(name: str) -> Schema:
    address, messages, _, description = CHANNELS[name]
    return {
        "address": address,
        "description": description,
        "messages": {message: {"$ref": f"#/components/messages/{message}"} for message in messages},
        **({"parameters": _PARAMETERS} if "{" in address else {}),
    }


def _operation(name: str) -> Schema:
    _, messages, does, description = CHANNELS[name]
    return {
        "action": does,
        "channel": {"$ref": f"#/channels/{name}"},
        "summary": description.partition(". ")[0].rstrip(".") + ".",
        "messages": [{"$ref": f"#/channels/{name}/messages/{message}"} for message in messages],
    }


def _messages() -> Schema:
    return {
        "contentEvent": _message(
            "ContentEvent", "A content event in structured mode.", _EVENTS_KEY, _content_type(const=False)
        ),
        "contentEventBinary": {
            **_message("ContentData", "A content event in binary mode.", _EVENTS_KEY, _binary_headers()),
            "contentType": "application/json",
        },
        "decision": _message("Decision", "What was decided about one event.", _SAME_KEY, _content_type()),
        "reviewTask": _message("ReviewTask", "What a person should see.", _SAME_KEY, _content_type()),
        "reviewWithdrawal": _message(
            "ReviewWithdrawal", "Takes all open tasks of a content back from a queue.", _SAME_KEY, _content_type()
        ),
        "reviewOutcome": _message(
            "ReviewOutcome", "What a reviewer said of a task.", {"description": "The actor_id."}, _content_type()
        ),
        "deadLetter": {
            "summary": "A record that could not be decided, as it came.",
            "contentType": "application/octet-stream",
            "headers": {"$ref": "#/components/schemas/DeadLetterHeaders"},
            "payload": {"description": "The value as it came; null where it did not fit, with its digest in a header."},
            "bindings": _bindings({"description": "The key as it came."}),
        },
    }


def _message(struct: str, summary: str, key: Schema, headers: Schema) -> Schema:
    return {
        "summary": summary,
        "contentType": _STRUCTURED,
        "headers": headers,
        "payload": {"$ref": f"#/components/schemas/{struct}"},
        "bindings": _bindings(key),
    }


def _bindings(key: Schema) -> Schema:
    return {"kafka": {"key": key, "bindingVersion": _BINDING_VERSION}}


def _content_type(*, const: bool = True) -> Schema:
    said: Schema = (
        {"const": _STRUCTURED} if const else {"type": "string", "description": "Optional; a JSON media type."}
    )
    return {"type": "object", "properties": {"content-type": said}, **({"required": ["content-type"]} if const else {})}


def _binary_headers() -> Schema:
    def named(member: str) -> Schema:
        return {"type": "string", "minLength": 1, "maxLength": MEMBER_MAX_BYTES[member]}

    return {
        "type": "object",
        "properties": {
            "ce_specversion": {"const": SPEC_VERSION},
            "ce_id": named("id"),
            "ce_source": named("source"),
            "ce_type": {"enum": list(EVENT_TYPES)},
            "ce_time": {"type": "string", "format": "date-time", "pattern": TIME_PATTERN},
            "content-type": {"type": "string", "description": "Optional; a JSON media type."},
        },
        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type"],
    }


def _schemas() -> Schema:
    structs = [struct for struct, _ in MESSAGES.values()]
    made = components([*structs, ContentData], "#/components/schemas/{name}")
    return {**made, "DeadLetterHeaders": dead_letter_headers()}
