"""Stock Faust as its documentation teaches it: one event at a time, a decision out with ``topic.send``.

Runs as ``python -m sluicegate.bench.contestants.stock_faust WORKLOAD`` with a worker's settings, until SIGTERM. An
event is acknowledged by the callback of its decision's delivery: nothing is committed that the broker has not, and
nothing waits for the broker in between.
"""

import sys
import tempfile
from functools import partial
from typing import Any

import faust

from sluicegate.bench.contestants.peer import Peer, read_peer

__all__ = ["create_faust_app", "create_stock_app", "run_faust"]


def create_faust_app(peer: Peer) -> faust.App:
    """Make an app with Faust's own defaults, except for what would need more topics or a port."""
    return faust.App(
        peer.group,
        broker=f"kafka://{peer.brokers}",
        consumer_auto_offset_reset="earliest",
        topic_disable_leader=True,
        web_enabled=False,
        store="memory://",
        datadir=tempfile.mkdtemp(prefix="bench-faust-"),
    )


def create_stock_app(peer: Peer) -> faust.App:
    """Make the app that decides one event at a time."""
    app = create_faust_app(peer)
    events = app.topic(peer.events, key_serializer="raw", value_serializer="raw")
    decisions = app.topic(peer.decisions, key_serializer="raw", value_serializer="raw")

    @app.agent(events)
    async def decide(stream: Any) -> None:
        async for event in stream.noack().events():
            (value,) = peer.decide([event.value])
            await decisions.send(
                key=event.key,
                value=value,
                partition=event.message.partition,
                callback=partial(_acknowledge, event),
            )

    return app


def _acknowledge(event: Any, sent: Any) -> None:
    if sent.exception() is None:
        event.ack()


def run_faust(app: faust.App) -> None:
    """Run a Faust worker until SIGTERM."""
    sys.argv[1:] = ["worker", "--loglevel", "warn"]
    app.main()


if __name__ == "__main__":
    run_faust(create_stock_app(read_peer()))
