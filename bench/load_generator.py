"""Sends events when they are due, whether or not anyone keeps up: ``python -m sluicegate.bench.load_generator LOAD``.

A process of its own that writes whole record batches, so that making the load costs little beside what is measured: at
50,000 events a second a tenth of a core, where a client that takes one record at a time needs most of one. LOAD is a
file of MessagePack; what was sent is printed as JSON.
"""

import asyncio
import sys
import time
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from aiokafka import AIOKafkaProducer
from numpy.typing import NDArray

from sluicegate.agents.log.codec import CODECS
from sluicegate.agents.log.headers import encoded_headers
from sluicegate.agents.log.ready_batch import ReadyBatch
from sluicegate.agents.log.topic_records import TopicRecords
from sluicegate.agents.publisher import hand_over
from sluicegate.bench.load import Load, Sent
from sluicegate.schemas.columns import spans_of

__all__ = ["PartitionLoad", "send_load"]

#: Seconds from one step to the next: as long as clients of Kafka let records gather by default.
_STEP: Final = 0.005

_BATCH_BYTES: Final = 512 * 1024


class PartitionLoad:
    """The records of a load that go to one partition, over and over.

    Parameters
    ----------
    load
        The load.
    partition
        Its number.
    """

    def __init__(self, load: Load, partition: int) -> None:
        self.partition = partition
        self._places = np.array([place for place, each in enumerate(load.records) if each[0] == partition])
        own = [load.records[place] for place in self._places]
        self._cycle = len(load.records)
        self._keys, self._values = spans_of([key for _, key, _, _ in own]), spans_of([value for _, _, value, _ in own])
        self._headers = [encoded_headers(headers) for *_, headers in own]
        self._sent = 0

    def due(self, until: int) -> tuple[int, list[ReadyBatch]]:
        """Give what comes before an event of the load and was not given yet.

        Parameters
        ----------
        until
            The event's number in the load.

        Returns
        -------
        (first, batches)
            The number in the load of the first event in them; no batches where there is none.
        """
        cycles, rest = divmod(until, self._cycle)
        due = cycles * len(self._places) + int(np.searchsorted(self._places, rest))
        if due == self._sent:
            return until, []
        rows = np.arange(self._sent, due) % len(self._places)
        first = self._sent // len(self._places) * self._cycle + int(self._places[rows[0]])
        writer = TopicRecords(int(time.time() * 1000), _BATCH_BYTES)
        for headers, run in groupby(rows.tolist(), key=self._headers.__getitem__):
            writer.extend(self._keys, self._values, _numbers(run), headers)
        self._sent = due
        return first, writer.finish(CODECS["none"])


async def send_load(load: Load, producer: Any) -> Sent:
    """Send all of a load, over and over its records.

    Parameters
    ----------
    load
        The load.
    producer
        An ``AIOKafkaProducer`` that was started.
    """
    partitions = [PartitionLoad(load, number) for number in sorted({each[0] for each in load.records})]
    rate, total = load.rate, int(load.rate * load.seconds)
    late: list[float] = []
    underway: list[asyncio.Future[Any]] = []
    # Due times are on the wall clock, as the broker's timestamps are; the steps between them on the monotonic one.
    wall, began = time.time(), time.monotonic()
    until = 0
    while until < total:
        elapsed = time.monotonic() - began
        until = min(total, int(elapsed * rate) + 1)
        for each in partitions:
            first, batches = each.due(until)
            if batches:
                late.append(time.monotonic() - began - first / rate)
            underway += [await hand_over(producer, batch, load.topic, each.partition) for batch in batches]
        underway = _left(underway)
        await asyncio.sleep(_STEP)
    await asyncio.gather(*underway)
    return Sent(wall, total, late)


def _left(underway: list[asyncio.Future[Any]]) -> list[asyncio.Future[Any]]:
    for delivery in underway:
        if delivery.done():
            # Raises where it was not written.
            delivery.result()
    return [delivery for delivery in underway if not delivery.done()]


def _numbers(run: Any) -> NDArray[np.int64]:
    return np.fromiter(run, dtype=np.int64)


async def _run(load: Load) -> Sent:
    async with AIOKafkaProducer(
        bootstrap_servers=load.bootstrap, acks="all", enable_idempotence=True, linger_ms=0
    ) as producer:
        return await send_load(load, producer)


if __name__ == "__main__":
    given = msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes(), type=Load)
    print(msgspec.json.encode(asyncio.run(_run(given))).decode())
