"""The load of a run, as a pure function of a seed and a size: numbered events of many actors, and poison among them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final
from zlib import crc32

from sluicegate.bench.chaos.schedule import Size
from sluicegate.cli.demo.grammar import HARMS, load_grammars
from sluicegate.cli.demo.poison import POISONS

__all__ = ["CODECS", "SEQUENCE", "Planned", "make_load"]

#: How batches are compressed: every codec of Kafka.
CODECS: Final = ("none", "gzip", "snappy", "lz4", "zstd")

#: The header that numbers every record, poison too.
SEQUENCE: Final = "sequence"

Headers = tuple[tuple[str, bytes], ...]

_BINARY_SHARE: Final = 0.05
_HARM_SHARE: Final = 0.12
_TYPES: Final = {"created": 0.85, "updated": 0.09, "reported": 0.04, "deleted": 0.02}
_LANGUAGES: Final = {"en": 0.7, "de": 0.1, "fr": 0.1, "es": 0.05, "pt": 0.05}
_SOURCES: Final = ("/apps/feed", "/apps/chat", "/apps/market")
_BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_STRUCTURED: Final = ("content-type", b"application/cloudevents+json; charset=UTF-8")
#: What a dead letter must keep too: bytes that are no text, and one name twice.
_ODD: Final = (("trace", b"\x00\xff"), ("trace", b"again"))


@dataclass(frozen=True, slots=True)
class Planned:
    """A record that is to be published, and what it was made as.

    Attributes
    ----------
    sequence
        Its number in the load.
    partition, key, value, headers
        The record.
    codec
        How it is compressed; the same for all records of an actor, whose order one producer keeps thereby.
    actor, number
        Whose it is, and the how manieth of that actor.
    source, event_id, type
        Of the event; of the one that was spoilt, if it is poison.
    reason
        The reason code that it must get, if it is poison.
    """

    sequence: int
    partition: int
    key: bytes
    value: bytes | None
    headers: Headers
    codec: str
    actor: str
    number: int
    source: str
    event_id: str
    type: str
    reason: str | None = None


def make_load(seed: int, size: Size) -> Iterator[Planned]:
    """Give the records of a run in the order in which they are published.

    Parameters
    ----------
    seed
        Of all chance.
    size
        Of the run.
    """
    random = Random(f"load {seed}")
    grammars = load_grammars()
    numbers: dict[str, int] = {}
    poisons = _poisons(random)
    for sequence in range(size.events):
        actor = f"a-{int(size.actors * random.random() ** 2)}"
        number = numbers[actor] = numbers.get(actor, 0) + 1
        language = _weighted(random, _LANGUAGES)
        kind = random.choice(HARMS) if random.random() < _HARM_SHARE else "ordinary"
        surface, text = grammars[language].write(kind, random)
        event = {
            "specversion": "1.0",
            "id": f"{actor}/{number}",
            "source": random.choice(_SOURCES),
            "type": f"content.{_weighted(random, _TYPES)}",
            "time": (_BEGAN + timedelta(milliseconds=10 * sequence)).isoformat(),
            "data": _content(random, sequence, actor, surface, text, language),
        }
        poison = next(poisons) if random.random() < size.poison else None
        yield _record(random, size, sequence, number, event, poison)


def _content(random: Random, sequence: int, actor: str, surface: str, text: str, language: str) -> dict[str, Any]:
    content: dict[str, Any] = {"content_id": f"c-{sequence}", "actor_id": actor, "surface": surface, "text": text}
    if random.random() < 0.7:
        content["language"] = language
    if random.random() < 0.8:
        content["signals"] = {
            "views_per_hour": round(random.lognormvariate(3.0, 1.3), 1),
            "account_age_days": random.randint(0, 900),
            "reports": int(random.random() < 0.05) * random.randint(1, 6),
        }
    return content


def _record(
    random: Random, size: Size, sequence: int, number: int, event: dict[str, Any], poison: str | None
) -> Planned:
    actor: str = event["data"]["actor_id"]
    mark = (SEQUENCE, b"%d" % sequence)
    headers: Headers
    value: bytes | None
    reason = None
    if poison is not None:
        spoilt = POISONS[poison]
        # What is deleted may lack much, and what is spoilt must lack something.
        event = {**event, "type": "content.created"}
        reason, value = spoilt.reason, spoilt.spoil(event)
        headers = (("content-type", spoilt.content_type), *_ODD, mark)
    elif random.random() < _BINARY_SHARE:
        headers, value = _binary(event)
        headers = (*headers, mark)
    else:
        headers, value = (_STRUCTURED, mark), json.dumps(event, ensure_ascii=False).encode()
    key = actor.encode()
    place = crc32(key)
    return Planned(
        sequence=sequence,
        partition=place % size.partitions,
        key=key,
        value=value,
        headers=headers,
        codec=CODECS[place // size.partitions % len(CODECS)],
        actor=actor,
        number=number,
        source=event["source"],
        event_id=event["id"],
        type=event["type"],
        reason=reason,
    )


def _binary(event: dict[str, Any]) -> tuple[Headers, bytes]:
    """Write an event in the binary mode of CloudEvents: its attributes as headers, its data as the value."""
    attributes = tuple((f"ce_{name}", str(event[name]).encode()) for name in event if name != "data")
    return (("content-type", b"application/json"), *attributes), json.dumps(event["data"]).encode()


def _poisons(random: Random) -> Iterator[str]:
    """Give every kind in turn, so that a small load has many of them."""
    names = sorted(POISONS)
    while True:
        random.shuffle(names)
        yield from names


def _weighted(random: Random, shares: dict[str, float]) -> str:
    return random.choices(list(shares), list(shares.values()))[0]
