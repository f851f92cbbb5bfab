"""Produces the generator's events at a rate."""

import asyncio
import time
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer

from sluicegate.agents.settings import Settings
from sluicegate.cli.demo.generator import Generator
from sluicegate.cli.demo.ledger import Ledger

__all__ = ["produce"]

_REQUEST_BYTES = 2 * 2**20
#: Records are made in steps of so many seconds: at a high rate a task cannot be woken for each.
_STEP = 0.01


async def produce(
    settings: Settings, generator: Generator, ledger: Ledger, rate: float, stopping: asyncio.Event
) -> None:
    """Produce until told to stop; returns when the broker has acknowledged everything.

    Parameters
    ----------
    settings
        The brokers and the events topic.
    generator
        Makes the records.
    ledger
        Counts them.
    rate
        Records a second.
    stopping
        Set when it is enough.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=list(settings.brokers),
        enable_idempotence=True,
        acks="all",
        max_request_size=_REQUEST_BYTES,
    )
    await producer.start()
    began, count = time.monotonic(), 0
    try:
        while not stopping.is_set():
            now = time.monotonic()
            while count < (now - began) * rate and not stopping.is_set():
                emission = generator.emit(datetime.now(UTC))
                ledger.produce(emission.event_id, time.monotonic())
                await producer.send(settings.events_topic, emission.value, key=emission.key, headers=emission.headers)
                count += 1
            await asyncio.sleep(_STEP)
        await producer.flush()
    finally:
        await producer.stop()
