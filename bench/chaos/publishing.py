"""Publishes a load at its pace and loses none of it: idempotently, however long the broker is away."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from random import Random
from time import monotonic
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError

from sluicegate.bench.chaos.load import CODECS, Planned

__all__ = ["publish"]

#: Seconds from one burst to the next, on average.
_BURST_SECONDS: Final = 0.1
#: A record of poison is larger than the broker takes of good events.
_MAX_REQUEST: Final = 2 * 2**20


async def publish(
    bootstrap: str,
    topic: str,
    load: Iterable[Planned],
    rate: float,
    may_publish: Callable[[int], bool],
    random: Random,
) -> list[Planned]:
    """Publish a load, in bursts of uneven size, and wait until all of it is acknowledged.

    Parameters
    ----------
    bootstrap, topic
        Where to.
    load
        What, in its order: the records of an actor go through one producer, which keeps it.
    rate
        Records a second.
    may_publish
        Whether so many may be published by now.
    random
        Of the bursts.

    Returns
    -------
    list of Planned
        What was published.
    """
    published: list[Planned] = []
    async with AsyncExitStack() as stack:
        producers = {codec: await stack.enter_async_context(_producer(bootstrap, codec)) for codec in CODECS}
        deliveries = []
        due, began = 0.0, monotonic()
        for planned in load:
            while len(published) >= due or not may_publish(len(published)):
                await asyncio.sleep(random.expovariate(1 / _BURST_SECONDS))
                due = (monotonic() - began) * rate
            deliveries.append(await _send(producers[planned.codec], topic, planned))
            published.append(planned)
        await asyncio.gather(*deliveries)
    return published


def _producer(bootstrap: str, codec: str) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=True,
        acks="all",
        linger_ms=20,
        compression_type=None if codec == "none" else codec,
        max_request_size=_MAX_REQUEST,
    )


async def _send(producer: AIOKafkaProducer, topic: str, planned: Planned) -> Any:
    while True:
        try:
            return await producer.send(
                topic, planned.value, planned.key, partition=planned.partition, headers=list(planned.headers)
            )
        except KafkaTimeoutError:
            # There is no room while the broker is away: nothing was handed over.
            continue
