"""Connects the clients of aiokafka, and disconnects them; brokers that went away since one was found are waited for."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError

from sluicegate.agents.broker import BrokerUnavailable, client_arguments
from sluicegate.agents.contact import find_fault
from sluicegate.agents.settings import Settings

__all__ = ["connect", "disconnect", "is_connected", "look_for_brokers"]

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
#: Seconds that a client has to disconnect.
_STOP_SECONDS: Final = 3.0


async def connect(settings: Settings, start: Callable[[], Awaitable[None]]) -> None:
    """Start a client of aiokafka; brokers that have gone since one answered are waited for as at the start.

    Parameters
    ----------
    settings
        Where the brokers are, and how long to wait (``broker_wait``).
    start
        Connects the client; called again where no connection came about.

    Raises
    ------
    BrokerUnavailable
        If none came about in ``broker_wait`` seconds; as `SecurityFault` at once, where waiting does not help.
    """
    end = monotonic() + settings.broker_wait
    pause = _FIRST_PAUSE
    while True:
        try:
            await start()
        except KafkaConnectionError as error:
            if (fault := await find_fault(settings, client_arguments(settings))) is not None:
                raise fault from error
            if monotonic() >= end:
                raise BrokerUnavailable(
                    f"no Kafka broker can be used at {', '.join(settings.brokers)} any more (one answered before); "
                    "see to the brokers, then start the worker again"
                ) from error
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            return


async def disconnect(stop: Callable[[], Awaitable[None]]) -> None:
    """Stop a client of aiokafka, but wait no longer than a moment for it.

    Where its brokers are away a producer would wait for them for ever, and a consumer raises the cancellation of what
    it had under way itself, in place of what had gone wrong before.

    Parameters
    ----------
    stop
        Disconnects the client.
    """
    stopping = asyncio.ensure_future(stop())
    await asyncio.wait({stopping}, timeout=_STOP_SECONDS)
    if not stopping.done():
        stopping.cancel()
        return
    error = None if stopping.cancelled() else stopping.exception()
    if error is not None and not isinstance(error, KafkaError):
        raise error


def is_connected(producer: AIOKafkaProducer) -> bool:
    """Tell whether a producer is connected to any broker."""
    return any(connection.connected() for connection in producer.client._conns.values())


def look_for_brokers(producer: AIOKafkaProducer) -> None:
    """Have a producer that has lost its brokers ask for them: with nothing to write it does so every five minutes."""
    if not is_connected(producer):
        producer.client.force_metadata_update()
