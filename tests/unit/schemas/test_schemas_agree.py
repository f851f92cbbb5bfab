"""The JSON Schema of the event and the decoder say the same, as far as a schema can say it."""

import json

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from sluicegate.schemas import DecodedEvent
from sluicegate.schemas.json_schema import json_schemas
from tests.unit.schemas.records import EVENT, EVENTS, Event, answer, code_of, event, mutations, structured

SCHEMA = Draft202012Validator(json_schemas()["content-event"])


@settings(deadline=None)
@given(EVENTS)
def test_an_event_by_the_contract_is_decoded_and_valid(made: Event) -> None:
    assert isinstance(answer(structured(made)), DecodedEvent)
    SCHEMA.validate(made)


@settings(deadline=None)
@given(mutations())
def test_what_the_schema_refuses_the_decoder_refuses(made: Event) -> None:
    record = structured(made)
    assert record.value is not None
    if not SCHEMA.is_valid(json.loads(record.value)):
        assert code_of(record) is not None


@pytest.mark.parametrize(
    "made",
    [
        event(specversion="0.3"),
        event(type="content.archived"),
        event(id=""),
        event(id="i" * 257),
        event(source=None),
        event(time="yesterday"),
        event(time="2026-11-22T07:00:00"),
        event(time="2026-11-22T25:00:00Z"),
        event(datacontenttype="text/plain"),
        {**EVENT, "data_base64": "aGk="},
        event(data=None),
        event(data=[]),
        event(data_text=None),
        event(data_text=5),
        event(data_surface="s" * 65),
        event(data_language=5),
        event(data_signals={"": 1}),
        event(data_signals={"n": "1"}),
        event(data_signals={"n": True}),
        event(data_signals={str(n): n for n in range(65)}),
        event(data_content_version=True),
        event(data_content_version=""),
    ],
    ids=str,
)
def test_both_refuse(made: Event) -> None:
    assert not SCHEMA.is_valid(made)
    assert code_of(structured(made)) is not None


def test_deleted_needs_no_text_and_every_other_type_does() -> None:
    for type_ in ("content.created", "content.updated", "content.reported", "content.deleted"):
        made = event(type=type_)
        del made["data"]["text"]
        assert SCHEMA.is_valid(made) == (type_ == "content.deleted") == (code_of(structured(made)) is None)
