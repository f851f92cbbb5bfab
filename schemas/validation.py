"""What types cannot say of a content event: lengths, known types, finite numbers, readable times."""

from datetime import datetime
from math import isfinite
from typing import Annotated, Final

import msgspec

from sluicegate.schemas.event import EVENT_TYPES, SPEC_VERSION, ContentEvent
from sluicegate.schemas.limits import MEMBER_MAX_BYTES, SIGNALS_MAX_COUNT
from sluicegate.schemas.reasons import Refusal

__all__ = ["parse_time", "validate"]

_Zoned: Final = Annotated[datetime, msgspec.Meta(tz=True)]
_KNOWN_TYPES: Final = frozenset(EVENT_TYPES)
_REPLACEMENT: Final = "\ufffd"


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
    _check_length(event.id, "id", "$.id")
    _check_length(event.source, "source", "$.source")
    _check_length(data.content_id, "content_id", "$.data.content_id")
    _check_length(data.actor_id, "actor_id", "$.data.actor_id")
    _check_length(data.surface, "surface", "$.data.surface")
    if data.tenant is not None:
        _check_length(data.tenant, "tenant", "$.data.tenant")
    if data.content_version is not None:
        _check_length(str(data.content_version), "content_version", "$.data.content_version")
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
    try:
        moment: datetime = msgspec.convert(time, _Zoned)
    except msgspec.ValidationError as fault:
        raise Refusal("event.invalid_time", "$.time", str(fault).lower()) from None
    return moment


def _check_length(value: str, member: str, where: str) -> None:
    most = MEMBER_MAX_BYTES[member]
    size = len(value)
    if 0 < size <= most // 4:
        return
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
    ):
        if _REPLACEMENT in value:
            raise Refusal("event.lone_surrogate", where)


def _check_signals(signals: dict[str, float | None]) -> None:
    if len(signals) > SIGNALS_MAX_COUNT:
        raise Refusal("event.too_many_signals", "$.data.signals", f"{len(signals)} signals")
    for name, number in signals.items():
        _check_length(name, "signal name", "a name in $.data.signals")
        if number is not None and not isfinite(number):
            raise Refusal("event.not_finite", "$.data.signals")
