"""The schema files are what the structs say, and sound by the rules of JSON Schema and AsyncAPI."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sluicegate.agents.settings import Settings
from sluicegate.cli.schema_files import all_schema_files
from sluicegate.schemas.asyncapi import CHANNELS, asyncapi_document
from sluicegate.schemas.json_schema import json_schemas

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"
DOCUMENT = asyncapi_document()


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for each in node.values():
            yield from references(each)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


def at(document: Any, reference: str) -> Any:
    assert reference.startswith("#/"), f"{reference} leaves the document"
    for part in reference.removeprefix("#/").split("/"):
        document = document[part]
    return document


def test_the_folder_holds_the_generated_files_and_no_others() -> None:
    assert {file.name: file.read_text(encoding="utf-8") for file in FOLDER.iterdir()} == all_schema_files(), (
        "write them anew with: make generate"
    )


@pytest.mark.parametrize("name", json_schemas())
def test_a_schema_is_sound_and_its_references_resolve(name: str) -> None:
    schema = json_schemas()[name]
    Draft202012Validator.check_schema(schema)
    for reference in references(schema):
        at(schema, reference)


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_a_schema_of_the_asyncapi_document_is_sound(name: str) -> None:
    Draft202012Validator.check_schema(DOCUMENT["components"]["schemas"][name])


def test_every_reference_of_the_asyncapi_document_resolves() -> None:
    found = list(references(DOCUMENT))
    assert len(found) > 20
    for reference in found:
        at(DOCUMENT, reference)


def test_parameters_of_an_address_are_those_that_stand_in_it() -> None:
    for channel in DOCUMENT["channels"].values():
        named = {part.partition("}")[0] for part in channel["address"].split("{")[1:]}
        assert named == set(channel.get("parameters", {}))


def test_every_channel_has_one_operation_whose_messages_are_the_channels() -> None:
    operations = DOCUMENT["operations"].values()
    assert sorted(operation["channel"]["$ref"] for operation in operations) == sorted(
        f"#/channels/{name}" for name in DOCUMENT["channels"]
    )
    for operation in operations:
        assert operation["action"] in {"send", "receive"}
        for message in operation["messages"]:
            assert message["$ref"].startswith(operation["channel"]["$ref"] + "/messages/")


def test_every_message_is_on_a_channel_and_has_key_headers_and_payload() -> None:
    used = {reference for channel in DOCUMENT["channels"].values() for reference in references(channel["messages"])}
    messages = DOCUMENT["components"]["messages"]
    assert used == {f"#/components/messages/{name}" for name in messages}
    for message in messages.values():
        assert message["bindings"]["kafka"]["key"]
        assert message["headers"]
        assert message["payload"]


def test_addresses_are_the_defaults_of_the_settings() -> None:
    fields = Settings.model_fields
    topics = {
        "events": fields["events_topic"].default,
        "decisions": fields["decisions_topic"].default,
        "deadLetters": fields["dead_letters_topic"].default,
        "reviewOutcomes": fields["outcomes_topic"].default,
        "reviewTasks": fields["review_prefix"].default + "{queue}.{class}",
    }
    assert {name: address for name, (address, *_) in CHANNELS.items()} == topics


def test_the_document_is_plain_json() -> None:
    assert json.loads(json.dumps(DOCUMENT, allow_nan=False)) == DOCUMENT
