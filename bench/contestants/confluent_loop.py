"""A plain loop on confluent-kafka: consume(n), decide in batches, produce, flush, commit what was acknowledged.

Runs as ``python -m sluicegate.bench.contestants.confluent_loop WORKLOAD`` with a worker's settings, until SIGTERM. It
flushes and commits once a second, which is faster than after each batch, as with the further argument ``each``.
"""

import sys
import time
from typing import Any, Final

from confluent_kafka import Consumer, Producer, TopicPartition

from sluicegate.bench.contestants.peer import COMMIT_SECONDS, FETCH_SECONDS, Peer, read_peer

__all__ = ["PRODUCER", "refuse", "run_loop"]

#: Settings of a producer of librdkafka, for throughput and without loss; successful deliveries call nobody.
PRODUCER: Final = {
    "enable.idempotence": True,
    "batch.size": 2**20,
    "linger.ms": 5,
    "queue.buffering.max.messages": 500_000,
    "delivery.report.only.error": True,
}


def refuse(error: Any, message: Any) -> None:
    """End the process on a decision that was not delivered."""
    raise SystemExit(f"a decision for partition {message.partition()} was not delivered: {error}")


def run_loop(peer: Peer, interval: float) -> None:
    """Decide all that comes, and flush and commit at an interval in seconds."""
    consumer = Consumer(
        {
            "bootstrap.servers": peer.brokers,
            "group.id": peer.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([peer.events])
    producer = Producer({"bootstrap.servers": peer.brokers, **PRODUCER})
    done: dict[int, int] = {}
    committed = time.monotonic()
    while True:
        messages = [each for each in consumer.consume(peer.batch, FETCH_SECONDS) if each.error() is None]
        if messages:
            values = peer.decide([each.value() for each in messages])
            for message, value in zip(messages, values, strict=True):
                partition = message.partition()
                producer.produce(peer.decisions, value, message.key(), partition, on_delivery=refuse)
                done[partition] = message.offset() + 1
            producer.poll(0)
        if done and time.monotonic() - committed >= interval:
            producer.flush()
            offsets = [TopicPartition(peer.events, partition, offset) for partition, offset in done.items()]
            consumer.commit(offsets=offsets, asynchronous=True)
            done, committed = {}, time.monotonic()


if __name__ == "__main__":
    run_loop(read_peer(), 0.0 if sys.argv[2:] == ["each"] else COMMIT_SECONDS)
