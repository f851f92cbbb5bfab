"""Rounds: the batches of all partitions that wait at a time, which are processed together.

What a batch costs besides its events, in the thread and on the way to the broker, is then paid once: a quiet stream of
many partitions would spend most of its time on it.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from sluicegate.agents.batch import RecordBatch

__all__ = ["WaitingBatches"]


class WaitingBatches:
    """Events of Faust that wait, each with a batch.

    Parameters
    ----------
    most_records, most_bytes
        What is taken at a time, at the most; a larger batch is taken alone.
    """

    def __init__(self, most_records: int, most_bytes: int) -> None:
        self._most_records = most_records
        self._most_bytes = most_bytes
        self._events: deque[Any] = deque()
        self._changed = asyncio.Event()
        self._ended = False

    def add(self, event: Any) -> None:
        """Have a batch wait behind the others; those of an assignment that has ended wait no longer."""
        # Nobody may begin them, and where none is taken, as after a flood of dead letters, every rebalance adds some.
        if self._events and _epoch(self._events[-1]) != _epoch(event):
            self._events.clear()
        self._events.append(event)
        self._changed.set()

    def end(self) -> None:
        """Note that no more come."""
        self._ended = True
        self._changed.set()

    async def wait(self) -> bool:
        """Wait until those of a fetch wait, all of them; False where none does and no more come."""
        while not self._ended and (not self._events or self._events[-1].value.more):
            self._changed.clear()
            await self._changed.wait()
        return bool(self._events)

    def take(self, begin: Callable[[RecordBatch], bool]) -> list[Any]:
        """Take those that have waited longest.

        Parameters
        ----------
        begin
            Takes a batch up; one that it says False of is left out.

        Returns
        -------
        list
            Events in the order in which they came; none where all that waited were left out.
        """
        taken: list[Any] = []
        records = size = 0
        while self._events:
            batch: RecordBatch = self._events[0].value
            records, size = records + len(batch.records), size + batch.size
            if taken and (records > self._most_records or size > self._most_bytes):
                break
            event = self._events.popleft()
            if begin(batch):
                taken.append(event)
            else:
                records, size = records - len(batch.records), size - batch.size
        return taken


def _epoch(event: Any) -> int | None:
    ticket = event.value.ticket
    return None if ticket is None else int(ticket.epoch)
