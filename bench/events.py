"""The events that all contestants are given: the demo's, without poison, the same ones for the same seed."""

import json
from datetime import UTC, datetime
from typing import NamedTuple

from sluicegate.cli.demo.generator import Generator

__all__ = ["Event", "make_events", "texts_of"]

_TIME = datetime(2026, 1, 1, tzinfo=UTC)


class Event(NamedTuple):
    """A record to be published."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def make_events(count: int, seed: int) -> list[Event]:
    """Make events of ordinary length, all readable.

    Parameters
    ----------
    count
        How many.
    seed
        Of all chance.
    """
    generator = Generator(seed, poison_share=0.0)
    emissions = (generator.emit(_TIME) for _ in range(count))
    return [Event(each.key, each.value or b"", each.headers) for each in emissions]


def texts_of(events: list[Event]) -> list[str]:
    """Give the texts that a worker scores of these events: deleted content has none."""
    contents = (json.loads(event.value)["data"] for event in events)
    return [content["text"] for content in contents if "text" in content]
