"""The contracts as JSON Schema (draft 2020-12), made from the structs and from what they cannot say."""

import re
from collections.abc import Mapping
from inspect import cleandoc
from typing import Any, Final

import msgspec

from sluicegate.schemas.constraints import ALWAYS_WRITTEN, MEMBERS, OUTPUT, RULES, Schema
from sluicegate.schemas.dead_letter import HEADER_PREFIX, DeadLetter
from sluicegate.schemas.decision import DECISION_SCHEMA, Decision
from sluicegate.schemas.event import ContentEvent
from sluicegate.schemas.reasons import REASONS, Stage
from sluicegate.schemas.review import (
    OUTCOME_SCHEMA,
    TASK_SCHEMA,
    WITHDRAWAL_SCHEMA,
    ReviewOutcome,
    ReviewTask,
    ReviewWithdrawal,
)

__all__ = ["DEAD_LETTER_SCHEMA", "DIALECT", "EVENT_SCHEMA", "MESSAGES", "components", "json_schemas", "whole_schema"]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
EVENT_SCHEMA: Final = "urn:sluicegate:schema:event:v1"
DEAD_LETTER_SCHEMA: Final = "urn:sluicegate:schema:dead-letter-headers:v1"

#: Name of the schema's file to its struct and its identifier.
MESSAGES: Final[Mapping[str, tuple[type[msgspec.Struct], str]]] = {
    "content-event": (ContentEvent, EVENT_SCHEMA),
    "decision": (Decision, DECISION_SCHEMA),
    "review-task": (ReviewTask, TASK_SCHEMA),
    "review-withdrawal": (ReviewWithdrawal, WITHDRAWAL_SCHEMA),
    "review-outcome": (ReviewOutcome, OUTCOME_SCHEMA),
}

_ATTRIBUTE: Final = re.compile(r"^(?P<names>\S.*)\n(?P<text>(?:    .*(?:\n|$))+)", re.MULTILINE)


def json_schemas() -> dict[str, Schema]:
    """Give the JSON Schema of every message, by the name of its file without the ending."""
    schemas = {name: whole_schema(struct, identifier) for name, (struct, identifier) in MESSAGES.items()}
    schemas["dead-letter-headers"] = {
        "$schema": DIALECT,
        "$id": DEAD_LETTER_SCHEMA,
        **dead_letter_headers(),
    }
    return schemas


def components(struct_types: list[type[msgspec.Struct]], reference: str) -> dict[str, Schema]:
    """Give the schemas of structs and of all that they hold, by name.

    Parameters
    ----------
    struct_types
        The structs.
    reference
        Where schemas stand in the document, such as ``#/$defs/{name}``.
    """
    _, made = msgspec.json.schema_components(struct_types, ref_template=reference)
    return {name: _with_constraints(name, schema) for name, schema in sorted(made.items())}


def dead_letter_headers() -> Schema:
    """Give the schema of the headers that are added to a dead letter, as text by their full names."""
    summary, attributes = _documented(DeadLetter.__doc__ or "")
    special: dict[str, Schema] = {
        "stage": {"enum": [stage.value for stage in Stage]},
        "reason": {"enum": sorted(REASONS)},
        "value_digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
        "value_size": {"type": "string", "pattern": "^[0-9]+$"},
    }
    properties, required = {}, []
    for field in msgspec.structs.fields(DeadLetter):
        kind = {"type": "string", "pattern": "^-?[0-9]+$"} if field.type is int else {"type": "string"}
        text = {"description": attributes[field.name]} if field.name in attributes else {}
        properties[HEADER_PREFIX + field.name] = {**special.get(field.name, kind), **text}
        if field.required:
            required.append(HEADER_PREFIX + field.name)
    return {
        "title": "DeadLetter",
        "description": summary,
        "type": "object",
        "properties": properties,
        "required": required,
    }


def whole_schema(struct: type[msgspec.Struct], identifier: str) -> Schema:
    """Give the schema of a struct as a document of its own, with all that it holds."""
    definitions = components([struct], "#/$defs/{name}")
    return {"$schema": DIALECT, "$id": identifier, **definitions.pop(struct.__name__), "$defs": definitions}


def _with_constraints(name: str, schema: Schema) -> Schema:
    summary, attributes = _documented(schema.get("description", ""))
    members = MEMBERS.get(name, {})
    unknown = set(members) - set(schema["properties"])
    if unknown:
        raise ValueError(f"constraints.py has members that {name} does not: {', '.join(sorted(unknown))}")
    properties = {}
    for member, made in schema["properties"].items():
        said = members.get(member) or _without_null(made, optional_is_left_out=name in OUTPUT)
        described = attributes.get(member) or attributes.get(f"{member}_")
        properties[member] = {**said, "description": described} if described and "$ref" not in said else said
    required = sorted({*schema.get("required", ()), *ALWAYS_WRITTEN.get(name, ())})
    return {
        "title": name,
        "description": summary,
        "type": "object",
        "properties": properties,
        "required": required,
        **{word: schema[word] for word in ("additionalProperties",) if word in schema},
        **RULES.get(name, {}),
    }


def _without_null(schema: Schema, *, optional_is_left_out: bool) -> Schema:
    kept = {key: value for key, value in schema.items() if key != "default"}
    if optional_is_left_out and "anyOf" in kept:
        others: list[Any] = [each for each in kept["anyOf"] if each != {"type": "null"}]
        return others[0] if len(others) == 1 else {"anyOf": others}
    return kept


def _documented(docstring: str) -> tuple[str, dict[str, str]]:
    """Take the summary and the descriptions of attributes out of a numpydoc docstring."""
    summary, _, rest = cleandoc(docstring).partition("\n\nAttributes\n----------\n")
    attributes = {
        name: _plain(match["text"]) for match in _ATTRIBUTE.finditer(rest) for name in match["names"].split(", ")
    }
    return _plain(summary), attributes


def _plain(text: str) -> str:
    text = re.sub(r":\w+:`~?(?:[\w.]+\.)?(\w+)`", r"\1", text)
    return " ".join(text.replace("``", "`").split())
