"""Writes originals and their entries in the ledger in one transaction: either all of them are there, or none.

Whoever starts to write has the broker fence all that wrote under the same name before, and end what they left open.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from time import time
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidProducerEpoch, KafkaError, ProducerFenced, TransactionalIdAuthorizationFailed

from sluicegate.agents.broker import client_arguments
from sluicegate.agents.connecting import disconnect
from sluicegate.agents.dead_letters.ledger import LEDGER_PARTITION
from sluicegate.agents.permissions import Need, PermissionMissing
from sluicegate.agents.settings import Settings
from sluicegate.schemas import Headers

__all__ = ["RedriveFailed", "RedriveWriter", "Write", "transactional_id"]

#: What a process that was killed leaves open keeps workers from reading on for so long, and for as long again as the
#: broker takes to look (ten seconds unless set): no transaction here lasts a second, so it is short.
_TRANSACTION_SECONDS: Final = 15
_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 3.0
_BATCH_BYTES: Final = 512 * 1024


class RedriveFailed(Exception):
    """A redrive that could not go on; the text says why, what stands, and what to do."""


class Write(NamedTuple):
    """One record to be written, with its entry in the ledger."""

    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    entry: tuple[bytes, bytes]


def transactional_id(settings: Settings) -> str:
    """Give the name under which there is one redrive at a time: that of the ledger, which all of them share."""
    return f"sluicegate.redrive.{settings.redrive_ledger}"


class RedriveWriter:
    """A transactional producer, as an asynchronous context.

    Parameters
    ----------
    settings
        How to reach the brokers, and the names of the topics.
    max_bytes
        Of a record batch, that the topic of the events takes.

    Attributes
    ----------
    committed
        Records that stand among the events.
    """

    def __init__(self, settings: Settings, max_bytes: int) -> None:
        self.committed = 0
        self._settings = settings
        self._events = settings.events_topic
        self._ledger = settings.redrive_ledger
        self._brokers = ", ".join(settings.brokers)
        self._producer = AIOKafkaProducer(
            **client_arguments(settings),
            client_id="sluicegate-dlq",
            transactional_id=transactional_id(settings),
            transaction_timeout_ms=_TRANSACTION_SECONDS * 1000,
            max_batch_size=min(_BATCH_BYTES, max_bytes),
            max_request_size=max_bytes + _BATCH_BYTES,
            compression_type=None if settings.compression == "none" else settings.compression,
        )

    async def __aenter__(self) -> Self:
        """Connect; what an earlier writer left open is ended, committed or not, when this returns."""
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._producer.start()
        except (KafkaError, TimeoutError) as error:
            await self._stop()
            if isinstance(error, TransactionalIdAuthorizationFailed):
                raise PermissionMissing(
                    [Need("transactional id", transactional_id(self._settings), "WRITE")]
                ) from error
            raise RedriveFailed(
                f"{self._brokers} began no transactions ({_why(error)}); nothing was redriven: they need "
                "Kafka's transactions, and the right to use them"
            ) from error
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        await self._stop()

    async def write(self, writes: Sequence[Write]) -> None:
        """Write records with their entries, in their order, and return when all of it is committed.

        Whoever is cancelled meanwhile is so when this has ended: nothing is left open that workers would wait for.

        Raises
        ------
        RedriveFailed
            Where it is not known to be committed. Nothing may be written after that: whoever starts anew learns from
            the ledger what stands.
        """
        transaction = asyncio.ensure_future(self._transaction(writes))
        try:
            await asyncio.shield(transaction)
        except asyncio.CancelledError:
            await transaction
            raise

    async def _transaction(self, writes: Sequence[Write]) -> None:
        try:
            async with asyncio.timeout(_TRANSACTION_SECONDS):
                await self._producer.begin_transaction()
                await self._hand_over(writes)
                await self._producer.commit_transaction()
        except (ProducerFenced, InvalidProducerEpoch) as error:
            raise RedriveFailed(
                "another redrive has taken over, or this one was stopped for too long; what was committed stands, "
                "and is not redriven again"
            ) from error
        except (KafkaError, TimeoutError) as error:
            await self._abort()
            raise RedriveFailed(
                f"{self._brokers} did not take what was to be redriven ({_why(error)}); what was committed stands: "
                "run the command again, it goes on where this one ended"
            ) from error
        self.committed += len(writes)

    async def _hand_over(self, writes: Sequence[Write]) -> None:
        now = int(time() * 1000)
        by_partition: dict[int, list[Write]] = {}
        for write in writes:
            by_partition.setdefault(write.partition, []).append(write)
        deliveries = []
        for partition, mine in by_partition.items():
            records = [(write.key, write.value, write.headers) for write in mine]
            deliveries += await self._send(self._events, partition, records, now)
        entries: list[tuple[bytes | None, bytes | None, Headers]] = [(*write.entry, ()) for write in writes]
        deliveries += await self._send(self._ledger, LEDGER_PARTITION, entries, now)
        await asyncio.gather(*deliveries)

    async def _send(
        self, topic: str, partition: int, records: Sequence[tuple[bytes | None, bytes | None, Headers]], now: int
    ) -> list["asyncio.Future[Any]"]:
        # As batches: the producer takes no single record without a key and a value, and dead letters hold such.
        deliveries, batch = [], self._producer.create_batch()
        for key, value, headers in records:
            if batch.append(timestamp=now, key=key, value=value, headers=list(headers)) is None:
                deliveries.append(await self._producer.send_batch(batch, topic, partition=partition))
                batch = self._producer.create_batch()
                batch.append(timestamp=now, key=key, value=value, headers=list(headers))
        deliveries.append(await self._producer.send_batch(batch, topic, partition=partition))
        return deliveries

    async def _abort(self) -> None:
        """Leave nothing open that workers would have to wait for, where the broker can still be told."""
        with contextlib.suppress(KafkaError, TimeoutError, AssertionError):
            async with asyncio.timeout(_STOP_SECONDS):
                await self._producer.abort_transaction()

    async def _stop(self) -> None:
        await disconnect(self._producer.stop)


def _why(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
