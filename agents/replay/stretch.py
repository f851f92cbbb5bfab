"""Which part of the past is replayed: by time or by offsets, and where that lies in each partition."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from aiokafka import TopicPartition

from sluicegate.agents.dead_letters.selection import SelectionError, parse_moment
from sluicegate.agents.stretches import ends_before_it_begins, no_partition

__all__ = ["Run", "Stretch", "StretchError", "located"]

_OFFSETS: Final = re.compile(r"(\d{1,6}):(\d{1,18})-(\d{1,18})")


class StretchError(Exception):
    """A part of the past that cannot be replayed; the text says why, and what to do."""


class Run(NamedTuple):
    """Offsets of one partition: from the first to the one before the end."""

    partition: int
    first: int
    end: int


@dataclass(frozen=True)
class Stretch:
    """A part of the past.

    Attributes
    ----------
    since, until
        Times of the broker's timestamps, the former included, the latter not; with a zone. None: from the earliest
        record that is there, to the present end.
    offsets
        By partition, the first and the last offset; where there are any, they alone count.
    """

    since: datetime | None = None
    until: datetime | None = None
    offsets: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def parse(cls, since: str | None, until: str | None, offsets: Sequence[str]) -> "Stretch":
        """Read what a user gave.

        Parameters
        ----------
        since, until
            RFC 3339, as ``2026-11-22T07:00:00Z``, or how long ago, as ``90m``.
        offsets
            Each ``partition:from-to``, both offsets included.

        Raises
        ------
        StretchError
            Where it cannot be read, or says nothing.
        """
        if offsets and (since or until):
            raise StretchError("give times or offsets, not both")
        if not (offsets or since or until):
            raise StretchError("say which part of the past: --since and --until, or --offsets partition:from-to")
        stretch = cls(
            None if since is None else _moment("--since", since),
            None if until is None else _moment("--until", until),
            _offsets(offsets),
        )
        if stretch.since and stretch.until and stretch.since >= stretch.until:
            raise StretchError(ends_before_it_begins(str(since), str(until)))
        return stretch


async def located(consumer: Any, topic: str, partitions: int, stretch: Stretch) -> list[Run]:
    """Find where a stretch lies; partitions of which it holds nothing are left out.

    Parameters
    ----------
    consumer
        An ``AIOKafkaConsumer`` that was started, and reads committed records.
    topic, partitions
        Of the events.
    stretch
        What is looked for.

    Raises
    ------
    StretchError
        Where offsets are not there, or nothing is.
    """
    tps = [TopicPartition(topic, number) for number in range(partitions)]
    begins, ends = await consumer.beginning_offsets(tps), await consumer.end_offsets(tps)
    if stretch.offsets:
        for partition, (first, last) in stretch.offsets.items():
            _check_there(topic, partition, first, last, partitions, begins, ends)
        return [Run(partition, first, last + 1) for partition, (first, last) in sorted(stretch.offsets.items())]
    firsts = begins if stretch.since is None else await _at(consumer, tps, stretch.since, ends)
    lasts = ends if stretch.until is None else await _at(consumer, tps, stretch.until, ends)
    runs = [Run(tp.partition, max(firsts[tp], begins[tp]), lasts[tp]) for tp in tps if firsts[tp] < lasts[tp]]
    if not runs:
        raise StretchError(f"{topic} holds no record of that time; retention may have deleted it")
    return runs


async def _at(consumer: Any, tps: Sequence[TopicPartition], moment: datetime, ends: Any) -> dict[Any, int]:
    found = await consumer.offsets_for_times(dict.fromkeys(tps, int(moment.timestamp() * 1000)))
    return {tp: at.offset if at is not None else ends[tp] for tp, at in found.items()}


def _check_there(topic: str, partition: int, first: int, last: int, partitions: int, begins: Any, ends: Any) -> None:
    if partition >= partitions:
        raise StretchError(no_partition(topic, partition, partitions))
    begin, end = (bound[TopicPartition(topic, partition)] for bound in (begins, ends))
    if first < begin or last >= end:
        there = f"offsets {begin} to {end - 1}" if begin < end else "nothing"
        raise StretchError(f"partition {partition} of {topic} holds {there}, and not {first} to {last}")


def _moment(name: str, text: str) -> datetime:
    try:
        return datetime.fromtimestamp(parse_moment(text, datetime.now(UTC)) / 1000, UTC)
    except SelectionError as error:
        raise StretchError(f"{name}: {error}") from None


def _offsets(given: Sequence[str]) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for text in given:
        read = _OFFSETS.fullmatch(text)
        if read is None:
            raise StretchError(f"--offsets {text} cannot be read; give partition:from-to, as 0:1000-1999")
        partition, first, last = map(int, read.groups())
        if partition in found:
            raise StretchError(f"--offsets names partition {partition} twice; give one range of each")
        if first > last:
            raise StretchError(f"--offsets {text}: {first} is behind {last}")
        found[partition] = first, last
    return found
