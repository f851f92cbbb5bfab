"""Reads every topic that the worker writes to into the ledger, and the worker's metrics beside it."""

import asyncio
import time
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from sluicegate.agents.settings import Settings
from sluicegate.cli.demo.ledger import Ledger
from sluicegate.cli.demo.scrape import scrape
from sluicegate.cli.demo.tansu import FETCH_WAIT_MS
from sluicegate.policy import Policy

__all__ = ["TopicWatch", "watch_metrics"]

_METRICS_EVERY = 0.5
_POLL_MS = 200
#: Tasks need no exact time of arrival, and there are many review topics to ask for.
_REVIEW_WAIT_MS = 250


class TopicWatch:
    """Reads the decisions, dead letters and tasks from their beginning on.

    Parameters
    ----------
    settings
        The brokers, and the names of the topics.
    policy
        Its queues have the review topics.
    ledger
        What is kept up to date.
    """

    def __init__(self, settings: Settings, policy: Policy, ledger: Ledger) -> None:
        self._settings = settings
        self._ledger = ledger
        self._decisions = self._consumer(FETCH_WAIT_MS)
        self._reviews = self._consumer(_REVIEW_WAIT_MS)
        self._review_topics = policy.review_topics(settings.review_prefix)

    def _consumer(self, wait_ms: int) -> AIOKafkaConsumer:
        # Without a group: nothing is committed, and there is no group to wait for.
        return AIOKafkaConsumer(
            bootstrap_servers=list(self._settings.brokers), auto_offset_reset="earliest", fetch_max_wait_ms=wait_ms
        )

    async def run(self) -> None:
        """Read until cancelled."""
        settings = self._settings
        try:
            await self._start(self._decisions, [settings.decisions_topic, settings.dead_letters_topic])
            await self._start(self._reviews, self._review_topics)
            await asyncio.gather(
                self._read(self._decisions, self._take_result), self._read(self._reviews, self._take_review)
            )
        finally:
            await self._decisions.stop()
            await self._reviews.stop()

    async def _start(self, consumer: AIOKafkaConsumer, topics: Sequence[str]) -> None:
        await consumer.start()
        consumer.assign(
            [TopicPartition(topic, number) for topic in topics for number in range(self._settings.partitions)]
        )

    async def _read(self, consumer: AIOKafkaConsumer, take: Callable[[ConsumerRecord, float], None]) -> None:
        while True:
            fetched = await consumer.getmany(timeout_ms=_POLL_MS)
            now = time.monotonic()
            for records in fetched.values():
                for record in records:
                    take(record, now)

    def _take_result(self, record: ConsumerRecord, now: float) -> None:
        if record.topic == self._settings.dead_letters_topic:
            self._ledger.take_dead_letter(record.headers)
        else:
            self._ledger.take_decision(record.value, now)

    def _take_review(self, record: ConsumerRecord, now: float) -> None:
        self._ledger.take_review(record.value, now)


async def watch_metrics(address: str, ledger: Ledger) -> None:
    """Read the worker's metrics twice a second until cancelled; what was read last stays while it does not answer."""
    while True:
        figures = await asyncio.to_thread(scrape, address)
        if figures is not None:
            ledger.figures = figures
        await asyncio.sleep(_METRICS_EVERY)
