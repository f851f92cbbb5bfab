"""The broker of a measurement: topics for each contestant, the backlog, and how far the decisions have come."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient

from sluicegate.agents.group_status import committed_offsets
from sluicegate.agents.settings import Settings
from sluicegate.agents.topics import apply_topics, desired_topics
from sluicegate.bench.events import Event
from sluicegate.policy import Policy

__all__ = ["OVERRIDES", "Cluster", "Outputs"]

#: The broker's own clock stamps every record: the time of a decision is when it was there to be read. Long loads
#: write more than is kept: a partition's last gigabyte is far more than any lag.
OVERRIDES = {
    "log.message.timestamp.type": "LogAppendTime",
    "log.retention.bytes": str(2**30),
    "log.segment.bytes": str(2**27),
    "log.retention.check.interval.ms": "10000",
    # Kafka's default of eight and three threads is for a machine that does nothing else; here they keep each other
    # and the contestant from two cores. Nothing here is compacted but the broker's own topics.
    "num.io.threads": "2",
    "num.network.threads": "1",
    "log.cleaner.enable": "false",
    # Each entry of an index is written through memory that is mapped to a file: on some file systems that takes a
    # broker of many short-lived topics seconds, during which it answers nobody.
    "log.index.interval.bytes": str(2**20),
}

_UNDERWAY_MOST = 2_000


class Outputs:
    """The topics and the group of one run of one contestant.

    Parameters
    ----------
    name
        Of the run; no other has it.
    bootstrap
        Address of the broker.
    events
        Topic that the run reads.
    partitions
        Of every topic.
    """

    def __init__(self, name: str, bootstrap: str, events: str, partitions: int) -> None:
        self.environment = {
            "SLUICEGATE_BROKERS": bootstrap,
            "SLUICEGATE_GROUP": name,
            "SLUICEGATE_EVENTS_TOPIC": events,
            "SLUICEGATE_DECISIONS_TOPIC": f"{name}.decisions",
            "SLUICEGATE_DEAD_LETTERS_TOPIC": f"{name}.dlq",
            "SLUICEGATE_OUTCOMES_TOPIC": f"{name}.outcomes",
            "SLUICEGATE_REVIEW_PREFIX": f"{name}.review.",
            "SLUICEGATE_PARTITIONS": str(partitions),
            # As the peers do: its default is shorter.
            "SLUICEGATE_COMMIT_INTERVAL": "1",
        }
        self.events = events
        self.decisions = f"{name}.decisions"
        self.dead_letters = f"{name}.dlq"

    def settings(self) -> Settings:
        """Give the same as settings."""
        fields = {name.removeprefix("SLUICEGATE_").lower(): value for name, value in self.environment.items()}
        return Settings.model_validate({**fields, "brokers": (fields["brokers"],)})


class Cluster:
    """A running Kafka as the benchmark uses it.

    Parameters
    ----------
    bootstrap
        Its address.
    policy
        Its queues have the review topics.
    partitions
        Of every topic.
    """

    def __init__(self, bootstrap: str, policy: Policy, partitions: int) -> None:
        self.bootstrap = bootstrap
        self.partitions = partitions
        self._policy = policy
        self._admin: Any = KafkaAdminClient(bootstrap_servers=bootstrap)
        self._runs = 0

    def close(self) -> None:
        """Close the connection."""
        self._admin.close()

    def open_run(self, contestant: str, events: str | None = None) -> Outputs:
        """Make the topics of a run; it reads a topic of its own unless one is given."""
        self._runs += 1
        name = f"r{self._runs}-{contestant}"
        outputs = Outputs(name, self.bootstrap, events or f"{name}.events", self.partitions)
        settings = outputs.settings()
        specs = desired_topics(settings, self._policy.review_topics(settings.review_prefix))
        apply_topics(self._admin, [spec for spec in specs if spec.name not in self._names()])
        return outputs

    def close_run(self, outputs: Outputs) -> None:
        """Delete what a run has written, so that a later run finds the broker as this one did."""
        prefix = outputs.decisions.removesuffix("decisions")
        self._admin.delete_topics([name for name in self._names() if name.startswith(prefix)])

    def ends(self, topic: str) -> dict[int, int]:
        """Give the end offset of each partition."""
        return asyncio.run(self._ends(topic))

    def group_lag(self, outputs: Outputs) -> int:
        """Give how many events of a run its group has not committed yet."""
        group = outputs.environment["SLUICEGATE_GROUP"]
        found = committed_offsets(self._admin, group)
        committed = {tp.partition: offset for tp, offset in found.items() if tp.topic == outputs.events}
        return sum(end - committed.get(number, 0) for number, end in self.ends(outputs.events).items())

    def publish(self, topic: str, events: Sequence[Event]) -> None:
        """Publish events and wait until all are acknowledged."""
        asyncio.run(self._publish(topic, events))

    async def _publish(self, topic: str, events: Sequence[Event]) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, enable_idempotence=True, linger_ms=5)
        await producer.start()
        try:
            for start in range(0, len(events), _UNDERWAY_MOST):
                chunk = events[start : start + _UNDERWAY_MOST]
                sent = [await producer.send(topic, each.value, key=each.key, headers=each.headers) for each in chunk]
                await asyncio.gather(*sent)
        finally:
            await producer.stop()

    async def watch(self, topic: str, wanted: int, seconds: float, every: float = 0.05) -> list[tuple[float, int]]:
        """Watch a topic grow to a number of records.

        Parameters
        ----------
        topic
            The topic.
        wanted
            Records at which to stop.
        seconds, every
            Deadline, and time between looks.

        Returns
        -------
        list of (float, int)
            Monotonic time and records so far, at each look.

        Raises
        ------
        TimeoutError
            At the deadline.
        """
        looks: list[tuple[float, int]] = []
        consumer = await self._reader(topic)
        try:
            began = time.monotonic()
            while True:
                found = sum((await consumer.end_offsets(self._tps(topic))).values())
                looks.append((time.monotonic(), found))
                if found >= wanted:
                    return looks
                if time.monotonic() - began > seconds:
                    raise TimeoutError(f"{topic} has {found} of {wanted} records after {seconds:.0f} s")
                await asyncio.sleep(every)
        finally:
            await consumer.stop()

    async def timestamps(self, topic: str) -> dict[int, list[int]]:
        """Give the broker's timestamps in milliseconds of all records, in the order of each partition."""
        consumer = await self._reader(topic)
        try:
            ends = await consumer.end_offsets(self._tps(topic))
            found: dict[int, list[int]] = {partition: [] for partition in range(self.partitions)}
            await consumer.seek_to_beginning()
            while sum(map(len, found.values())) < sum(ends.values()):
                for tp, records in (await consumer.getmany(timeout_ms=200)).items():
                    found[tp.partition] += [record.timestamp for record in records]
            return found
        finally:
            await consumer.stop()

    @asynccontextmanager
    async def counting(self, *topics: str) -> AsyncIterator[Callable[[str], Awaitable[int]]]:
        """Give what counts the records of any of these topics, over one connection."""
        reader = await self._reader(topics[0])

        async def count(topic: str) -> int:
            return int(sum((await reader.end_offsets(self._tps(topic))).values()))

        try:
            yield count
        finally:
            await reader.stop()

    async def values(self, topic: str) -> list[bytes]:
        """Give the values of all records."""
        consumer = await self._reader(topic)
        try:
            wanted = sum((await consumer.end_offsets(self._tps(topic))).values())
            found: list[bytes] = []
            await consumer.seek_to_beginning()
            while len(found) < wanted:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [record.value for record in records]
            return found
        finally:
            await consumer.stop()

    async def _ends(self, topic: str) -> dict[int, int]:
        consumer = await self._reader(topic)
        try:
            return {tp.partition: end for tp, end in (await consumer.end_offsets(self._tps(topic))).items()}
        finally:
            await consumer.stop()

    async def _reader(self, topic: str) -> Any:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        consumer.assign(self._tps(topic))
        return consumer

    def _tps(self, topic: str) -> list[TopicPartition]:
        return [TopicPartition(topic, partition) for partition in range(self.partitions)]

    def _names(self) -> set[str]:
        return set(self._admin.list_topics())
