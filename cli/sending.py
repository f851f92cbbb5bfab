"""Sends records to the events topic with an idempotent producer, and gives up when the broker stays away."""

import asyncio
import contextlib
import sys
import threading
import time
from collections import deque
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError, TopicAuthorizationFailedError

from sluicegate.agents.broker import ask_brokers, client_arguments
from sluicegate.agents.logs import silence_clients
from sluicegate.agents.permissions import Need, PermissionMissing
from sluicegate.agents.settings import Settings
from sluicegate.agents.topics import read_topics
from sluicegate.cli.arriving import arriving
from sluicegate.cli.errors import CommandError
from sluicegate.cli.lines import Record
from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    from kafka.admin import KafkaAdminClient

__all__ = ["Pace", "Published", "send"]

#: Records on their way to the broker at the most: memory stays flat however large the file is.
_UNDERWAY_MOST: Final = 10_000
_REQUEST_BYTES: Final = 2 * 2**20
_LINGER_MS: Final = 5
_STOP_SECONDS: Final = 3.0
#: Without an acknowledgement for so long the broker counts as away.
_SILENT_SECONDS: Final = 3.0
_LOOK_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast records are sent, and how long the broker may be silent.

    Attributes
    ----------
    rate
        Records a second at the most; None for as fast as the broker takes them.
    timeout
        Seconds without an acknowledgement, while records are underway, after which sending fails; a first broker is
        waited for no longer, either.
    """

    rate: float | None
    timeout: float


@dataclass(slots=True)
class Published:
    """How many lines were sent and acknowledged, are underway, and were skipped.

    Attributes
    ----------
    sent
        Acknowledged by the broker; with ``--check`` those that could be sent.
    underway
        Handed over and not acknowledged.
    skipped
        Lines that hold no event.
    """

    sent: int = 0
    underway: int = 0
    skipped: int = 0

    def watch(self, delivery: "asyncio.Future[object]") -> None:
        """Count a record that was handed over, now and when it is acknowledged."""
        self.underway += 1
        delivery.add_done_callback(self._delivered)

    def _delivered(self, delivery: "asyncio.Future[object]") -> None:
        if not delivery.cancelled() and delivery.exception() is None:
            self.underway -= 1
            self.sent += 1


async def send(records: Iterable[Record], settings: Settings, books: Published, pace: Pace) -> None:
    """Send records with an idempotent producer, in their order, and count those the broker has acknowledged.

    Parameters
    ----------
    records
        What is sent.
    settings
        Where to.
    books
        Where sent records are counted.
    pace
        How fast, and how patiently.

    Raises
    ------
    CommandError
        When there is no broker or no topic, the broker refused a record, or acknowledged nothing for too long.
    """
    silence_clients()
    wait = min(settings.broker_wait, pace.timeout)
    await _require_topic(settings.model_copy(update={"broker_wait": wait}))
    producer = AIOKafkaProducer(
        **client_arguments(settings),
        enable_idempotence=True,
        acks="all",
        linger_ms=_LINGER_MS,
        max_request_size=_REQUEST_BYTES,
    )
    try:
        await producer.start()
        await _attended(_send_all(producer, records, settings.events_topic, books, pace.rate), settings, books, pace)
    except KafkaError as fault:
        if isinstance(fault, TopicAuthorizationFailedError):
            taken_away = PermissionMissing([Need("topic", settings.events_topic, "WRITE")])
            raise CommandError(f"{taken_away}; {_figures(books)}") from None
        raise CommandError(f"{', '.join(settings.brokers)} failed ({fault}); {_figures(books)}") from None
    finally:
        # All that was handed over is acknowledged by now, unless this is an interruption or the broker is gone.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await producer.stop()


async def _require_topic(settings: Settings) -> None:
    """Refuse a topic that is not there: a producer would wait for it, or have the broker create any."""
    stopped = threading.Event()

    def is_there(admin: "KafkaAdminClient") -> bool:
        writing = Need("topic", settings.events_topic, "WRITE")
        return settings.events_topic in read_topics(admin, [settings.events_topic], [writing])

    try:
        found = await asyncio.to_thread(ask_brokers, settings, is_there, stopped.is_set)
    finally:
        stopped.set()
    if found is False:
        raise CommandError(
            f"the topic {settings.events_topic} does not exist on {', '.join(settings.brokers)}; "
            "create it with: sluicegate topics apply"
        )


async def _attended(sending: Coroutine[None, None, None], settings: Settings, books: Published, pace: Pace) -> None:
    """Tell when the broker falls silent and when it is back, and end what waits for it in vain."""
    task = asyncio.create_task(sending)
    brokers, away, silence, heard = ", ".join(settings.brokers), False, 0.0, books.sent
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=_LOOK_SECONDS)
            # By the number of looks: a process that was stopped and goes on has not waited.
            silence = silence + _LOOK_SECONDS if books.underway and books.sent == heard else 0.0
            heard = books.sent
            if silence >= pace.timeout:
                raise CommandError(f"{brokers} acknowledged nothing for {pace.timeout:g} s; {_figures(books)}")
            if away is not (silence >= _SILENT_SECONDS):
                away = not away
                told = f"acknowledges nothing; waiting for up to {pace.timeout:g} s" if away else "acknowledges again"
                print(f"sluicegate: {brokers} {told}", file=sys.stderr)
        await task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, KafkaError):
            await task


def _figures(books: Published) -> str:
    return (
        f"{counted(books.sent, 'event')} sent and acknowledged, {books.underway:,} without an acknowledgement: "
        "publish the same file again, its events keep their ids"
    )


async def _send_all(
    producer: AIOKafkaProducer, records: Iterable[Record], topic: str, books: Published, rate: float | None
) -> None:
    underway: deque[asyncio.Future[object]] = deque()
    began = time.monotonic()
    count = 0
    async for record in arriving(records):
        if rate is not None:
            # Against the beginning, not the last record: a slow moment is made up for.
            await asyncio.sleep(max(0.0, began + count / rate - time.monotonic()))
        count += 1
        delivery = await _hand_over(producer, topic, record)
        books.watch(delivery)
        underway.append(delivery)
        while underway and (underway[0].done() or len(underway) > _UNDERWAY_MOST):
            await underway.popleft()
    await producer.flush()
    while underway:
        await underway.popleft()


async def _hand_over(producer: AIOKafkaProducer, topic: str, record: Record) -> "asyncio.Future[object]":
    while True:
        try:
            delivery: asyncio.Future[object] = await producer.send(
                topic, record.value, key=record.key, headers=list(record.headers)
            )
        except KafkaTimeoutError:
            # There is no room while what stands before it is underway; how long that may be is decided elsewhere.
            continue
        return delivery
