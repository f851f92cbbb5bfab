"""Records made to cost: the largest there may be, of what costs most, ends as quickly as its bytes can be read.

Time is not measured here. What would not be linear would not end within the limit of any test.
"""

import pytest

from sluicegate.schemas.limits import RECORD_MAX_BYTES
from tests.unit.schemas.records import Given, code_of

HEAD = (
    b'{"specversion":"1.0","id":"e","source":"s","type":"content.created",'
    b'"data":{"content_id":"c","actor_id":"a","surface":"f","text":"'
)


def filled(head: bytes, unit: bytes, tail: bytes = b"") -> bytes:
    return head + unit * ((RECORD_MAX_BYTES - len(head) - len(tail)) // len(unit)) + tail


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (filled(b"", b'"'), "json.invalid"),
        (filled(b"", b'[{"'), "json.too_deep"),
        (filled(b'[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["', b"\\"), "json.too_deep"),
        (filled(b"[" * 33 + b'"', b'\\"'), "json.too_deep"),
        (filled(b"", b"["), "json.too_deep"),
        (filled(b"", b"]"), "json.invalid"),
        (filled(b"", b'{"a":'), "json.too_deep"),
        (filled(HEAD, b"\\ud800", b'"}}'), None),
        (filled(HEAD, b"\\ud83d\\ude00", b'"}}'), None),
        (filled(HEAD, b"\\\\", b'"}}'), None),
        (filled(HEAD, b"[{", b'"}}'), None),
        (filled(HEAD + b'"},"x":[', b"[],", b"[]]}"), None),
        (filled(HEAD + b'"}', b',"id":5', b',"id":"e"}'), None),
        (filled(HEAD + b'","signals":{', b'"n":"x",', b'"n":1}}}'), None),
        (filled(HEAD + b'","content_version":', b"9", b"}}"), "event.wrong_type"),
        (filled(HEAD + b'","signals":{"n":', b"9", b"}}}"), "event.not_finite"),
        (filled(HEAD + b'","language":"', b"a-", b'"}}'), None),
        (filled(HEAD + b'"},"time":"2026-11-22T07:00:00.', b"0", b'Z"}'), "event.invalid_time"),
        (filled(b"", b" "), "record.empty"),
    ],
)
def test_a_hostile_record_gets_its_answer(value: bytes, code: str | None) -> None:
    assert RECORD_MAX_BYTES - 16 < len(value) <= RECORD_MAX_BYTES
    assert code_of(Given(value)) == code


@pytest.mark.parametrize(
    "unit", [b" ", b"a", b"a+", b"a/", b";", b";charset", b";charset=", b"; ", b'"', b"\xff", b"\n"]
)
def test_a_hostile_content_type_gets_an_answer(unit: bytes) -> None:
    for head in (b"", b"application/", b"application/json", b"application/json;", b"application/json;charset="):
        record = Given(HEAD + b'"}}', [("content-type", head + unit * 50_000)])
        assert code_of(record) in {None, "event.content_type"}
