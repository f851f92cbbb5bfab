"""What types cannot say of a content event: lengths, known types, readable times.

That numbers are finite is the decoder's: JSON has no others, and it refuses those too large for a float.
"""

import re
from datetime import datetime
from typing import Final

from sluicegate.schemas.event import EVENT_TYPES, SPEC_VERSION, ContentEvent
from sluicegate.schemas.limits import MEMBER_MAX_BYTES, SIGNALS_MAX_COUNT
from sluicegate.schemas.reasons import Refusal

__all__ = ["TIME_PATTERN", "parse_time", "validate"]

#: RFC 3339, section 5.6, in the part of regular expressions that JSON Schema shares with Python. Fractions end
#: somewhere, since a decision repeats the time.
TIME_PATTERN: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]{1,30})?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
_TIME: Final = re.compile(TIME_PATTERN)
_SECONDS: Final = slice(17, 19)
_KNOWN_TYPES: Final = frozenset(EVENT_TYPES)
_REPLACEMENT: Final = "\ufffd"

# As many characters fit whatever they are: a code point takes at most four bytes of UTF-8.
_ID_SURELY: Final = MEMBER_MAX_BYTES["id"] // 4
_SOURCE_SURELY: Final = MEMBER_MAX_BYTES["source"] // 4
_CONTENT_ID_SURELY: Final = MEMBER_MAX_BYTES["content_id"] // 4
_ACTOR_ID_SURELY: Final = MEMBER_MAX_BYTES["actor_id"] // 4
_SURFACE_SURELY: Final = MEMBER_MAX_BYTES["surface"] // 4
_SIGNAL_NAME_SURELY: Final = MEMBER_MAX_BYTES["signal name"] // 4


def validate(event: ContentEvent, *, surrogates_replaced: bool = False) -> None:
    """Check an event against the contract.

    Parameters
    ----------
    event
        The event, its types already right.
    surrogates_replaced
        Whether half a surrogate pair was replaced somewhere in it, which no identifier may hold.

    Raises
    ------
    Refusal
        At the first fault, in a fixed order.
    """
    if event.specversion != SPEC_VERSION:
        raise Refusal("event.unknown_version", "$.specversion")
    if event.type not in _KNOWN_TYPES:
        raise Refusal("event.unknown_type", "$.type")
    data = event.data
    if not (
        0 < len(event.id) <= _ID_SURELY
        and 0 < len(event.source) <= _SOURCE_SURELY
        and 0 < len(data.content_id) <= _CONTENT_ID_SURELY
        and 0 < len(data.actor_id) <= _ACTOR_ID_SURELY
        and 0 < len(data.surface) <= _SURFACE_SURELY
        and data.tenant is None
        and data.content_version is None
    ):
        _check_lengths(event)
    if surrogates_replaced:
        _check_identifiers(event)
    if event.time is not None:
        parse_time(event.time)
    if data.text is None and event.type != "content.deleted":
        raise Refusal("event.missing_field", "$.data.text")
    if data.signals:
        _check_signals(data.signals)


def parse_time(time: str) -> datetime:
    """Read a time as RFC 3339 with a zone.

    Raises
    ------
    Refusal
        ``event.invalid_time`` where it is anything else.
    """
    if _TIME.fullmatch(time) is None:
        raise Refusal("event.invalid_time", "$.time", "not of the form 2026-11-22T07:00:00Z")
    if time[_SECONDS] == "60":
        # A leap second, which the standard library has no name for.
        time = f"{time[: _SECONDS.start]}59{time[_SECONDS.stop :]}"
    try:
        return datetime.fromisoformat(time.upper())
    except ValueError:
        raise Refusal("event.invalid_time", "$.time", "no such day") from None


def _check_lengths(event: ContentEvent) -> None:
    data = event.data
    _check_length(event.id, "id", "$.id")
    _check_length(event.source, "source", "$.source")
    _check_length(data.content_id, "content_id", "$.data.content_id")
    _check_length(data.actor_id, "actor_id", "$.data.actor_id")
    _check_length(data.surface, "surface", "$.data.surface")
    if data.tenant is not None:
        _check_length(data.tenant, "tenant", "$.data.tenant")
    if data.content_version is not None:
        _check_length(str(data.content_version), "content_version", "$.data.content_version")


def _check_length(value: str, member: str, where: str) -> None:
    most = MEMBER_MAX_BYTES[member]
    size = len(value)
    if size <= most and not value.isascii():
        size = len(value.encode())
    if not 0 < size <= most:
        raise Refusal("event.field_length", where, f"{size} bytes, of 1 to {most}")


def _check_identifiers(event: ContentEvent) -> None:
    data = event.data
    for where, value in (
        ("$.id", event.id),
        ("$.source", event.source),
        ("$.data.content_id", data.content_id),
        ("$.data.actor_id", data.actor_id),
        ("$.data.tenant", data.tenant or ""),
        ("$.data.content_version", str(data.content_version or "")),
    ):
        if _REPLACEMENT in value:
            raise Refusal("event.lone_surrogate", where)


def _check_signals(signals: dict[str, float | None]) -> None:
    if len(signals) > SIGNALS_MAX_COUNT:
        raise Refusal("event.too_many_signals", "$.data.signals", f"{len(signals)} signals")
    for name in signals:
        if not 0 < len(name) <= _SIGNAL_NAME_SURELY:
            _check_length(name, "signal name", "a name in $.data.signals")
