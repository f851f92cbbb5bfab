"""The redriven event: a dead letter's original put back among the events, with headers that say where it has been."""

from typing import Final

from msgspec import Struct

from sluicegate.schemas.dead_letter import last_group
from sluicegate.schemas.decoding import Headers

__all__ = ["REDRIVE_PREFIX", "Redrive", "read_redrive_headers", "redrive_headers"]

REDRIVE_PREFIX: Final = "__sluicegate.redrive."

_FIRST_HEADER: Final = REDRIVE_PREFIX + "id"


class Redrive(Struct, frozen=True):
    """What the headers of a redriven event say.

    Attributes
    ----------
    id
        Of the run of `dlq redrive` that put it back.
    attempt
        How often this event has been redriven: 1 at first, one more each time that it came back as a dead letter.
    topic, partition, offset
        Where the dead letter stood that was redriven.
    source_topic, source_partition, source_offset, source_timestamp
        Where the record was read that became this dead letter, and its timestamp in milliseconds since the epoch.
    reason
        Why it became one.
    """

    id: str
    attempt: int
    topic: str
    partition: int
    offset: int
    source_topic: str
    source_partition: int
    source_offset: int
    source_timestamp: int
    reason: str


def redrive_headers(redrive: Redrive) -> list[tuple[str, bytes]]:
    """Give the headers that are added to those of the original.

    Numbers are decimal text. Where the record had such headers already, as one that was redriven before has, they stay
    and these follow: the last count.
    """
    return [(REDRIVE_PREFIX + name, str(getattr(redrive, name)).encode()) for name in Redrive.__struct_fields__]


def read_redrive_headers(headers: Headers) -> Redrive | None:
    """Read what the last headers of a redriven event say.

    Returns
    -------
    Redrive or None
        None where the record carries no such headers, or not all of them.
    """
    found = last_group(headers, REDRIVE_PREFIX, _FIRST_HEADER)
    try:
        return Redrive(
            id=found["id"],
            attempt=max(0, int(found["attempt"])),
            topic=found["topic"],
            partition=int(found["partition"]),
            offset=int(found["offset"]),
            source_topic=found["source_topic"],
            source_partition=int(found["source_partition"]),
            source_offset=int(found["source_offset"]),
            source_timestamp=int(found["source_timestamp"]),
            reason=found["reason"],
        )
    except (KeyError, ValueError):
        return None
