"""Every refusal of the stages decode and validate: which record gets which code, and what is said of it."""

import pickle
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.schemas import REASONS, DecodedEvent, Refusal, Stage, UnreadableBatch, decode_event
from sluicegate.schemas.limits import MEMBER_MAX_BYTES, RECORD_MAX_BYTES, SIGNALS_MAX_COUNT
from tests.unit.schemas.records import EVENT, Given, answer, binary, code_of, event, mutations, structured

VALUE = structured(event()).value or b""


def content_type(text: str) -> Given:
    return Given(VALUE, [("content-type", text.encode())])


def replaced(old: str, new: str) -> Given:
    assert old in VALUE.decode()
    return Given(VALUE.replace(old.encode(), new.encode()))


REFUSED: dict[str, list[Given]] = {
    "record.null": [Given(None)],
    "record.empty": [Given(b""), Given(b" \n\t")],
    "record.too_large": [Given(VALUE + b" " * RECORD_MAX_BYTES), Given(b"\xff" * (RECORD_MAX_BYTES + 1))],
    "encoding.byte_order_mark": [Given(b"\xef\xbb\xbf" + VALUE)],
    "encoding.utf16": [
        Given(VALUE.decode().encode(encoding))
        for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
    ],
    "encoding.not_utf8": [
        Given(VALUE.replace(b"morning", b"\xff")),
        Given(VALUE[:-1] + b', "ours": "\xed\xa0\x80"}'),
        Given(VALUE, [("ce_specversion", b"1.0"), ("ce_id", b"\xff"), ("ce_source", b"s"), ("ce_type", b"t")]),
    ],
    "json.invalid": [
        Given(b"hello"),
        Given(VALUE[:-1]),
        Given(VALUE + VALUE),
        Given(b"\x00\x00\x00\x00\x07" + VALUE),
        replaced("120", "NaN"),
        replaced("120", "Infinity"),
        replaced("good", "go\nod"),
        replaced("good", r"\x"),
    ],
    "json.too_deep": [Given(b"[" * 100_000), Given(b'{"a":' * 33 + b"1" + b"}" * 33)],
    "json.not_an_object": [Given(b"[]"), Given(b"null"), Given(b'"text"'), Given(b"1"), Given(b"[" + VALUE + b"]")],
    "event.content_type": [
        content_type("text/plain"),
        content_type("application/cloudevents-batch+json"),
        content_type("application/json; charset=latin-1"),
        content_type("application/avro"),
        content_type(""),
        structured(event(datacontenttype="application/xml")),
    ],
    "event.data_base64": [structured({**EVENT, "data_base64": "aGk="})],
    "event.unknown_version": [structured(event(specversion=each)) for each in ("", "0.3", "1", "2.0")]
    + [binary(event(), ce_specversion="")],
    "event.unknown_type": [structured(event(type=each)) for each in ("", "content.archived", "CONTENT.CREATED")],
    "event.missing_field": [
        *(
            structured({name: value for name, value in EVENT.items() if name != gone})
            for gone in ("id", "type", "data")
        ),
        *(structured(event(**{name: None})) for name in ("id", "source", "specversion", "data_content_id", "data")),
        structured(event(data_text=None)),
        Given(VALUE, [("ce_specversion", b"1.0"), ("ce_id", b"e"), ("ce_source", b"s")]),
    ],
    "event.wrong_type": [
        structured(event(id=5)),
        structured(event(data=[])),
        structured(event(time=1)),
        structured(event(data_text=["a"])),
        structured(event(data_signals=[1])),
        structured(event(data_signals={"n": "1"})),
        structured(event(data_signals={"n": True})),
        structured(event(data_content_version=1.5)),
        replaced('"language": "en"', '"content_version": ' + "9" * 5000),
    ],
    "event.field_length": [structured(event(id="")), structured(event(data_surface=""))],
    "event.invalid_time": [
        structured(event(time=time))
        for time in (
            "",
            "yesterday",
            "2026-11-22",
            "2026-11-22T07:00:00",
            "2026-11-22 07:00:00Z",
            "2026-02-30T07:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T07:00:00+24:00",
            "2026-11-22T07:00:00Z\n",
            "2026-11-22T07:00:00." + "1" * 31 + "Z",
            "٢٠٢٦-11-22T07:00:00Z",
        )
    ],
    "record.unreadable_batch": [Given(UnreadableBatch(b"\0" * 61, 3, 17))],
    "event.lone_surrogate": [replaced("a-9", r"\ud800")],
    "event.not_finite": [replaced("120", "1e999"), replaced("120", "-1e999"), replaced("120", "9" * 400)],
    "event.too_many_signals": [structured(event(data_signals={str(n): n for n in range(SIGNALS_MAX_COUNT + 1)}))],
}


def test_every_code_of_decode_and_validate_is_reached() -> None:
    stages = (Stage.DECODE, Stage.VALIDATE)
    assert set(REFUSED) == {reason.code for reason in REASONS.values() if reason.stage in stages}


@pytest.mark.parametrize(
    ("code", "record"), [(code, record) for code, records in REFUSED.items() for record in records]
)
def test_a_record_is_refused_with_its_code(code: str, record: Given) -> None:
    assert code_of(record) == code


@pytest.mark.parametrize("member", MEMBER_MAX_BYTES)
@pytest.mark.parametrize("character", ["x", "ß", "語", "\U0001f600"])
def test_a_member_may_be_as_long_as_the_contract_says_and_no_byte_longer(member: str, character: str) -> None:
    most = MEMBER_MAX_BYTES[member]
    count, rest = divmod(most, len(character.encode()))
    longest = character * count + "x" * rest

    def record(name: str) -> Given:
        if member == "signal name":
            return structured(event(data_signals={name: 1}))
        return structured(event(**{member if member in EVENT else f"data_{member}": name}))

    assert code_of(record(longest)) is None
    assert code_of(record("x" + longest)) == "event.field_length"
    assert code_of(record("")) == "event.field_length"


def test_a_number_as_content_version_may_have_as_many_digits_as_a_name_has_bytes() -> None:
    assert code_of(structured(event(data_content_version=10**63))) is None
    assert code_of(structured(event(data_content_version=10**64))) == "event.field_length"


def test_a_record_may_be_as_large_as_the_contract_says_and_no_byte_larger() -> None:
    assert code_of(Given(VALUE.ljust(RECORD_MAX_BYTES))) is None
    assert code_of(Given(VALUE.ljust(RECORD_MAX_BYTES + 1))) == "record.too_large"


def test_an_event_may_have_as_many_signals_as_the_contract_says() -> None:
    assert code_of(structured(event(data_signals={str(n): n for n in range(SIGNALS_MAX_COUNT)}))) is None


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-22T07:00:00Z",
        "2026-11-22t07:00:00z",
        "2016-12-31T23:59:60Z",
        "0001-01-01T00:00:00+23:59",
        "2026-11-22T07:00:00.5-03:30",
        "2026-11-22T07:00:00." + "1" * 30 + "Z",
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_a_time_of_rfc_3339_is_read_and_kept_as_it_came(time: str) -> None:
    assert decode_event(structured(event(time=time))).event.time == time


def test_a_refusal_names_the_place_and_the_remedy() -> None:
    _, message = refusal(structured(event(data_text=1)))
    assert message == (
        "a member has the wrong type at $.data.text (expected a text, got a number); "
        "send the type that the contract states"
    )


@pytest.mark.parametrize(
    ("signals", "told"),
    [
        ('{"ok": 1, "views": "1"}', 'signals["views"] (expected a number, got a text)'),
        ('{"ok": null, "views": 1e999, "c": "1"}', 'not finite at $.data.signals["views"]'),
        ('{"views": "1", "b": 1, "views": true}', 'signals["views"] (expected a number, got true or false)'),
        ('{"a\\u202e\\n": []}', r'signals["a\u202e\n"] (expected'),
        ('{"' + "\U0001f600" * 500 + '": "1"}', r'\ude00\..."] (expected'),
    ],
)
def test_a_signal_that_is_refused_is_named_escaped_and_shortened(signals: str, told: str) -> None:
    value = (structured(event(data_signals={"here": 1})).value or b"").replace(b'{"here": 1}', signals.encode())
    for record in (Given(value), in_binary_mode(signals)):
        _, message = refusal(record)
        assert told.replace("$.data", "$.data" if record.value == value else "$") in message
        assert message.isascii()
        assert len(message) < 250


@pytest.mark.parametrize("attribute", ["id", "source", "type"])
def test_an_attribute_that_binary_mode_lacks_is_named_by_its_header(attribute: str) -> None:
    whole = binary(event())
    record = Given(whole.value, [pair for pair in whole.headers if pair[0] != f"ce_{attribute}"])
    with pytest.raises(Refusal) as caught:
        decode_event(record)
    assert (caught.value.code, caught.value.where) == ("event.missing_field", f"header ce_{attribute}")


SECRET = "zqxjkvb"
NAMED_SIGNAL = re.compile(r'(?<=signals\[)"[^"]{1,64}"(?=\])')
PLACES = st.sampled_from(
    [
        "id",
        "source",
        "type",
        "time",
        "specversion",
        "datacontenttype",
        "data_base64",
        "data",
        "data_content_id",
        "data_text",
        "data_surface",
        "data_signals",
        "data_tenant",
        "data_content_version",
    ]
)
SECRETS = st.sampled_from(
    [SECRET, SECRET * 300, [SECRET], {SECRET: SECRET}, {SECRET * 100: 1}, {SECRET: {SECRET: 1}}, SECRET + "\ud800"]
)


@settings(deadline=None)
@given(
    st.dictionaries(PLACES.filter(lambda name: name != "data"), SECRETS, min_size=1, max_size=3), st.integers(0, 400)
)
def test_no_message_holds_what_a_record_held(members: dict[str, Any], cut: int) -> None:
    made = event(**{name: value for name, value in members.items() if name != "data_base64"})
    if "data_base64" in members:
        made["data_base64"] = members["data_base64"]
    value = structured(made).value or b""
    headers = [("ce_specversion", b"1.0"), ("ce_id", SECRET.encode()), ("ce_type", SECRET.encode())]
    for record in (
        Given(value),
        Given(value[:-cut]),
        Given(value, headers),
        Given(value, [("content-type", SECRET.encode())]),
    ):
        found = answer(record)
        if not isinstance(found, DecodedEvent):
            # All but the name of a signal, which says what to mend.
            assert SECRET not in NAMED_SIGNAL.sub("", found[1])
            assert len(found[1]) < 300


@settings(deadline=None)
@given(mutations())
def test_a_message_is_one_short_line(made: Any) -> None:
    found = answer(structured(made))
    if not isinstance(found, DecodedEvent):
        assert found[1].isprintable()
        assert len(found[1]) < 300


def test_a_refusal_survives_its_way_between_processes() -> None:
    original = Refusal("event.wrong_type", "$.id", "got a number")
    copied = pickle.loads(pickle.dumps(original))
    assert (copied.code, copied.message) == (original.code, original.message)


def refusal(record: Given) -> tuple[str, str]:
    found = answer(record)
    assert not isinstance(found, DecodedEvent)
    return found


def in_binary_mode(signals: str) -> Given:
    """An event with these signals, and with a member that only the structured mode has."""
    whole = binary(event(data_signals={"here": 1}))
    value = (whole.value or b"").replace(b'{"here": 1}', signals.encode())
    return Given(value[:-1] + b', "data": {"signals": {"wrong": "1"}}}', whole.headers)
