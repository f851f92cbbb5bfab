"""A plain loop on aiokafka: fetch, decide in batches, send ready-made batches, commit what was acknowledged.

Runs as ``python -m sluicegate.bench.contestants.aiokafka_loop WORKLOAD`` with a worker's settings, until SIGTERM.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from sluicegate.bench.contestants.peer import COMMIT_SECONDS, FETCH_SECONDS, Peer, read_peer

__all__ = ["run_loop"]

_BATCH_BYTES: Final = 2**20


async def run_loop(peer: Peer) -> None:
    """Decide all that comes."""
    consumer = AIOKafkaConsumer(
        peer.events,
        bootstrap_servers=peer.brokers,
        group_id=peer.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    producer = AIOKafkaProducer(bootstrap_servers=peer.brokers, enable_idempotence=True, max_batch_size=_BATCH_BYTES)
    await consumer.start()
    await producer.start()
    sent: list[Any] = []
    done: dict[TopicPartition, int] = {}
    committed = time.monotonic()
    while True:
        fetched = await consumer.getmany(timeout_ms=int(FETCH_SECONDS * 1000), max_records=peer.batch)
        for tp, records in fetched.items():
            values = peer.decide([record.value for record in records])
            sent += await _send(producer, peer.decisions, tp.partition, records, values)
            done[tp] = records[-1].offset + 1
        if done and time.monotonic() - committed >= COMMIT_SECONDS:
            await asyncio.gather(*sent)
            await consumer.commit(done)
            sent, done, committed = [], {}, time.monotonic()


async def _send(
    producer: Any, topic: str, partition: int, records: Sequence[Any], values: Sequence[bytes]
) -> list[Any]:
    sent = []
    batch = producer.create_batch()
    for record, value in zip(records, values, strict=True):
        if batch.append(key=record.key, value=value, timestamp=None) is None:
            sent.append(await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
            batch.append(key=record.key, value=value, timestamp=None)
    sent.append(await producer.send_batch(batch, topic, partition=partition))
    return sent


if __name__ == "__main__":
    asyncio.run(run_loop(read_peer()))
