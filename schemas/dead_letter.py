"""The dead letter: a record as it came, with headers that say where it came from and why it was refused."""

from hashlib import sha256
from typing import Final

from msgspec import Struct

from sluicegate.schemas.decoding import Headers
from sluicegate.schemas.reasons import Refusal

__all__ = [
    "HEADER_PREFIX",
    "DeadLetter",
    "error_headers",
    "last_group",
    "read_error_headers",
    "value_digest",
    "without_error_headers",
]

#: After Kafka Connect's ``__connect.errors.`` and Kafka Streams' ``__streams.errors.``.
HEADER_PREFIX: Final = "__sluicegate.errors."

_FIRST_HEADER: Final = HEADER_PREFIX + "topic"


class DeadLetter(Struct, frozen=True):
    """What the headers of a dead letter say.

    Attributes
    ----------
    topic, partition, offset
        Where the record was read.
    timestamp
        The record's timestamp, in milliseconds since the epoch.
    stage, reason
        Stable codes, the same at every replay.
    message
        What is wrong, where, and what to do.
    value_digest, value_size
        Where the record did not fit: what stands in place of the value.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    stage: str
    reason: str
    message: str
    value_digest: str | None = None
    value_size: int | None = None


def error_headers(refusal: Refusal, topic: str, partition: int, offset: int, timestamp: int) -> list[tuple[str, bytes]]:
    """Give the headers that are added to those the record had.

    Numbers are decimal text. Where the record had such headers already they stay and these follow: the last counts.
    """
    fields = (
        ("topic", topic),
        ("partition", str(partition)),
        ("offset", str(offset)),
        ("timestamp", str(timestamp)),
        ("stage", refusal.reason.stage.value),
        ("reason", refusal.code),
        ("message", refusal.message),
    )
    return [(HEADER_PREFIX + name, text.encode()) for name, text in fields]


def value_digest(value: bytes) -> list[tuple[str, bytes]]:
    """Give the headers that stand in place of a value that does not fit its topic."""
    return [
        (HEADER_PREFIX + "value_digest", b"sha256:" + sha256(value).hexdigest().encode()),
        (HEADER_PREFIX + "value_size", str(len(value)).encode()),
    ]


def last_group(headers: Headers, prefix: str, first: str) -> dict[str, str]:
    """Give what the last group of headers of one prefix says, each by its name without the prefix.

    Parameters
    ----------
    headers
        Of a record, in which there may be several groups.
    prefix
        Of the group's names.
    first
        The whole name that a group begins with: what an earlier group said, such as a digest, says nothing of this one.
    """
    found: dict[str, str] = {}
    for name, content in headers:
        if name == first:
            found.clear()
        if name.startswith(prefix) and content is not None:
            found[name.removeprefix(prefix)] = content.decode("utf-8", "replace")
    return found


def read_error_headers(headers: Headers) -> DeadLetter | None:
    """Read what the headers of a dead letter say.

    Returns
    -------
    DeadLetter or None
        None where the record carries no such headers, or not all of them.
    """
    found = last_group(headers, HEADER_PREFIX, _FIRST_HEADER)
    try:
        size = found.get("value_size")
        return DeadLetter(
            topic=found["topic"],
            partition=int(found["partition"]),
            offset=int(found["offset"]),
            timestamp=int(found["timestamp"]),
            stage=found["stage"],
            reason=found["reason"],
            message=found["message"],
            value_digest=found.get("value_digest"),
            value_size=None if size is None else int(size),
        )
    except (KeyError, ValueError):
        return None


def without_error_headers(headers: Headers) -> Headers:
    """Give the headers that the record had before it became a dead letter, those of an earlier refusal among them.

    Parameters
    ----------
    headers
        Of a dead letter.
    """
    places = [place for place, (name, _) in enumerate(headers) if name == _FIRST_HEADER]
    return headers[: places[-1]] if places else headers
