"""Records that fuzzing begins with: events in every spelling and mode."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any, Final

from tests.fuzz.texts import TEXTS
from tests.unit.schemas.columns.spellings import spelled
from tests.unit.schemas.records import event

__all__ = ["EVENT_WORDS", "event_seeds", "events"]

_NAMES = (
    *(
        "specversion",
        "id",
        "source",
        "type",
        "time",
        "datacontenttype",
        "data_base64",
        "data",
        "content_id",
        "actor_id",
    ),
    *("surface", "text", "language", "signals", "tenant", "content_version", "views_per_hour", "n"),
)
_VALUES = (
    *('"1.0"', '"content.created"', '"content.updated"', '"content.reported"', '"content.deleted"', "null", "true"),
    *("1e308", "-0.0", "1e-400", "0.1", "9007199254740993", '"2026-11-22T07:00:60.123+14:00"', '"en-GB"', "{}", "[]"),
    *(
        "\\ud83d",
        "\\ud83d\\ude00",
        "\\u0000",
        "\\u00e9",
        "\\/",
        '\\"',
        "[[[[[[[[[",
        '{"a":',
        "\ufeff",
        "\u00e9\U0001f600",
    ),
)
EVENT_WORDS: Final = tuple(
    word.encode() for word in (*(f'"{name}":' for name in _NAMES), *_VALUES, "@ce_specversion:1.0\nce_id:")
)

_BINARY: Final = (
    b"@ce_specversion:1.0\nce_id:e-1\nce_source:/apps\nce_type:content.created\nce_time:2026-11-22T07:00:00Z"
    b"\ncontent-type:application/json\n\n"
)


def events() -> list[dict[str, Any]]:
    """Give an event of every kind."""
    made = [event(data_text=text) for text in TEXTS]
    made += [event(type=f"content.{kind}") for kind in ("updated", "reported", "deleted")]
    made += [
        event(data_signals={"views_per_hour": 0.1, "n": None, "x" * 64: -1e300, "big": 2**70}),
        event(data_tenant="one", data_content_version=7, data_language="en-GB", more=[{"a": [None, True, 1.5]}]),
        event(time=None, datacontenttype="text/json; charset=utf-8", data_base64=None, data_language="no such tag"),
        event(type="content.deleted", data_text=None),
    ]
    return made


def event_seeds() -> Sequence[bytes]:
    """Give values of records, plain, strangely spelled, in binary mode, and not quite right."""
    random = Random(7)
    plain = [json.dumps(made, ensure_ascii=number % 2 == 0).encode() for number, made in enumerate(events())]
    strange = [spelled(made, random).encode() for made in events()]
    binary = [_BINARY + json.dumps(made["data"]).encode() for made in events()[-6:]]
    wrong = [b"", b"{", b"[]", b"\xff\xfe{\x00", b"\xef\xbb\xbf{}", b'{"a":' * 40, b"@content-type:text/plain\n\n{}"]
    halves = [value.replace(b"noon", b"n\\ud83d\\\\n") for value in plain[:2]]
    return [*plain, *strange, *binary, *halves, *wrong]
