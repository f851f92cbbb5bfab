"""FastStream with a batch subscriber: decided at once, published as one batch for each partition, then acknowledged.

Runs as ``python -m sluicegate.bench.contestants.faststream_batches WORKLOAD`` with a worker's settings, until SIGTERM.
Types are not applied and bodies stay bytes, as its documentation advises for throughput.
"""

import asyncio
from collections import defaultdict
from typing import Any, Final

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage, KafkaPublishMessage

from sluicegate.bench.contestants.peer import FETCH_SECONDS, Peer, read_peer

__all__ = ["create_app"]

_BATCH_BYTES: Final = 2**20


async def _raw(message: KafkaMessage) -> list[bytes]:
    return [record.value for record in message.raw_message]


def create_app(peer: Peer) -> FastStream:
    """Make the app."""
    broker = KafkaBroker(
        peer.brokers, apply_types=False, enable_idempotence=True, max_batch_size=_BATCH_BYTES, logger=None
    )

    @broker.subscriber(  # type: ignore[untyped-decorator]
        peer.events,
        group_id=peer.group,
        auto_offset_reset="earliest",
        batch=True,
        max_records=peer.batch,
        batch_timeout_ms=int(FETCH_SECONDS * 1000),
        ack_policy=AckPolicy.MANUAL,
        decoder=_raw,
    )
    async def decide(bodies: list[bytes]) -> None:
        message = broker.context.get_local("message")
        values = peer.decide(bodies)
        by_partition: dict[int, list[Any]] = defaultdict(list)
        for record, value in zip(message.raw_message, values, strict=True):
            by_partition[record.partition].append(KafkaPublishMessage(value, key=record.key))
        for partition, published in by_partition.items():
            await broker.publish_batch(*published, topic=peer.decisions, partition=partition)
        await message.ack()

    return FastStream(broker, logger=None)


if __name__ == "__main__":
    asyncio.run(create_app(read_peer()).run())
