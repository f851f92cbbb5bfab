"""Records that no reader can take, one kind for each way in which publishers get it wrong."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["POISONS", "Poison"]

Headers = list[tuple[str, bytes]]
Event = dict[str, Any]


@dataclass(frozen=True)
class Poison:
    """One kind of record that becomes a dead letter.

    Attributes
    ----------
    reason
        The reason code that it must get.
    spoil
        Makes the value out of a good event.
    content_type
        What the record claims to hold.
    """

    reason: str
    spoil: Callable[[Event], bytes | None]
    content_type: bytes = b"application/cloudevents+json; charset=UTF-8"


def _json(event: Event) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def _with(**members: Any) -> Callable[[Event], bytes]:
    return lambda event: _json({**event, **members})


def _with_data(**members: Any) -> Callable[[Event], bytes]:
    return lambda event: _json({**event, "data": {**event["data"], **members}})


def _without(member: str) -> Callable[[Event], bytes]:
    return lambda event: _json(
        {**event, "data": {name: value for name, value in event["data"].items() if name != member}}
    )


def _nested(depth: int) -> Any:
    inner: list[Any] = []
    for _ in range(depth):
        inner = [inner]
    return inner


POISONS: dict[str, Poison] = {
    "tombstone": Poison("record.null", lambda _: None),
    "empty": Poison("record.empty", lambda _: b""),
    "too large": Poison("record.too_large", _with_data(attachment="x" * 800 * 1024)),
    "byte-order mark": Poison("encoding.byte_order_mark", lambda event: b"\xef\xbb\xbf" + _json(event)),
    "UTF-16": Poison("encoding.utf16", lambda event: json.dumps(event).encode("utf-16")),
    "bad UTF-8": Poison("encoding.not_utf8", lambda event: _json(event).replace(b'"text": "', b'"text": "\xff')),
    "not JSON": Poison("json.invalid", lambda event: f"content_id={event['data']['content_id']}".encode()),
    "cut off": Poison("json.invalid", lambda event: _json(event)[:-20]),
    "too deep": Poison("json.too_deep", _with(trace=_nested(200))),
    "a list of events": Poison("json.not_an_object", lambda event: b"[" + _json(event) + b"]"),
    "another content type": Poison("event.content_type", _with(), b"application/xml"),
    "base64": Poison("event.data_base64", _with(data_base64="aGVsbG8=")),
    "unknown version": Poison("event.unknown_version", _with(specversion="0.3")),
    "unknown type": Poison("event.unknown_type", _with(type="content.liked")),
    "missing actor": Poison("event.missing_field", _without("actor_id")),
    "missing text": Poison("event.missing_field", lambda event: _without("text")({**event, "type": "content.created"})),
    "wrong type": Poison("event.wrong_type", _with_data(text=42)),
    "empty content id": Poison("event.field_length", _with_data(content_id="")),
    "long actor id": Poison("event.field_length", _with_data(actor_id="a" * 300)),
    "no time zone": Poison("event.invalid_time", _with(time="2026-11-22T07:00:00")),
    "half a surrogate pair": Poison(
        "event.lone_surrogate",
        lambda event: json.dumps({**event, "id": "\ud83d"}).encode(),
    ),
    "not finite": Poison(
        "event.not_finite",
        lambda event: _with_data(signals={"views_per_hour": -1})(event).replace(b"-1", b"1e999"),
    ),
    "too many signals": Poison("event.too_many_signals", _with_data(signals={f"s{i}": i for i in range(65)})),
}
