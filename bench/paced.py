"""Sending at a pace from within a process that does something else as well."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final
from zlib import crc32

from sluicegate.bench.events import Event

__all__ = ["Schedule", "send"]

#: Seconds at the start that do not count: the producer's first requests.
_WARMING: Final = 5.0
_STEP: Final = 0.002


class Schedule:
    """When each event was due and when it was sent, by partition, in the order of the partition."""

    def __init__(self, partitions: int) -> None:
        self.due: list[list[float]] = [[] for _ in range(partitions)]
        self.late: list[float] = []


async def send(
    producer: Any, topic: str, events: Sequence[Event], rate: float, seconds: float, schedule: Schedule
) -> None:
    """Send events at a rate, over and over, and note when each was due."""
    partitions = len(schedule.due)
    # Due times on the wall clock, as the broker's timestamps are; the steps between them on the monotonic one.
    wall, began = time.time(), time.monotonic()
    for count in range(int(rate * seconds)):
        due = count / rate
        while due > time.monotonic() - began:  # noqa: ASYNC110 - it is the clock that is waited for
            await asyncio.sleep(_STEP)
        event = events[count % len(events)]
        # An actor's events share a partition; which one is known here, so that decisions are matched by order.
        partition = crc32(event.key) % partitions
        await producer.send(topic, event.value, key=event.key, headers=event.headers, partition=partition)
        schedule.due[partition].append(wall + due)
        if due >= _WARMING:
            schedule.late.append(time.monotonic() - began - due)
