"""The settings of a single Apache Kafka node that is quick to start, to die and to come back."""

from collections.abc import Mapping
from pathlib import Path

__all__ = ["server_properties"]

_MEBIBYTE = 1024 * 1024

_FIXED: Mapping[str, str] = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    # A topic must never come into being with a partition count that nobody chose.
    "auto.create.topics.enable": "false",
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    # Fifty partitions of each internal topic make the first consumer and the first transaction slow.
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    # Lets tests see a dead worker in seconds; the default lower bound is 6 s.
    "group.min.session.timeout.ms": "500",
    # With the defaults a killed broker is fenced for 12 s after its restart, with these for 4 s.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    # Compaction within a second instead of a quarter of a minute.
    "log.cleaner.backoff.ms": "200",
    # Outputs and dead letters may take twice the size of an input record.
    "message.max.bytes": str(4 * _MEBIBYTE),
    "replica.fetch.max.bytes": str(4 * _MEBIBYTE),
}


def server_properties(
    *, port: int, controller_port: int, data: Path, overrides: Mapping[str, str] | None = None
) -> str:
    """Write the ``server.properties`` of a node.

    Parameters
    ----------
    port, controller_port
        TCP ports on 127.0.0.1 for clients and for the node's own controller.
    data
        The folder that holds the log segments.
    overrides
        Settings by Kafka's own names; they take precedence.
    """
    settings = {
        **_FIXED,
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "log.dirs": str(data),
        **(overrides or {}),
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())
