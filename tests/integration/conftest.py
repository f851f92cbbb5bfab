"""Fixtures of the tests with worker processes against a real Kafka."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sluicegate.deploy.kafka.fixtures import Cluster
from sluicegate.deploy.kafka.node import KafkaNode
from sluicegate.deploy.kafka.secured import SecuredNode
from tests.integration.secured_streams import secured_stream
from tests.integration.streams import Stream, open_stream


@pytest.fixture
def stream(kafka: Cluster, tmp_path: Path) -> Iterator[Stream]:
    """A stream on the broker that all tests share."""
    opened = open_stream(kafka.bootstrap, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def narrow_stream(kafka: Cluster, tmp_path: Path) -> Iterator[Stream]:
    """A stream of two partitions on the broker that all tests share."""
    opened = open_stream(kafka.bootstrap, tmp_path, partitions=2)
    yield opened
    opened.close()


@pytest.fixture
def guarded_stream(secured_kafka: SecuredNode, tmp_path: Path) -> Iterator[Stream]:
    """A stream of two partitions on the broker with logins and permissions."""
    yield from secured_stream(secured_kafka, tmp_path)


@pytest.fixture
def own_stream(own_kafka: KafkaNode, tmp_path: Path) -> Iterator[Stream]:
    """A stream on a broker that the test may stop, kill and freeze."""
    opened = open_stream(own_kafka.bootstrap, tmp_path)
    yield opened
    opened.close()
