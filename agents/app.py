"""The Faust app of a worker, with every default replaced that loses data, leaks it, or hides a failure."""

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import faust
from faust.tables import TableManager
from faust.transport import conductor
from mode.supervisors import CrashingSupervisor

from sluicegate.agents.connecting import connect
from sluicegate.agents.settings import Settings
from sluicegate.agents.transactions import TransactionalPublisher
from sluicegate.agents.transport import Transport

__all__ = ["UnfitInstallationError", "create_app"]

#: Bytes that one fetch brings of a partition.
_FETCH_BYTES: Final = 2**20
#: Seconds between heartbeats: so much later the others hear of a rebalance, as when one of them has been killed.
_HEARTBEAT: Final = 1.0
#: Seconds without a sign of life of the worker's loop after which its thread leaves the group: of one that is stuck.
_POLL_INTERVAL: Final = 3600.0


class UnfitInstallationError(Exception):
    """An installation of Faust that would acknowledge what it has not delivered."""


class NoTables(TableManager):
    """A manager of no tables: Faust's waits a second at every start for tables to register themselves."""

    async def on_start(self) -> None:
        """Start without waiting."""
        await self._update_channels()
        await self.recovery.start()


class FolderlessApp(faust.App):
    """A Faust app without tables, and so without the folders for them that Faust makes at every start."""

    async def on_first_start(self) -> None:
        """Make no folder."""


def create_app(
    settings: Settings,
    client_arguments: Mapping[str, Any],
    fail: Callable[[BaseException], None],
    transactions: TransactionalPublisher | None = None,
) -> faust.App:
    """Make the app of one worker; call it inside the event loop that will run it.

    Parameters
    ----------
    settings
        Of this process.
    client_arguments
        How aiokafka connects.
    fail
        Ends the process; may be called from any thread.
    transactions
        Commits the offsets, where that is done in transactions.

    Raises
    ------
    UnfitInstallationError
        Without Faust's compiled streams, whose substitutes acknowledge stale messages undelivered.
    """
    if getattr(conductor, "ConductorHandler", None) is None or os.environ.get("NO_CYTHON"):
        raise UnfitInstallationError(
            "Faust's compiled extension is missing or switched off by NO_CYTHON, and without it events can be lost; "
            "unset NO_CYTHON, or install the faust-streaming wheel of this platform"
        )
    app = FolderlessApp(
        settings.group,
        broker=f"records://{settings.brokers[0]}",
        broker_client_id=f"sluicegate-{settings.instance or os.getpid()}",
        broker_commit_interval=settings.commit_interval,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=_HEARTBEAT,
        broker_rebalance_timeout=max(15.0, settings.session_timeout, settings.in_flight_deadline + 5),
        broker_request_timeout=max(40.0, settings.session_timeout),
        broker_max_poll_interval=_POLL_INTERVAL,
        consumer_group_instance_id=settings.instance,
        consumer_max_fetch_size=_FETCH_BYTES,
        consumer_auto_offset_reset="earliest",
        agent_supervisor=CrashingSupervisor,
        stream_wait_empty=True,
        stream_recovery_delay=0.0,
        TableManager=NoTables,
        table_standby_replicas=0,
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        worker_redirect_stdouts=False,
        producer_threaded=False,
        key_serializer="raw",
        value_serializer="raw",
        store="memory://",
        autodiscover=False,
    )
    app.in_worker = True
    app.transport = _transport(app, settings, client_arguments, fail)
    app.transport.transactions = transactions
    return app


def _transport(
    app: faust.App, settings: Settings, client_arguments: Mapping[str, Any], fail: Callable[[BaseException], None]
) -> Transport:
    transport = Transport(app.conf.broker_consumer[0:1], app)
    transport.client_arguments = client_arguments
    transport.connect = partial(connect, settings)
    transport.batch_max = settings.batch_max
    transport.batch_bytes = settings.batch_bytes
    transport.buffer_bytes = settings.buffer_bytes
    transport.in_flight_deadline = settings.in_flight_deadline
    transport.fail = fail
    return transport
