"""Sends records to the events topic with an idempotent producer."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from sluicegate.agents.broker import admin_client, client_arguments, wait_for_broker
from sluicegate.agents.settings import Settings
from sluicegate.agents.topics import read_topics
from sluicegate.cli.errors import CommandError
from sluicegate.cli.lines import Record

__all__ = ["Published", "send"]

#: Records on their way to the broker at the most: memory stays flat however large the file is.
_UNDERWAY_MOST: Final = 10_000
_REQUEST_BYTES: Final = 2 * 2**20
_LINGER_MS: Final = 5
_STOP_SECONDS: Final = 3.0


@dataclass(slots=True)
class Published:
    """How many lines were sent (or, with ``--check``, could be) and how many were skipped."""

    sent: int = 0
    skipped: int = 0


async def send(records: Iterable[Record], settings: Settings, books: Published, rate: float | None = None) -> None:
    """Send records with an idempotent producer, in their order, and count those the broker has acknowledged.

    Parameters
    ----------
    records
        What is sent.
    settings
        Where to.
    books
        Where sent records are counted.
    rate
        Records a second at the most; None for as fast as the broker takes them.

    Raises
    ------
    CommandError
        When there is no broker or no topic, or the broker refused a record.
    """
    await asyncio.to_thread(_require_topic, settings)
    producer = AIOKafkaProducer(
        **client_arguments(settings),
        enable_idempotence=True,
        acks="all",
        linger_ms=_LINGER_MS,
        max_request_size=_REQUEST_BYTES,
    )
    try:
        await producer.start()
        await _send_all(producer, records, settings.events_topic, books, rate)
    except KafkaError as fault:
        raise CommandError(
            f"After {books.sent:,} events {', '.join(settings.brokers)} failed ({fault}); "
            "publish the same file again: its events keep their ids."
        ) from None
    finally:
        # All that was handed over is acknowledged by now, unless this is an interruption while the broker is gone.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await producer.stop()


def _require_topic(settings: Settings) -> None:
    """Refuse a topic that is not there: a producer would wait for it, or have the broker create any."""
    wait_for_broker(settings, lambda: False)
    with admin_client(settings) as admin:
        if settings.events_topic not in read_topics(admin, [settings.events_topic]):
            raise CommandError(
                f"the topic {settings.events_topic} does not exist on {', '.join(settings.brokers)}; "
                "create it with: sluicegate topics apply"
            )


async def _send_all(
    producer: AIOKafkaProducer, records: Iterable[Record], topic: str, books: Published, rate: float | None
) -> None:
    underway: deque[asyncio.Future[object]] = deque()
    began = time.monotonic()
    for count, record in enumerate(records):
        if rate is not None:
            # Against the beginning, not the last record: a slow moment is made up for.
            await asyncio.sleep(max(0.0, began + count / rate - time.monotonic()))
        underway.append(await producer.send(topic, record.value, key=record.key, headers=list(record.headers)))
        while underway and (underway[0].done() or len(underway) > _UNDERWAY_MOST):
            await underway.popleft()
            books.sent += 1
    await producer.flush()
    while underway:
        await underway.popleft()
        books.sent += 1
