"""quix-streams with a batching sink: what gathers until a checkpoint is decided at once and delivered before a commit.

Runs as ``python -m sluicegate.bench.contestants.quix_sink WORKLOAD`` with a worker's settings, until SIGTERM.
"""

import tempfile
from typing import Final

from confluent_kafka import Producer
from quixstreams import Application
from quixstreams.sinks import BatchingSink, SinkBatch

from sluicegate.bench.contestants.confluent_loop import PRODUCER, refuse
from sluicegate.bench.contestants.peer import FETCH_SECONDS, Peer, read_peer

__all__ = ["DecidingSink"]

#: Batches that gather until a checkpoint: each checkpoint waits for the broker twice.
_BATCHES: Final = 4


class DecidingSink(BatchingSink):  # type: ignore[misc]
    """Decides and produces what has gathered of each partition.

    Parameters
    ----------
    peer
        Decides.
    """

    def __init__(self, peer: Peer) -> None:
        super().__init__()
        self._peer = peer
        self._producer = Producer({"bootstrap.servers": peer.brokers, **PRODUCER})

    def write(self, batch: SinkBatch) -> None:
        """Decide and produce; delivered with `flush`."""
        for chunk in batch.iter_chunks(self._peer.batch):
            items = list(chunk)
            values = self._peer.decide([item.value for item in items])
            for item, value in zip(items, values, strict=True):
                self._producer.produce(self._peer.decisions, value, item.key, batch.partition, on_delivery=refuse)
        self._producer.poll(0)

    def flush(self) -> None:
        """Wait until the broker has all of it."""
        super().flush()
        self._producer.flush()


def _run(peer: Peer) -> None:
    app = Application(
        broker_address=peer.brokers,
        consumer_group=peer.group,
        auto_offset_reset="earliest",
        commit_interval=FETCH_SECONDS,
        commit_every=_BATCHES * peer.batch,
        consumer_poll_timeout=FETCH_SECONDS,
        state_dir=tempfile.mkdtemp(prefix="bench-quix-"),
        auto_create_topics=False,
        loglevel="WARNING",
    )
    events = app.topic(peer.events, key_deserializer="bytes", value_deserializer="bytes")
    app.dataframe(events).sink(DecidingSink(peer))
    app.run()


if __name__ == "__main__":
    _run(read_peer())
