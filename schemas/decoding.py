"""From a record to a content event: CloudEvents in JSON, structured and binary mode, within the contract's limits.

Nothing that a record holds can raise anything but :class:`~sluicegate.schemas.reasons.Refusal` here.
"""

import json
import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Final, NamedTuple, Protocol, Self, TypeVar

import msgspec

from sluicegate.schemas.event import ContentData, ContentEvent
from sluicegate.schemas.limits import NESTING_MAX_DEPTH, RECORD_MAX_BYTES
from sluicegate.schemas.naming import faulty_signal, quoted
from sluicegate.schemas.reasons import Refusal
from sluicegate.schemas.type_words import in_words_of_the_contract
from sluicegate.schemas.validation import validate

__all__ = ["DecodedEvent", "Headers", "Record", "UnreadableBatch", "check_content_type", "decode_event"]

_T = TypeVar("_T")

Headers = Sequence[tuple[str, bytes | None]]


class Record(Protocol):
    """What is read of a Kafka record."""

    @property
    def key(self) -> bytes | None:
        """The key as it came."""

    @property
    def value(self) -> bytes | None:
        """The value as it came."""

    @property
    def headers(self) -> Headers:
        """The headers as they came, in their order."""


class UnreadableBatch(bytes):
    """The bytes of a record batch that cannot be taken apart, in the place of the value of one record.

    Attributes
    ----------
    first, last
        Offsets of the records that it stands for.
    """

    first: int
    last: int

    def __new__(cls, raw: bytes, first: int, last: int) -> Self:
        """Keep a batch, with the offsets of its records."""
        batch = super().__new__(cls, raw)
        batch.first, batch.last = first, last
        return batch


class DecodedEvent(NamedTuple):
    """An event, and how often half a surrogate pair in it was replaced by U+FFFD."""

    event: ContentEvent
    surrogates_replaced: int


_EVENT: Final = msgspec.json.Decoder(ContentEvent)
_DATA: Final = msgspec.json.Decoder(ContentData)

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
# UTF-16 and UTF-32 by their mark, or by the zeros around what JSON begins with (RFC 4627, section 3). Other values that
# begin with a zero, such as those of a schema registry, are merely no JSON.
_WIDE: Final = re.compile(rb"(?:\x00\x00)?(?:\xff\xfe|\xfe\xff)|(?:\x00|\x00\x00\x00)[\s{\[\"]|[\s{\[\"]\x00")
_JSON_MEDIA_TYPE: Final = re.compile(
    r"\s*(?:[\w.+-]+/(?:[\w.-]+\+)?json)\s*(?:;.*)?", re.IGNORECASE | re.ASCII | re.DOTALL
)
_CHARSET: Final = re.compile(r";\s*charset\s*=\s*\"?(?P<charset>[^\s;\"]+)", re.IGNORECASE | re.ASCII)
_BATCH_MEDIA_TYPE: Final = "application/cloudevents-batch"
# A surrogate pair, half of one, or any other escape (so that an escaped backslash is never taken for the start of one).
_ESCAPE: Final = re.compile(
    rb"(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\.",
    re.DOTALL,
)
# Possessive, and the end counts as the closing quote: linear in what is no JSON as well.
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_STEPS: Final = bytes.maketrans(b"[{]}", b"\2\2\0\0")
_SIGNALS: Final = ".signals"
_ANY_MEMBER: Final = "[...]"
_PLACE: Final = re.compile(r" - at `(?P<where>[^`]*)`")


def decode_event(record: Record) -> DecodedEvent:
    """Decode and validate one record.

    Parameters
    ----------
    record
        A record of ``content.events``, in CloudEvents' structured or binary mode
        (CloudEvents 1.0.2, Kafka protocol binding; binary mode is known by the header ``ce_specversion``).

    Returns
    -------
    DecodedEvent

    Raises
    ------
    Refusal
        With the reason code, the same one at every call.
    """
    value = _checked_bytes(record.value)
    headers = {name: content for name, content in record.headers if content is not None} if record.headers else {}
    if "ce_specversion" in headers:
        return _decode_binary(value, headers)
    content_type = headers.get("content-type")
    if content_type is not None:
        check_content_type(content_type.decode("utf-8", "replace"), "header content-type")
    event, replaced = _decode(ContentEvent, _EVENT, value)
    if event.data_base64 is not None:
        raise Refusal("event.data_base64", "$.data_base64")
    if event.datacontenttype is not None:
        check_content_type(event.datacontenttype, "$.datacontenttype")
    validate(event, surrogates_replaced=replaced > 0)
    return DecodedEvent(event, replaced)


def _checked_bytes(value: bytes | None) -> bytes:
    # What nearly every record looks like.
    if value is not None and value[:1] == b"{" and value[1:2] != b"\x00" and len(value) <= RECORD_MAX_BYTES:
        return value
    if value is None:
        raise Refusal("record.null")
    if isinstance(value, UnreadableBatch):
        raise Refusal("record.unreadable_batch", detail=f"offsets {value.first} to {value.last}, {len(value)} bytes")
    if not value or value.isspace():
        raise Refusal("record.empty")
    if len(value) > RECORD_MAX_BYTES:
        raise Refusal("record.too_large", detail=f"{len(value)} bytes")
    if value.startswith(_BYTE_ORDER_MARK):
        raise Refusal("encoding.byte_order_mark")
    if _WIDE.match(value):
        raise Refusal("encoding.utf16")
    return value


def _decode_binary(value: bytes, headers: dict[str, bytes]) -> DecodedEvent:
    content_type = headers.get("content-type")
    if content_type is not None:
        check_content_type(content_type.decode("utf-8", "replace"), "header content-type")
    attributes = {name: _attribute(headers, name) for name in ("specversion", "id", "source", "type", "time")}
    for name in ("id", "source", "type"):
        if attributes[name] is None:
            raise Refusal("event.missing_field", f"header ce_{name}")
    data, replaced = _decode(ContentData, _DATA, value)
    event = ContentEvent(
        specversion=attributes["specversion"] or "",
        id=attributes["id"] or "",
        source=attributes["source"] or "",
        type=attributes["type"] or "",
        time=attributes["time"],
        data=data,
    )
    validate(event, surrogates_replaced=replaced > 0)
    return DecodedEvent(event, replaced)


def _attribute(headers: dict[str, bytes], name: str) -> str | None:
    content = headers.get(f"ce_{name}")
    if content is None:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Refusal("encoding.not_utf8", f"header ce_{name}") from None


def check_content_type(content_type: str, where: str) -> None:
    """Refuse a content type that is not JSON in UTF-8, or is that of a batch."""
    charset = _CHARSET.search(content_type)
    if (
        _JSON_MEDIA_TYPE.fullmatch(content_type) is None
        or content_type.strip().lower().startswith(_BATCH_MEDIA_TYPE)
        or (charset is not None and charset["charset"].lower() not in {"utf-8", "utf8", "us-ascii"})
    ):
        raise Refusal("event.content_type", where)


def _decode(shape: type[_T], decoder: msgspec.json.Decoder[_T], value: bytes) -> tuple[_T, int]:
    try:
        # The decoder passes over bytes that are not UTF-8 in members it ignores.
        value.isascii() or value.decode()
    except UnicodeDecodeError as fault:
        raise Refusal("encoding.not_utf8", f"byte {fault.start}") from None
    # Before decoding: how deep the interpreter may still call itself must not decide which refusal it is.
    if value.count(b"{") + value.count(b"[") > NESTING_MAX_DEPTH:
        _check_depth(value)
    try:
        return decoder.decode(value), 0
    except msgspec.DecodeError as fault:
        return _decode_faulty(shape, decoder, value, fault)


def _decode_faulty(
    shape: type[_T], decoder: msgspec.json.Decoder[_T], value: bytes, fault: msgspec.DecodeError
) -> tuple[_T, int]:
    """Decode in spite of a fault that the contract forgives, or refuse."""
    replaced = 0
    if b"\\u" in value:
        value, replaced = _without_lone_surrogates(value)
    try:
        if replaced:
            return decoder.decode(value), replaced
        raise fault
    except msgspec.ValidationError as wrong:
        return _decode_last_members(shape, value, wrong), replaced
    except msgspec.DecodeError as wrong:
        raise _refusal_of_json(wrong) from None


def _decode_last_members(shape: type[_T], value: bytes, fault: msgspec.ValidationError) -> _T:
    """Decode in two steps: the fault may be in a member that a later one of the same name replaces."""
    try:
        members = msgspec.json.decode(value)
    except msgspec.ValidationError:
        raise _refusal_of(fault, _leniently(value)) from None
    except msgspec.DecodeError as wrong:
        raise _refusal_of_json(wrong) from None
    try:
        return msgspec.convert(members, shape)
    except msgspec.ValidationError as wrong:
        raise _refusal_of(wrong, members) from None


def _leniently(value: bytes) -> Any:
    """Decode with numbers that are too large for a float, to say which member holds one."""
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _refusal_of_json(fault: msgspec.DecodeError) -> Refusal:
    return Refusal("json.invalid", detail=str(fault).removeprefix("JSON is malformed: ").lower())


def _refusal_of(fault: msgspec.ValidationError, members: Any) -> Refusal:
    text = str(fault)
    place = _PLACE.search(text)
    where = place["where"] if place else "$"
    signals = where.removesuffix(_ANY_MEMBER)
    if where.endswith(_SIGNALS + _ANY_MEMBER) and (signal := faulty_signal(members, signals)) is not None:
        where = f"{signals}[{quoted(signal)}]"
    found = _PLACE.sub("", text)
    if found.startswith("Object missing required field"):
        return Refusal("event.missing_field", f"{where}.{found.split('`')[1]}")
    if found.startswith("Number out of range"):
        return Refusal("event.not_finite", where)
    if where == "$":
        return Refusal("json.not_an_object", where, in_words_of_the_contract(found))
    if found.endswith("got `null`"):
        return Refusal("event.missing_field", where, "null means absent")
    return Refusal("event.wrong_type", where, in_words_of_the_contract(found))


def _without_lone_surrogates(value: bytes) -> tuple[bytes, int]:
    replaced = 0

    def mend(match: re.Match[bytes]) -> bytes:
        nonlocal replaced
        if match["half"] is None:
            return match[0]
        replaced += 1
        return b"\\ufffd"

    return _ESCAPE.sub(mend, value), replaced


def _check_depth(value: bytes) -> None:
    brackets = _STRING.sub(b"", value).translate(_STEPS, _NO_BRACKETS)
    if max(accumulate(step - 1 for step in brackets), default=0) > NESTING_MAX_DEPTH:
        raise Refusal("json.too_deep")
