"""A broker that goes away between a worker's first look and the connection of its clients is waited for.

How long a client takes to disconnect, and how, changes nothing of what its user says.
"""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, NodeNotReadyError

from sluicegate.agents import connecting
from sluicegate.agents.broker import BrokerUnavailable
from sluicegate.agents.connecting import connect, disconnect
from sluicegate.agents.settings import load_settings


class Client:
    """A client whose first attempts find no broker."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.attempts = 0

    async def start(self) -> None:
        self.attempts += 1
        if self.attempts <= self.failures:
            raise KafkaConnectionError("unable to bootstrap")


def test_a_client_is_started_again_until_a_broker_is_back() -> None:
    client = Client(failures=2)
    asyncio.run(connect(load_settings(broker_wait=30), client.start))
    assert client.attempts == 3


def test_the_wait_ends_with_one_sentence_that_names_the_brokers() -> None:
    client = Client(failures=1000)
    with pytest.raises(BrokerUnavailable, match=r"127\.0\.0\.1:1 any more"):
        asyncio.run(connect(load_settings(broker_wait=0.2, brokers="127.0.0.1:1"), client.start))
    assert client.attempts > 1


async def hang() -> None:
    await asyncio.Event().wait()


async def cancel_oneself() -> None:
    # As aiokafka's fetcher does where a fetch that it cancels waits to try again.
    raise asyncio.CancelledError


async def fail() -> None:
    raise NodeNotReadyError


@pytest.mark.parametrize("stop", [hang, cancel_oneself, fail])
def test_a_client_that_cannot_disconnect_is_left_and_what_went_wrong_before_is_told(
    stop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "_STOP_SECONDS", 0.1)

    async def use() -> None:
        try:
            raise ValueError("what went wrong")
        finally:
            await disconnect(stop)

    with pytest.raises(ValueError, match="what went wrong"):
        asyncio.run(asyncio.wait_for(use(), 10))


def test_a_defect_of_disconnecting_is_raised() -> None:
    async def stop() -> None:
        raise TypeError("a defect")

    with pytest.raises(TypeError, match="a defect"):
        asyncio.run(disconnect(stop))
