"""``sluicegate publish``: sends the events of a file to the events topic, keyed by actor."""

import asyncio
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import typer
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from sluicegate.agents.broker import client_arguments, wait_for_broker
from sluicegate.agents.settings import Settings, load_settings
from sluicegate.cli.errors import FAILED, WRONG_USE, CommandError
from sluicegate.cli.lines import ReadLine, Record, UnreadLine
from sluicegate.cli.progress import with_progress
from sluicegate.cli.readers import EventFile, ReaderError

__all__ = ["Published", "check", "publish", "send"]

#: Records on their way to the broker at the most: memory stays flat however large the file is.
_UNDERWAY_MOST = 10_000
_REQUEST_BYTES = 2 * 2**20
_LINGER_MS = 5


@dataclass(slots=True)
class Published:
    """How many lines were sent (or, with ``--check``, could be) and how many were skipped."""

    sent: int = 0
    skipped: int = 0


def publish(
    file: Annotated[
        str, typer.Argument(metavar="[FILE|-]", help="JSONL or CSV, also gzipped; - is standard input.")
    ] = "-",
    rate: Annotated[float | None, typer.Option(min=0.001, help="Events a second at the most.")] = None,
    only_check: Annotated[bool, typer.Option("--check", help="Read and check everything, send nothing.")] = False,
) -> None:
    """Send events from JSONL or CSV: whole events, or just texts with any of the fields.

    A line is a CloudEvent as the contract has it, or an object (in CSV a row under a header) with [bold]text[/bold]
    and any of id, source, type, time, content_id, actor_id, surface, language, tenant, content_version, and signals
    (in CSV a column signals.NAME for each). What is missing: the id is made of the line's number and content, so that
    the same file gives the same ids again; type is content.created, source /sluicegate/publish, content_id the id,
    actor_id the content_id, surface "post".

    Lines that the stream would dead-letter are reported with number and reason, and skipped; the exit code is then 1.

    Examples:

      sluicegate publish texts.csv --check

      zcat posts.jsonl.gz | sluicegate publish - --rate 500
    """
    try:
        with EventFile(file) as source:
            lines = with_progress(source, source, "Checking" if only_check else "Publishing")
            books = Published()
            good = _reported(lines, file, books)
            if only_check:
                check(good, books)
            else:
                asyncio.run(send(good, load_settings(), books, rate))
    except ReaderError as fault:
        raise CommandError(str(fault)) from None
    verb = "could be sent" if only_check else "sent"
    print(f"{books.sent:,} {verb}, {books.skipped:,} skipped")
    if books.skipped:
        raise typer.Exit(FAILED)


def check(records: Iterable[Record], books: Published) -> None:
    """Count what could be sent."""
    for _ in records:
        books.sent += 1


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
    await asyncio.get_running_loop().run_in_executor(None, partial(wait_for_broker, settings, lambda: False))
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
    except UnknownTopicOrPartitionError:
        raise CommandError(
            f"The topic {settings.events_topic} does not exist on {', '.join(settings.brokers)}; "
            "create it with: sluicegate topics apply"
        ) from None
    except KafkaError as fault:
        raise CommandError(
            f"After {books.sent:,} events {', '.join(settings.brokers)} failed ({fault}); "
            "publish the same file again: its events keep their ids."
        ) from None
    finally:
        await producer.stop()


async def _send_all(
    producer: AIOKafkaProducer, records: Iterable[Record], topic: str, books: Published, rate: float | None
) -> None:
    await producer.partitions_for(topic)
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


def _reported(lines: Iterable[ReadLine | UnreadLine], name: str, books: Published) -> Iterator[Record]:
    for line in lines:
        if isinstance(line, UnreadLine):
            books.skipped += 1
            print(f"{name}:{line.number}: {line.reason}: {line.message}", file=sys.stderr)
        else:
            yield line.record
