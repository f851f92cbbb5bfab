"""A bytewax dataflow with its Kafka source and sink: at least once by its recovery store, which has the offsets.

Runs as ``python -m sluicegate.bench.contestants.bytewax_flow WORKLOAD`` with a worker's settings, until SIGTERM. The
sink flushes after every batch.
"""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
from bytewax._bytewax import cli_main, init_db_dir
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig

from sluicegate.bench.contestants.confluent_loop import PRODUCER
from sluicegate.bench.contestants.peer import COMMIT_SECONDS, Peer, read_peer

__all__ = ["create_flow"]


def create_flow(peer: Peer) -> Dataflow:
    """Make the dataflow; the sink chooses partitions by key as the events' producer does, which makes them equal."""

    def decide(batch: list[Any]) -> list[Any]:
        values = peer.decide([message.value for message in batch])
        return [KafkaSinkMessage(key=message.key, value=value) for message, value in zip(batch, values, strict=True)]

    flow = Dataflow("bench")
    events = op.input("events", flow, KafkaSource([peer.brokers], [peer.events], batch_size=peer.batch))
    decisions = op.flat_map_batch("decide", events, decide)
    settings: dict[str, Any] = {**PRODUCER, "partitioner": "murmur2_random"}
    op.output("decisions", decisions, KafkaSink([peer.brokers], peer.decisions, add_config=settings))
    return flow


def _run(peer: Peer) -> None:
    store = Path(tempfile.mkdtemp(prefix="bench-bytewax-"))
    init_db_dir(store, 1)
    interval = timedelta(seconds=COMMIT_SECONDS)
    cli_main(create_flow(peer), epoch_interval=interval, recovery_config=RecoveryConfig(str(store)))


if __name__ == "__main__":
    _run(read_peer())
