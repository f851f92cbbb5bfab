"""A broker that goes away between a worker's first look and the connection of its clients is waited for."""

import asyncio

import pytest
from aiokafka.errors import KafkaConnectionError

from sluicegate.agents.broker import BrokerUnavailable
from sluicegate.agents.connecting import connect
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
