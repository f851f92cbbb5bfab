"""Dead letters of a test's own, as workers write them, and what the command line says of them."""

import asyncio
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

from aiokafka import AIOKafkaProducer
from aiokafka.consumer import fetcher

from sluicegate.schemas import Headers, Refusal, error_headers
from tests.commands import Ran, ran
from tests.integration.streams import Stream


class Letter(NamedTuple):
    """A dead letter to be written: the original, where it was read, why it was refused, and when: now, unless told."""

    offset: int
    key: bytes | None = b"a-1"
    value: bytes | None = b"not json"
    headers: Headers = ()
    reason: str = "json.invalid"
    partition: int = 0
    timestamp: int = 1_700_000_000_000
    topic: str | None = None
    behind: Headers = ()
    written: int | None = None


def write_letters(stream: Stream, letters: Sequence[Letter]) -> None:
    """Write dead letters to the partitions of their originals, in their order."""
    asyncio.run(_write(stream, letters))


async def _write(stream: Stream, letters: Sequence[Letter]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=stream.bootstrap, enable_idempotence=True, **stream.client)
    await producer.start()
    try:
        waiting = []
        for letter in letters:
            headers = [
                *letter.headers,
                *error_headers(
                    Refusal(letter.reason),
                    letter.topic or stream.events,
                    letter.partition,
                    letter.offset,
                    letter.timestamp,
                ),
                *letter.behind,
            ]
            # A batch for each: the producer itself takes no record without a key and a value.
            batch = producer.create_batch()
            batch.append(key=letter.key, value=letter.value, timestamp=letter.written, headers=headers)
            waiting.append(await producer.send_batch(batch, stream.dead_letters, partition=letter.partition))
        await asyncio.gather(*waiting)
    finally:
        await producer.stop()


def dlq(stream: Stream, *arguments: str, stdin: str = "") -> Ran:
    """Run ``sluicegate dlq`` within the process of the test, and leave aiokafka as it was."""
    own = {name: getattr(fetcher, name) for name in ("MemoryRecords", "PartitionRecords", "FetchResult")}
    with patch.multiple(fetcher, **own), patch.object(sys, "stdin", io.StringIO(stdin)):
        return ran("dlq", *arguments, env=stream.environment)


def listed(stream: Stream, *arguments: str) -> dict[str, Any]:
    """Give what ``dlq list`` says, by reason."""
    done = dlq(stream, "list", "--json", *arguments)
    assert done.exit_code == 0, done.stderr
    return {group["reason"]: group for group in json.loads(done.stdout)["groups"]}


@contextmanager
def redrive_at(stream: Stream, rate: int) -> "Iterator[subprocess.Popen[bytes]]":
    """Redrive everything in a process of its own, ended with the test."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sluicegate", "dlq", "redrive", "--all", "--yes", "--rate", str(rate)],
        env={**os.environ, **stream.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
