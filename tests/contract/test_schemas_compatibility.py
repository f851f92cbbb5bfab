"""The contracts against their first version: what old writers send is taken, what old readers read is written.

The files under ``v1/`` are frozen. A change that fails here needs a new version of the contract, not another file.
"""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pytest
from jsonschema import Draft202012Validator

from sluicegate.schemas import (
    REASONS,
    ContentEvent,
    Decision,
    Headers,
    ReviewOutcome,
    ReviewTask,
    ReviewWithdrawal,
    decode_event,
    error_headers,
    read_error_headers,
)
from sluicegate.schemas.json_schema import json_schemas
from sluicegate.schemas.reasons import Refusal
from tests.contract.schema_changes import Schema, unreadable, unwritable

V1: Final = Path(__file__).parent / "v1"
MESSAGES: Final = sorted((V1 / "messages").glob("*.json"))
INPUTS: Final = ("content-event", "review-outcome")
OUTPUTS: Final = ("decision", "review-task", "review-withdrawal")
STRUCTS: Final[dict[str, type[msgspec.Struct]]] = {
    "content-event": ContentEvent,
    "decision": Decision,
    "review-task": ReviewTask,
    "review-withdrawal": ReviewWithdrawal,
    "review-outcome": ReviewOutcome,
}


class Given(NamedTuple):
    value: bytes | None
    headers: Headers = ()
    key: bytes | None = None


def frozen(name: str) -> Schema:
    schema: Schema = json.loads((V1 / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    return schema


def kind(file: Path) -> str:
    return file.name.partition(".")[0]


def of_kind(*kinds: str) -> list[Path]:
    return [file for file in MESSAGES if kind(file) in kinds]


def name_of(file: Path) -> str:
    return file.stem


def test_every_kind_of_message_has_samples_and_a_frozen_schema() -> None:
    names = set(json_schemas())
    assert {kind(file) for file in MESSAGES} == names
    assert {file.stem for file in (V1 / "schemas").iterdir()} == names


@pytest.mark.parametrize("file", MESSAGES, ids=name_of)
def test_a_sample_is_valid_by_the_frozen_and_by_the_current_schema(file: Path) -> None:
    message = json.loads(file.read_text(encoding="utf-8"))
    Draft202012Validator(frozen(kind(file))).validate(message)
    Draft202012Validator(json_schemas()[kind(file)]).validate(message)


@pytest.mark.parametrize("file", of_kind("content-event"), ids=name_of)
def test_events_of_old_writers_are_still_read_whole(file: Path) -> None:
    sample = json.loads(file.read_text(encoding="utf-8"))
    event, replaced = decode_event(Given(file.read_bytes()))
    assert replaced == 0
    read: dict[str, Any] = msgspec.to_builtins(event)
    for member in read["data"]:
        assert read["data"][member] == sample["data"].get(member)
    for member in ("specversion", "id", "source", "type", "time"):
        assert read[member] == sample.get(member)


@pytest.mark.parametrize("file", of_kind(*STRUCTS), ids=name_of)
def test_samples_decode_into_the_structs_and_are_written_as_old_readers_know_them(file: Path) -> None:
    message = msgspec.json.decode(file.read_bytes(), type=STRUCTS[kind(file)])
    written = json.loads(msgspec.json.encode(message))
    Draft202012Validator(frozen(kind(file))).validate(written)
    if kind(file) in OUTPUTS:
        assert written == json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", of_kind("dead-letter-headers"), ids=name_of)
def test_headers_of_old_dead_letters_are_still_read(file: Path) -> None:
    sample: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    found = read_error_headers([(name, text.encode()) for name, text in sample.items()])
    assert found is not None
    read = {name: str(value) for name, value in msgspec.structs.asdict(found).items() if value is not None}
    assert read == {name.removeprefix("__sluicegate.errors."): text for name, text in sample.items()}


@pytest.mark.parametrize("code", json.loads((V1 / "reason-codes.json").read_text()))
def test_a_reason_code_is_still_there_at_its_stage(code: str) -> None:
    assert REASONS[code].stage.value == json.loads((V1 / "reason-codes.json").read_text())[code]


@pytest.mark.parametrize("code", json.loads((V1 / "reason-codes.json").read_text()))
def test_headers_that_are_written_are_valid_by_the_frozen_schema(code: str) -> None:
    headers = {name: text.decode() for name, text in error_headers(Refusal(code), "content.events", 3, 17, -1)}
    Draft202012Validator(frozen("dead-letter-headers")).validate(headers)


@pytest.mark.parametrize("name", INPUTS)
def test_what_old_writers_send_is_still_taken(name: str) -> None:
    assert unwritable(frozen(name), json_schemas()[name]) == []


@pytest.mark.parametrize("name", OUTPUTS)
def test_what_is_written_can_be_taken_by_old_readers(name: str) -> None:
    assert unreadable(frozen(name), json_schemas()[name]) == []


def test_dead_letters_keep_every_header_and_may_gain_reasons() -> None:
    old, new = frozen("dead-letter-headers"), deepcopy(json_schemas()["dead-letter-headers"])
    assert set(old["properties"]) <= set(new["properties"])
    assert set(old["required"]) <= set(new["required"])
    for name in old["properties"]:
        assert set(old["properties"][name].get("enum", ())) <= set(new["properties"][name].get("enum", ()))


def test_changes_that_break_nobody_are_let_through() -> None:
    event, decision = frozen("content-event"), frozen("decision")
    event["$defs"]["ContentData"]["properties"]["title"] = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    event["$defs"]["ContentData"]["properties"]["surface"]["maxLength"] = 128
    event["properties"]["type"]["enum"].append("content.restored")
    decision["$defs"]["DecisionData"]["properties"]["shadow"] = {"type": "boolean"}
    assert unwritable(frozen("content-event"), event) == []
    assert unreadable(frozen("decision"), decision) == []


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("ContentData.required", lambda names: names.append("language")),
        ("ContentData.properties", lambda members: members.pop("tenant")),
        ("ContentData.properties.content_id", lambda schema: schema.update(maxLength=100)),
        ("ContentData.properties.text", lambda schema: schema["anyOf"].pop()),
        ("ContentData.properties.content_version", lambda schema: schema["anyOf"].pop(1)),
        ("ContentData.properties.actor_id", lambda schema: schema.update(type="integer")),
        ("ContentData.properties.surface", lambda schema: schema.update(enum=["comment"])),
        ("ContentData.properties.signals.anyOf.0", lambda schema: schema.update(maxProperties=8)),
        ("ContentData.properties.signals.anyOf.0.additionalProperties.anyOf.0", lambda s: s.update(type="integer")),
        ("properties.type.enum", lambda values: values.remove("content.reported")),
        ("properties.specversion", lambda schema: schema.update(const="2.0")),
        ("properties.time.anyOf.0", lambda schema: schema.update(pattern="Z$")),
        ("else.properties.data.required", lambda names: names.append("language")),
    ],
)
def test_a_change_of_the_event_that_old_writers_could_not_take_is_found(place: str, change: Any) -> None:
    assert unwritable(frozen("content-event"), changed("content-event", place, change)) != []


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("DecisionData.properties", lambda members: members.pop("rule")),
        ("DecisionData.properties", lambda members: members.update(queue_name=members.pop("queue"))),
        ("DecisionData.required", lambda names: names.remove("content_id")),
        ("DecisionData.properties.watch", lambda schema: schema.update(type="string")),
        ("DecisionData.properties.outcome.enum", lambda values: values.append("hold")),
        ("DecisionData.properties.outcome.enum", lambda values: values.remove("act")),
        ("DecisionData.properties.content_version.anyOf", lambda schemas: schemas.append({"type": "number"})),
        ("DecisionData.properties.tenant", lambda schema: schema.update(maxLength=512)),
        ("Priority.properties", lambda members: members.pop("class")),
        ("Priority.properties.value", lambda schema: schema.update(type="string")),
        ("properties.dataschema", lambda schema: schema.update(const="urn:sluicegate:schema:decision:v2")),
        ("properties.id", lambda schema: schema.pop("pattern")),
    ],
)
def test_a_change_of_the_decision_that_old_readers_could_not_take_is_found(place: str, change: Any) -> None:
    assert unreadable(frozen("decision"), changed("decision", place, change)) != []


def changed(name: str, place: str, change: Any) -> Schema:
    schema = frozen(name)
    node: Any = {**schema, **schema["$defs"]}
    for part in place.split("."):
        node = node[int(part)] if isinstance(node, list) else node[part]
    change(node)
    return schema
