"""Pytest fixtures that give tests an Apache Kafka: one shared by a whole run, or one that a test may kill.

Loaded by ``tests/conftest.py``. Tests that ask for one are marked ``kafka``.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import pytest

from sluicegate.deploy.kafka.node import KafkaNode, missing_requirements

if TYPE_CHECKING:
    from sluicegate.deploy.kafka.secured import SecuredNode

__all__ = ["Cluster", "kafka", "own_kafka", "pytest_collection_modifyitems", "secured_kafka"]

_EXISTING = "SLUICEGATE_TEST_BROKERS"


@dataclass(frozen=True)
class Cluster:
    """A Kafka cluster that a test may use but not stop.

    Parameters
    ----------
    bootstrap
        The address for clients: ``host:port``, several separated by commas.
    """

    bootstrap: str


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses a broker, so that ``-m 'not kafka'`` leaves all of them out."""
    for item in items:
        if {"kafka", "own_kafka", "secured_kafka"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.kafka)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Provide the Kafka that all tests of the run share: each uses topics and groups of its own names.

    It is the cluster that ``SLUICEGATE_TEST_BROKERS`` names, or else a node started for the run.
    """
    existing = os.environ.get(_EXISTING)
    if existing:
        yield Cluster(bootstrap=existing)
        return
    _require_java()
    with KafkaNode(tmp_path_factory.mktemp("kafka")) as node:
        yield Cluster(bootstrap=node.bootstrap)


@pytest.fixture
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaNode]:
    """Provide a running Kafka node of the test's own, to stop, kill, freeze and restart."""
    if os.environ.get(_EXISTING):
        _leave_out(f"this test kills its broker, which it does not do to the cluster that {_EXISTING} names")
    _require_java()
    with KafkaNode(tmp_path_factory.mktemp("own_kafka")) as node:
        yield node


@pytest.fixture(scope="session")
def secured_kafka(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[SecuredNode]":
    """Provide the node with TLS, logins and permissions that tests of these share: each has users of its own names."""
    # Makes certificates with what no other test needs to load.
    from sluicegate.deploy.kafka.secured import SecuredNode

    _require_java()
    with SecuredNode(tmp_path_factory.mktemp("secured_kafka")) as secured:
        yield secured


def _require_java() -> None:
    missing = missing_requirements()
    if missing is not None:
        _leave_out(f"{missing}, or let {_EXISTING} name a cluster")


def _leave_out(reason: str) -> NoReturn:
    # In CI these tests are the proof of delivery: leaving them out there must not look like success.
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"CI=true requires the tests against Apache Kafka: {reason}", pytrace=False)
    pytest.skip(reason)
