"""What is read, whatever the mode, and what is forgiven."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.schemas import REASONS, DecodedEvent, Refusal, Stage, decode_event
from tests.unit.schemas.records import EVENTS, Event, Given, answer, binary, code_of, event, mutations, structured

PIECES = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b":",
        b",",
        b"\\",
        b"\\ud800",
        b"\\udc00",
        b"\\u0000",
        b"\xff",
        b"\x00",
        b" ",
        b"null",
        b"1e999",
        b"-0",
        b'"data"',
        b'"id"',
        b"\xef\xbb\xbf",
        json.dumps(event()).encode(),
    ]
)
HEADER_NAMES = st.sampled_from(["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type", "x"])
HEADERS = st.lists(st.tuples(HEADER_NAMES, st.none() | st.binary(max_size=20) | st.just(b"1.0")), max_size=6)


@settings(deadline=None)
@given(st.none() | st.binary() | st.lists(PIECES, max_size=30).map(b"".join), HEADERS)
def test_any_bytes_are_an_event_or_a_refusal_and_the_same_one_at_every_call(value: bytes | None, headers: Any) -> None:
    record = Given(value, headers)
    first = answer(record)
    assert first == answer(record)
    if not isinstance(first, DecodedEvent):
        assert REASONS[first[0]].stage in {Stage.DECODE, Stage.VALIDATE}


@settings(deadline=None)
@given(st.data())
def test_a_damaged_event_is_an_event_or_a_refusal(data: st.DataObject) -> None:
    value = bytearray(json.dumps(data.draw(EVENTS), ensure_ascii=data.draw(st.booleans())).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(value)))
        value[place : place + data.draw(st.integers(0, 3))] = data.draw(PIECES | st.binary(max_size=2))
    first = answer(Given(bytes(value)))
    assert first == answer(Given(bytes(value)))


@settings(deadline=None)
@given(EVENTS)
def test_binary_mode_gives_the_event_of_structured_mode(made: Event) -> None:
    headerless = {**made, "datacontenttype": None}
    assert answer(binary(headerless)) == answer(structured(headerless))


@settings(deadline=None)
@given(mutations())
def test_a_fault_in_the_data_has_the_same_code_in_both_modes(made: Event) -> None:
    made = {name: value for name, value in made.items() if value is not None or name == "data"}
    attributes = [made.get(name) for name in ("specversion", "id", "source", "type")]
    attributes.append(made.get("time", ""))
    if not isinstance(made.get("data"), dict) or not all(isinstance(each, str) for each in attributes):
        return  # binary mode cannot say such a thing
    made = {**made, "datacontenttype": None, "data_base64": None}
    one, other = code_of(structured(made)), code_of(binary(made))
    assert one == other


@settings(deadline=None)
@given(EVENTS)
def test_what_was_published_is_what_is_read(made: Event) -> None:
    read = decode_event(structured(made)).event
    for name in ("id", "source", "type", "time"):
        assert getattr(read, name) == made.get(name)
    for name in ("content_id", "actor_id", "surface", "text", "language", "tenant", "content_version"):
        assert getattr(read.data, name) == made["data"].get(name)
    signals = made["data"].get("signals")
    assert read.data.signals == (
        None if signals is None else {k: v if v is None else float(v) for k, v in signals.items()}
    )


def value_of(envelope: str = "", data: str = "", text: str = '"hi"') -> Given:
    """Write an event by hand, so that it may hold what no JSON writer writes."""
    return Given(
        (
            '{"specversion": "1.0", "id": "e", "source": "s", "type": "content.created", '
            f'"data": {{"content_id": "c", "actor_id": "a", "surface": "f", "text": {text}{data}}}{envelope}}}'
        ).encode()
    )


@pytest.mark.parametrize(
    "record",
    [
        value_of(envelope=', "id": "last"'),
        value_of(envelope=', "id": 5, "id": "last"'),
        value_of(envelope=', "id": null, "id": "last"'),
        value_of(envelope=', "id": "last", "time": 5, "time": null'),
        value_of(envelope=', "id": "last", "data_base64": "aGk=", "data_base64": null'),
        value_of(envelope=', "id": "last"', data=', "signals": {"n": "x"}, "signals": {"n": 1}'),
        value_of(envelope=', "id": "last"', data=', "signals": {"n": "x", "n": 1}'),
    ],
)
def test_of_duplicate_members_the_last_counts(record: Given) -> None:
    assert decode_event(record).event.id == "last"


def test_a_duplicate_that_is_wrong_at_the_end_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        decode_event(value_of(envelope=', "id": "right", "id": 5'))
    assert (caught.value.code, caught.value.where) == ("event.wrong_type", "$.id")


@pytest.mark.parametrize(
    ("text", "read", "count"),
    [
        (r'"a\ud800b"', "a\ufffdb", 1),
        (r'"\udc00\ud800"', "\ufffd\ufffd", 2),
        (r'"\ud83d\ude00"', "\U0001f600", 0),
        (r'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600", 1),
        (r'"\\ud800"', "\\ud800", 0),
        (r'"\\\ud800"', "\\\ufffd", 1),
        (r'"\uD800\u0041"', "\ufffdA", 1),
    ],
)
def test_half_a_surrogate_pair_in_a_text_is_replaced_and_counted(text: str, read: str, count: int) -> None:
    event_, replaced = decode_event(value_of(text=text))
    assert (event_.data.text, replaced) == (read, count)


@pytest.mark.parametrize(
    "record",
    [
        value_of(envelope=r', "id": "e\ud800"'),
        value_of(envelope=r', "source": "\udfff"'),
        value_of(data=r', "content_id": "\ud800"'),
        value_of(data=r', "actor_id": "\ud800"'),
        value_of(data=r', "tenant": "\ud800"'),
        value_of(data=r', "content_version": "\ud800"'),
    ],
)
def test_half_a_surrogate_pair_in_an_identifier_is_refused(record: Given) -> None:
    with pytest.raises(Refusal) as caught:
        decode_event(record)
    assert caught.value.code == "event.lone_surrogate"


def test_members_that_are_null_are_absent() -> None:
    absent = decode_event(value_of()).event
    data = ', "language": null, "signals": null, "tenant": null, "content_version": null'
    envelope = ', "time": null, "datacontenttype": null, "data_base64": null'
    assert decode_event(value_of(envelope=envelope, data=data)).event == absent


@settings(deadline=None)
@given(st.integers(0, 40), st.sampled_from(["envelope", "data"]), st.booleans())
def test_members_that_are_unknown_are_ignored_to_the_depth_of_the_contract(depth: int, place: str, array: bool) -> None:
    opening, closing = ("[", "]") if array else ('{"a":', "}")
    nested = f', "ours": {opening * depth}1{closing * depth}'
    above = 1 if place == "envelope" else 2
    found = answer(value_of(**{place: nested}))
    if above + depth <= 32:
        assert found == answer(value_of())
    else:
        assert found[0] == "json.too_deep"


def test_brackets_in_strings_are_not_levels() -> None:
    text = json.dumps('[{"\\' * 500)
    assert decode_event(value_of(text=text, envelope=', "[[": "{{"')).event.data.text == json.loads(text)


def test_many_brackets_beside_each_other_are_not_deep() -> None:
    ours = f', "ours": [{", ".join(["[{}]"] * 1000)}]'
    assert answer(value_of(envelope=ours)) == answer(value_of())


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "APPLICATION/CloudEvents+JSON; charset=UTF-8",
        'text/json; charset="utf-8"',
        " application/json ",
    ],
)
def test_json_media_types_are_read(content_type: str) -> None:
    record = Given(structured(event()).value, [("content-type", content_type.encode())])
    assert answer(record) == answer(structured(event()))


def test_a_header_without_content_counts_as_absent() -> None:
    record = Given(structured(event()).value, [("ce_specversion", None), ("content-type", None)])
    assert answer(record) == answer(structured(event()))


def test_of_duplicate_headers_the_last_counts() -> None:
    record = binary(event())
    twice = Given(record.value, [("ce_id", b"first"), *record.headers])
    assert answer(twice) == answer(record)
