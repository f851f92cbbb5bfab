"""The decoder of events: whatever a record holds is an event within the contract, or a refusal with a known reason."""

from typing import Final

import msgspec

from sluicegate.schemas import DecodedEvent, Refusal, decode_event
from sluicegate.schemas.reasons import REASONS, Stage
from tests.fuzz.events import EVENT_WORDS, event_seeds
from tests.fuzz.target import Target
from tests.unit.schemas.records import Given

__all__ = ["TARGET", "record_of"]

_MESSAGE_MOST: Final = 1_000


def record_of(data: bytes) -> Given:
    """Read an input: a value, or ``@``, a header a line, an empty line and a value."""
    if not data.startswith(b"@"):
        return Given(data)
    head, _, value = data[1:].partition(b"\n\n")
    pairs = (line.partition(b":") for line in head.split(b"\n"))
    return Given(value, [(name.decode("utf-8", "replace"), found if colon else None) for name, colon, found in pairs])


def outcome_of(record: Given) -> DecodedEvent | tuple[str, str]:
    """Give the event, or the code and the message of the refusal."""
    try:
        return decode_event(record)
    except Refusal as refusal:
        assert REASONS[refusal.code].stage in (Stage.DECODE, Stage.VALIDATE)
        assert len(refusal.message.encode()) <= _MESSAGE_MOST
        return refusal.code, refusal.message


def one(data: bytes) -> None:
    """Decode a record, and the event again that came of it."""
    record = record_of(data)
    found = outcome_of(record)
    assert outcome_of(record) == found, "a record is read in two ways"
    if isinstance(found, DecodedEvent):
        written = msgspec.json.encode(found.event)
        assert outcome_of(Given(written)) == (found.event, 0)


TARGET: Final = Target(one, event_seeds, EVENT_WORDS, longest=4_096, inputs=12_000)
