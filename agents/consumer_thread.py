"""The thread of the consumer: aiokafka reads there and keeps the group's heartbeat, whatever the worker's loop does."""

import asyncio
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast

import aiokafka
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from sluicegate.agents.assigning import before_positions
from sluicegate.agents.fetching import BROKER_WAIT_MS, Fetched, fetch_round
from sluicegate.agents.log.fetched import read_by_batches
from sluicegate.agents.membership import commit_as_member, know_offsets, know_partitions, watch_instance
from sluicegate.agents.reading import read_any_header_name
from sluicegate.agents.refused_membership import fail_where_refused

if TYPE_CHECKING:
    from sluicegate.agents.transport import Consumer, Transport

__all__ = ["FETCH_TIMEOUT", "ConsumerThread", "RebalanceListener"]

#: Seconds that a round of fetching waits where no partition has any records.
FETCH_TIMEOUT: Final = 0.5


class RebalanceListener(driver.ConsumerRebalanceListener):
    """Ends the process where Faust's callbacks fail: aiokafka would log the exception and go on."""

    def __init__(self, thread: "ConsumerThread") -> None:
        super().__init__(thread)
        self._consumer = cast("Consumer", thread.consumer)

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Finish what is in flight, commit it, and let the partitions go."""
        try:
            await super().on_partitions_revoked(revoked)
        except Exception as error:  # noqa: BLE001 - reported, and the process ends
            self._consumer.fail(error)

    async def on_partitions_assigned(self, assigned: Any) -> None:
        """Begin with the partitions that are assigned now."""
        try:
            self._consumer.assigned_now = self._thread._ensure_consumer()._subscription.subscription.assignment
            await super().on_partitions_assigned(assigned)
        except Exception as error:  # noqa: BLE001 - reported, and the process ends
            self._consumer.fail(error)


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread in which aiokafka reads and keeps the group's heartbeat."""

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        conf = self.app.conf
        read_any_header_name()
        read_by_batches()
        self._assignor = RoundRobinPartitionAssignor
        return aiokafka.AIOKafkaConsumer(
            client_id=conf.broker_client_id,
            group_id=conf.id,
            group_instance_id=conf.consumer_group_instance_id,
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_poll_interval_ms=int((conf.broker_max_poll_interval or 0) * 1000),
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            fetch_max_wait_ms=BROKER_WAIT_MS,
            request_timeout_ms=int(conf.broker_request_timeout * 1000),
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            **transport.client_arguments,
        )

    async def on_start(self) -> None:
        """Connect; brokers that have gone since the worker found one are waited for."""
        self._consumer = self._create_consumer(loop=self.thread_loop)
        self.time_started = monotonic()
        transport = cast("Transport", self.transport)
        await transport.connect(self._consumer.start)
        transactions, loop = transport.transactions, self.consumer.loop
        if transactions is not None:
            before_positions(
                self._consumer._coordinator,
                lambda taken: asyncio.wrap_future(
                    asyncio.run_coroutine_threadsafe(transactions.assign(taken), loop),
                ),
                transport.fail,
            )
        # Else all partitions of a broker would wait for those of which records are left to be taken.
        self._consumer._fetcher._prefetch_backoff = 0
        commit_as_member(self._consumer._coordinator)
        know_partitions(self._consumer._coordinator)
        know_offsets(self._consumer._coordinator)
        fail_where_refused(self._consumer, transport.fail)
        conf = self.app.conf
        if conf.consumer_group_instance_id:
            watch_instance(
                self._consumer._coordinator,
                conf.consumer_group_instance_id,
                conf.broker_session_timeout,
                transport.fail,
            )

    def note_life(self) -> None:
        """Count as having fetched; may be called from any thread.

        aiokafka leaves the group of who has fetched nothing for long, and joins again only when that has: a worker
        that has no partitions yet, or has waited for brokers and may not fetch before it has joined, never would.
        """
        consumer = self._consumer
        if consumer is not None:
            # The thread may have ended.
            with suppress(RuntimeError):
                self.thread_loop.call_soon_threadsafe(_fetch_nothing, consumer)

    async def fetch(self, partitions: set[TP], most_records: int) -> Fetched:
        """Fetch at most so many records of each partition, or wait a moment for any; end the process if it may not."""
        consumer = self._ensure_consumer()
        try:
            fetched = await self.call_thread(
                fetch_round, consumer, self.consumer, partitions, most_records, FETCH_TIMEOUT
            )
        except (GroupAuthorizationFailedError, TopicAuthorizationFailedError) as error:
            cast("Consumer", self.consumer).fail(error)
            return await asyncio.Future()
        return cast(Fetched, fetched)


def _fetch_nothing(consumer: aiokafka.AIOKafkaConsumer) -> None:
    with consumer._subscription.fetch_context():
        pass
