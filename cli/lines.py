"""From one line of a file to an event: a whole CloudEvent, or a text with any of the fields."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final, NamedTuple

import msgspec

from sluicegate.schemas import ContentEvent, Headers, Refusal, decode_event

__all__ = ["BYTE_ORDER_MARK", "KNOWN_MEMBERS", "ReadLine", "Record", "UnreadLine", "read_json", "read_row", "unread"]

#: Ids of lines that have none are UUIDv5 in this namespace, of the line's number and bytes.
LINE_NAMESPACE = uuid.UUID("5a0cfa4c-2f0b-5f4b-9a3c-6a1d4a0f7c11")
DEFAULT_SOURCE = "/sluicegate/publish"
DEFAULT_TYPE = "content.created"
DEFAULT_SURFACE = "post"

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_ENVELOPE = ("id", "source", "type", "time")
_DATA = ("content_id", "actor_id", "surface", "text", "language", "signals", "tenant", "content_version")
_SIGNAL = "signals."
# Attributes of CloudEvents 1.0; those that the stream does not read say nothing of the content.
_ATTRIBUTES = frozenset({*_ENVELOPE, "specversion", "datacontenttype", "dataschema", "subject", "data", "data_base64"})
#: What a line may hold that is no whole event.
KNOWN_MEMBERS: Final = frozenset({*_ENVELOPE, *_DATA})


class Record(NamedTuple):
    """An event as a record for Kafka, keyed by its actor."""

    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(frozen=True)
class ReadLine:
    """A line that holds an event.

    Attributes
    ----------
    number
        The line's number in the file, from 1; of several lines (a quoted CSV field), the first one's.
    record
        What to publish.
    event
        The same, decoded.
    unknown
        Members of the line that no event has, those of a whole event's data as in ``data.mood``.
    """

    number: int
    record: Record
    event: ContentEvent
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnreadLine:
    """A line that holds no event.

    Attributes
    ----------
    number
        The line's number in the file, from 1.
    reason
        One of :data:`~sluicegate.cli.line_reasons.READING_REASONS`.
    message
        What is wrong, where, and what to do.
    unknown
        As in :class:`ReadLine`.
    """

    number: int
    reason: str
    message: str
    unknown: tuple[str, ...] = ()


def unread(number: int, refusal: Refusal, unknown: tuple[str, ...] = ()) -> UnreadLine:
    """Tell why a line holds no event."""
    return UnreadLine(number, refusal.code, refusal.message, unknown)


def read_json(number: int, line: bytes) -> ReadLine | UnreadLine:
    """Read a line of JSONL.

    Parameters
    ----------
    number
        Of the line, from 1.
    line
        A CloudEvent in structured mode, which is passed on as it is, or an object with ``text`` and any of the
        other members of an event, which gets those that are missing.
    """
    unknown: tuple[str, ...] = ()
    try:
        members = _members(line)
        whole = "specversion" in members or "data" in members
        unknown = _unknown_of_event(members) if whole else _unknown(members)
        if whole:
            return _read(number, line, unknown)
        return _read_plain(number, _envelope(members, number, line), unknown)
    except Refusal as refusal:
        return unread(number, refusal, unknown)


def _unknown(members: Mapping[str, Any]) -> tuple[str, ...]:
    if members.keys() <= KNOWN_MEMBERS:
        return ()
    return tuple(name for name in members if name not in KNOWN_MEMBERS)


def _unknown_of_event(members: Mapping[str, Any]) -> tuple[str, ...]:
    found = [name for name in members if name not in _ATTRIBUTES]
    data = members.get("data")
    if isinstance(data, dict):
        found += [f"data.{name}" for name in data if name not in _DATA]
    return tuple(found)


def _members(line: bytes) -> dict[str, Any]:
    if line.startswith(BYTE_ORDER_MARK):
        raise Refusal("encoding.byte_order_mark")
    try:
        found = msgspec.json.decode(line)
    except RecursionError:
        raise Refusal("json.too_deep") from None
    except UnicodeDecodeError as fault:
        raise Refusal("encoding.not_utf8", f"byte {fault.start}") from None
    except msgspec.DecodeError as fault:
        found = _with_half_surrogates(line, fault)
    if not isinstance(found, dict):
        raise Refusal("json.not_an_object")
    return found


def _with_half_surrogates(line: bytes, fault: msgspec.DecodeError) -> Any:
    """Decode what the strict decoder refused, in case half a surrogate pair is all that is wrong with it."""
    if str(fault).startswith("Number out of range"):
        raise Refusal("event.not_finite") from None
    try:
        # As text: of bytes the standard library would guess the encoding, and take UTF-16.
        return json.loads(line.decode(), parse_constant=_no_number)
    except UnicodeDecodeError as wrong:
        raise Refusal("encoding.not_utf8", f"byte {wrong.start}") from None
    except (ValueError, RecursionError):
        detail = str(fault).removeprefix("JSON is malformed: ").lower()
        raise Refusal("json.invalid", detail=detail) from None


def _no_number(name: str) -> float:
    raise ValueError(name)


def read_row(number: int, cells: Mapping[str, str]) -> ReadLine | UnreadLine:
    """Read a row of CSV.

    Parameters
    ----------
    number
        Of the row's first line, from 1.
    cells
        By column; ``signals`` is a JSON object, ``signals.NAME`` one number.
    """
    unknown = tuple(name for name in cells if name not in KNOWN_MEMBERS and not name.startswith(_SIGNAL))
    try:
        content = "\0".join(f"{name}={cell}" for name, cell in cells.items())
        raw = content.encode("utf-8", "surrogateescape")
        raw.decode()
        return _read_plain(number, _envelope(_typed(cells), number, raw), unknown)
    except UnicodeDecodeError:
        return unread(number, Refusal("encoding.not_utf8"), unknown)
    except Refusal as refusal:
        return unread(number, refusal, unknown)


def _typed(cells: Mapping[str, str]) -> dict[str, Any]:
    """Give cells the types of the members they stand for; an empty cell is an absent member, save the text."""
    members: dict[str, Any] = {name: cell for name, cell in cells.items() if cell or name == "text"}
    signals = {name: members.pop(name) for name in list(members) if name.startswith(_SIGNAL)}
    if "signals" in members:
        members["signals"] = _cell(members["signals"])
    if signals:
        nested = members.setdefault("signals", {})
        if isinstance(nested, dict):
            nested.update((name.removeprefix(_SIGNAL), _cell(value)) for name, value in signals.items())
    return members


def _cell(text: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, float) and not isfinite(value):
        raise Refusal("event.not_finite", "$.signals")
    return value


def _envelope(members: Mapping[str, Any], number: int, raw: bytes) -> dict[str, Any]:
    data = {name: members[name] for name in _DATA if members.get(name) is not None}
    event: dict[str, Any] = {"specversion": "1.0"}
    event.update((name, members[name]) for name in _ENVELOPE if members.get(name) is not None)
    event.setdefault("id", str(uuid.uuid5(LINE_NAMESPACE, f"{number}:{raw.decode('utf-8', 'replace')}")))
    event.setdefault("source", DEFAULT_SOURCE)
    event.setdefault("type", DEFAULT_TYPE)
    data.setdefault("content_id", event["id"])
    data.setdefault("actor_id", data["content_id"])
    data.setdefault("surface", DEFAULT_SURFACE)
    return {**event, "data": data}


def _encoded(event: dict[str, Any]) -> bytes:
    try:
        return json.dumps(event, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        # Half a surrogate pair stays an escape, for the decoder to replace and count as it does on the stream.
        return json.dumps(event).encode()
    except RecursionError:
        # The standard library writes less deep values than msgspec reads; the contract allows far less.
        raise Refusal("json.too_deep") from None


def _read_plain(number: int, event: dict[str, Any], unknown: tuple[str, ...]) -> ReadLine:
    try:
        return _read(number, _encoded(event), unknown)
    except Refusal as refusal:
        # The line has the members of the data beside those of the envelope.
        raise Refusal(refusal.code, refusal.where.replace("$.data.", "$."), refusal.detail) from None


def _read(number: int, value: bytes, unknown: tuple[str, ...]) -> ReadLine:
    event = decode_event(Record(None, value)).event
    return ReadLine(number, Record(event.data.actor_id.encode(), value), event, unknown)
