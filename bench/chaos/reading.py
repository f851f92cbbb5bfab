"""Reads topics from their beginning to their present ends."""

from collections.abc import Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from sluicegate.bench.chaos.evidence import Read

__all__ = ["read_topics"]

_FETCH_MS: Final = 500


async def read_topics(bootstrap: str, topics: Sequence[str], partitions: int) -> list[Read]:
    """Read topics, committed records only.

    Parameters
    ----------
    bootstrap
        Address of the broker.
    topics, partitions
        Which, and how many partitions each has.

    Returns
    -------
    list of Read
        Those of a partition in the order of their offsets.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 * 2**20,
    )
    await consumer.start()
    try:
        tps = [TopicPartition(topic, partition) for topic in topics for partition in range(partitions)]
        ends = await consumer.end_offsets(tps)
        left = {tp for tp in tps if ends[tp]}
        if not left:
            return []
        consumer.assign(sorted(left))
        await consumer.seek_to_beginning(*left)
        found: list[Read] = []
        while left:
            for tp, records in (await consumer.getmany(timeout_ms=_FETCH_MS)).items():
                found += [
                    Read(tp.topic, tp.partition, r.offset, r.timestamp, r.key, r.value, tuple(r.headers))
                    for r in records
                    if r.offset < ends[tp]
                ]
            left = {tp for tp in left if await consumer.position(tp) < ends[tp]}
        return found
    finally:
        await consumer.stop()
