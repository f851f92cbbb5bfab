"""What is read into columns is what decoding gives; what decoding refuses is never read, nor is what it has to mend."""

import json
import math
from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.schemas import EVENT_TYPES, DecodedEvent
from sluicegate.schemas.columns import FIELDS, EventColumns, Spans, is_structured, read_events, spans_of
from sluicegate.schemas.limits import MEMBER_MAX_BYTES, SCORED_TEXT_MAX_BYTES, SIGNALS_MAX_COUNT
from tests.unit.schemas.columns.spellings import spelled, values
from tests.unit.schemas.records import EVENT, Given, answer, event, names

WANTED = ("views_per_hour", "age_hours", "Größe", "n")


def read(records: Sequence[bytes | None]) -> EventColumns:
    return read_events(spans_of(records), np.ones(len(records), dtype=np.bool_), WANTED)


def is_plain(value: bytes) -> bool:
    return bool(read([value]).plain[0])


def check_against_decoding(value: bytes, columns: EventColumns, row: int = 0) -> None:
    """Hold a row to what decoding gives, if it was read."""
    fields = [columns.text_of(row, field) for field in FIELDS]
    if not columns.plain[row]:
        assert fields == [None] * len(FIELDS)
        assert columns.type[row] == columns.text_points[row] == -1
        assert np.isnan(columns.signals[row]).all()
        return
    decoded = answer(Given(value))
    assert isinstance(decoded, DecodedEvent), decoded
    found, data = decoded.event, decoded.event.data
    assert decoded.surrogates_replaced == 0
    expected = [found.id, found.source, found.time, data.content_id, data.actor_id, data.surface]
    assert fields == [*expected, data.text, data.language, data.tenant, data.content_version]
    assert EVENT_TYPES[columns.type[row]] == found.type
    assert columns.text_points[row] == (-1 if data.text is None else len(data.text))
    for name, number in zip(WANTED, columns.signals[row].tolist(), strict=True):
        wanted = (data.signals or {}).get(name)
        assert (
            math.isnan(number)
            if wanted is None
            else (number, math.copysign(1, number))
            == (
                wanted,
                math.copysign(1, wanted),
            )
        )


@settings(deadline=None, max_examples=400)
@given(st.lists(values(), max_size=4))
def test_what_is_read_is_what_decoding_gives(records: list[bytes]) -> None:
    columns = read(records)
    for row, value in enumerate(records):
        check_against_decoding(value, columns, row)


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_ordinary_events_are_read_in_any_spelling(data: st.DataObject) -> None:
    numbers = st.none() | st.integers(-(2**53), 2**53).filter(bool) | st.decimals(0, 10**6, places=3).map(float)
    optional = {
        "language": st.none() | st.sampled_from(["en", "pt-BR", ""]),
        "signals": st.none() | st.dictionaries(st.sampled_from(WANTED) | names("signal name"), numbers),
        "tenant": st.none() | names("tenant"),
        "content_version": st.none() | names("content_version"),
        "score": st.none() | st.integers(0, 9) | st.lists(st.text(st.characters(exclude_categories=["Cs"]))),
    }
    content = data.draw(
        st.fixed_dictionaries(
            {
                "content_id": names("content_id"),
                "actor_id": names("actor_id"),
                "surface": names("surface"),
                "text": st.text(st.characters(exclude_categories=["Cs"])),
            },
            optional=optional,
        )
    )
    made = event(id=data.draw(names("id")), source=data.draw(names("source"))) | {"data": content}
    made |= {"type": data.draw(st.sampled_from(EVENT_TYPES))}
    made |= data.draw(st.sampled_from([{}, {"datacontenttype": "application/json"}, {"data_base64": None, "x": [{}]}]))
    random = Random(data.draw(st.integers(0, 2**32)))
    value = spelled(json.loads(json.dumps(made)), random).encode()
    # Another form of a number may have more digits than it needs.
    columns = read([value])
    check_against_decoding(value, columns)
    assert columns.plain[0]


@settings(deadline=None, max_examples=600)
@given(values(), st.lists(st.tuples(st.integers(0), st.integers(0, 3), st.binary(max_size=2)), min_size=1, max_size=3))
def test_damaged_bytes_are_never_read_where_decoding_refuses_them(value: bytes, damages: Any) -> None:
    damaged = bytearray(value)
    for place, removed, added in damages:
        at = place % (len(damaged) + 1)
        damaged[at : at + removed] = added
    check_against_decoding(bytes(damaged), read([bytes(damaged)]))


def test_every_single_byte_put_anywhere_is_read_as_decoding_has_it() -> None:
    value = spelled(event(data_text='é\u2028"\U0001f600'), Random(3), 0.1).encode()
    for at in range(len(value)):
        records = [value[:at] + bytes([byte]) + value[at + 1 :] for byte in range(256)]
        records += [value[:at], value[:at] + value[at + 1 :]]
        columns = read(records)
        for row in np.flatnonzero(columns.plain).tolist():
            check_against_decoding(records[row], columns, row)


def replaced(value: str, by: str) -> bytes:
    """Give the plain event with a part of its text written otherwise."""
    written = json.dumps(event(data_signals={"n": 1, "k": 2}))
    assert written.count(value) == 1
    return written.replace(value, by).encode()


PLAIN = json.dumps(EVENT).encode()


@pytest.mark.parametrize(
    "value",
    [
        replaced('"e-1"', '"e-1", "id": "e-2"'),
        replaced('"c-1"', '"c-1", "content\\u005fid": "c-2"'),
        replaced('"n": 1', '"n": 1, "\\u006e": 3'),
        replaced('"n": 1', '"n": 1, "n": null'),
        replaced("good morning", "\\ud800"),
        replaced("good morning", "\\udc00\\ud800"),
        replaced("good morning", "\\ud800\\u0041"),
        replaced("good morning", "\\udc00\\udc00"),
        replaced("good morning", "a\x00b"),
        replaced('"data": {', '"x": ' + "[" * 9 + "]" * 9 + ', "data": {'),
        replaced('"1.0"', '"1.1"'),
        replaced("content.created", "content.made"),
        replaced('"e-1"', '""'),
        replaced('"e-1"', "null"),
        replaced('"e-1"', '"' + "x" * 257 + '"'),
        replaced('"good morning"', "null"),
        replaced('"good morning"', "5"),
        replaced("good morning", "é" * (SCORED_TEXT_MAX_BYTES // 2) + "x"),
        replaced('"n": 1', '"n": -0'),
        replaced('"n": 1', '"n": 1e999'),
        replaced('"n": 1', '"n": true'),
        replaced('"n": 1', '"": 1'),
        replaced('"n": 1', '"' + "n" * 65 + '": 1'),
        replaced('"n": 1', ", ".join(f'"{number}": 1' for number in range(SIGNALS_MAX_COUNT))),
        replaced('"en"', '"' + "x" * 65 + '"'),
        replaced('"language": "en"', '"content_version": 5'),
        replaced('"language": "en"', '"tenant": ""'),
        replaced('"language": "en"', '"tenant": "' + "x" * (MEMBER_MAX_BYTES["tenant"] + 1) + '"'),
        replaced('"source":', '"data_base64": "", "source":'),
        replaced('"source":', '"datacontenttype": "text/json", "source":'),
        replaced('"source":', '"datacontenttype": "application/json; charset=utf-16", "source":'),
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN + b"{}",
        PLAIN + b"\x00",
        b"\x00" + PLAIN,
        b"[" + PLAIN + b"]",
        b"{}",
        b"",
        b"  ",
        b'{"x": "' + b"x" * 768 * 1024 + b'", ' + PLAIN[1:],
    ],
)
def test_what_is_unusual_is_left_alone(value: bytes) -> None:
    columns = read([value])
    assert not columns.plain[0]
    check_against_decoding(value, columns)


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-22T07:00:00Z",
        "2026-11-22t07:00:00.1234567-03:30",
        "2024-02-29T23:59:60+23:59",
        "0001-01-01T00:00:00z",
        "9999-12-31T23:59:59." + "9" * 30 + "-23:59",
        "2000-02-29T00:00:00Z",
    ],
)
def test_times_of_the_contract_are_read(time: str) -> None:
    value = replaced("2026-11-22T07:00:00Z", time)
    columns = read([value])
    assert columns.plain[0]
    check_against_decoding(value, columns)


def test_every_day_of_a_calendar_is_read_and_no_other() -> None:
    days = [(year, month, day) for year in (0, 1, 1900, 2000, 2023, 2024) for month in range(14) for day in range(33)]
    records = [replaced("2026-11-22T07:00:00Z", f"{y:04}-{m:02}-{d:02}T00:00:00Z") for y, m, d in days]
    columns = read(records)
    for row, value in enumerate(records):
        assert columns.plain[row] == isinstance(answer(Given(value)), DecodedEvent), days[row]


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32), st.data())
def test_a_time_is_read_only_if_decoding_takes_it_and_then_always(year: int, month: int, day: int, data: Any) -> None:
    clock = data.draw(st.sampled_from(["00:00:00", "23:59:60", "24:00:00", "12:60:00", "07:00:61", "7:00:00"]))
    rest = data.draw(
        st.sampled_from(["Z", "z", "", ".Z", "." + "1" * 31 + "Z", "+24:00", "-00:60", "+01:00\\n", "+0100"])
    )
    value = replaced("2026-11-22T07:00:00Z", f"{year:04}-{month:02}-{day:02}T{clock}{rest}")
    columns = read([value])
    check_against_decoding(value, columns)
    assert columns.plain[0] == isinstance(answer(Given(value)), DecodedEvent)


@settings(deadline=None, max_examples=500)
@given(
    st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(-1e6, 1e6)
    | st.integers(-(2**60), 2**60)
    | st.decimals(-(10**4), 10**4, places=16),
    st.sampled_from(["{}", "{:.6e}", "{:.17e}", "{:f}", "{:.20f}"]),
)
def test_numbers_are_those_of_decoding_to_the_bit(number: Any, form: str) -> None:
    value = replaced('"n": 1', f'"n": {form.format(number)}')
    check_against_decoding(value, read([value]))


@pytest.mark.parametrize(
    "number",
    ["9007199254740993.0", "9007199254740995.0", "4503599627370497.75", "4503599627370496.25", "0.1234567890123456789"],
)
def test_a_number_between_two_floats_is_the_one_that_decoding_gives(number: str) -> None:
    value = replaced('"n": 1', f'"n": {number}')
    columns = read([value])
    check_against_decoding(value, columns)
    assert columns.plain[0]


def test_bytes_are_read_as_utf8_where_python_has_them_so() -> None:
    edges = (0x00, 0x22, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF)
    texts = [bytes([lead, second, *rest]) for lead in range(0x80, 0x100) for second in edges for rest in _TAILS]
    records = [PLAIN.replace(b"good morning", text) for text in texts]
    columns = read(records)
    for row, value in enumerate(records):
        check_against_decoding(value, columns, row)
        assert columns.plain[row] == isinstance(answer(Given(value)), DecodedEvent), value


_TAILS = (b"", b"\x80", b"\xbf\xbf", b"\x80\x80\x80", b"\x80a", b"\xc0")


@settings(max_examples=500)
@given(st.floats(1e-8, 1e15), st.booleans())
def test_ordinary_fractions_are_read_whatever_their_digits(number: float, negative: bool) -> None:
    value = replaced('"n": 1', f'"n": {"-" * negative}{number:.17g}')
    columns = read([value])
    check_against_decoding(value, columns)
    assert columns.plain[0]


def test_only_candidates_are_read() -> None:
    value = json.dumps(EVENT).encode()
    columns = read_events(spans_of([value, value, None]), np.array([False, True, True]), WANTED)
    assert columns.plain.tolist() == [False, True, False]


def test_a_record_outside_of_the_buffer_is_an_error() -> None:
    for begin, length in ((-1, 1), (0, 5), (5, 0), (2**62, 2**62)):
        with pytest.raises(ValueError, match="outside of the buffer"):
            read_events(Spans(b"none", np.array([begin]), np.array([length])), np.ones(1, dtype=np.bool_), ())


HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["ce_specversion", "content-type", "x"]),
        st.none()
        | st.sampled_from([b"", b"1.0", b"application/json", b"application/cloudevents-batch+json", b"text/plain"])
        | st.sampled_from([b"application/cloudevents+json; charset=UTF-8", b"a/json; charset=latin-1", b"\xff/json"]),
    ),
    max_size=4,
)


@given(HEADERS)
def test_headers_are_structured_where_decoding_takes_the_value_for_the_event(headers: Any) -> None:
    whole = isinstance(answer(Given(json.dumps(EVENT).encode(), headers)), DecodedEvent)
    assert is_structured(headers) == whole
