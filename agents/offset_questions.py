"""Asks brokers where partitions begin and end, beside whatever is being fetched."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, Final, TypeVar

from aiokafka.structs import TopicPartition
from faust.types import TP

from sluicegate.agents.consumer_thread import ConsumerThread
from sluicegate.agents.tracking import OffsetTracker

__all__ = ["OffsetQuestions"]

K = TypeVar("K")

#: What brokers say of a partition none of whose replicas can lead.
_NO_LEADER: Final = -1


class OffsetQuestions:
    """The part of a consumer that asks about offsets."""

    tracker: OffsetTracker[TP]
    _thread: ConsumerThread

    def led(self) -> list[TP]:
        """Give the assigned partitions that have a leader: one without would keep the answer for all back."""
        leader = self._thread._ensure_consumer()._client.cluster.leader_for_partition
        return [tp for tp in self.tracker.partitions if leader(TopicPartition(*tp)) not in (None, _NO_LEADER)]

    async def end_offsets(self, partitions: Iterable[TP]) -> dict[TP, int]:
        """Ask the brokers where partitions end: also true while nothing is fetched."""
        wanted = [TopicPartition(*tp) for tp in partitions]
        found = await self._in_thread(self._thread._ensure_consumer().end_offsets(wanted))
        return {TP(tp.topic, tp.partition): offset for tp, offset in found.items()}

    async def first_offsets(self, partitions: Iterable[TP]) -> dict[TP, int]:
        """Ask the brokers where reading of partitions begins: where it was committed, or with what is there."""
        aiokafka_consumer = self._thread._ensure_consumer()

        async def ask() -> dict[TP, int]:
            wanted = {TopicPartition(*tp): tp for tp in partitions}
            first = await aiokafka_consumer.beginning_offsets(list(wanted))
            committed = {tp: await aiokafka_consumer.committed(tp) for tp in wanted}
            return {ours: max(first[tp], committed[tp] or 0) for tp, ours in wanted.items()}

        return await self._in_thread(ask())

    async def _in_thread(self, asking: Coroutine[Any, Any, dict[K, int]]) -> dict[K, int]:
        # Not by Faust's own queue of calls, where a round of fetching may be waiting for records.
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asking, self._thread.thread_loop))

    @property
    def connected(self) -> bool:
        """Whether any broker is connected."""
        consumer = self._thread._consumer
        return consumer is not None and any(link.connected() for link in list(consumer._client._conns.values()))
