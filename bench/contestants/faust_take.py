"""Faust with ``take``: a batch is decided at once, and acknowledged when the broker has all of its decisions.

Runs as ``python -m sluicegate.bench.contestants.faust_take WORKLOAD`` with a worker's settings, until SIGTERM.
"""

import asyncio
from typing import Any

import faust

from sluicegate.bench.contestants.peer import FETCH_SECONDS, Peer, read_peer
from sluicegate.bench.contestants.stock_faust import create_faust_app, run_faust

__all__ = ["create_taking_app"]


def create_taking_app(peer: Peer) -> faust.App:
    """Make the app; ``take`` acknowledges a batch when the loop asks for the next one."""
    app = create_faust_app(peer)
    events = app.topic(peer.events, key_serializer="raw", value_serializer="raw")
    decisions = app.topic(peer.decisions, key_serializer="raw", value_serializer="raw")

    @app.agent(events)
    async def decide(stream: Any) -> None:
        async for batch in stream.take_events(peer.batch, within=FETCH_SECONDS):
            values = peer.decide([event.value for event in batch])
            sent = [
                await decisions.send(key=event.key, value=value, partition=event.message.partition)
                for event, value in zip(batch, values, strict=True)
            ]
            await asyncio.gather(*sent)

    return app


if __name__ == "__main__":
    run_faust(create_taking_app(read_peer()))
