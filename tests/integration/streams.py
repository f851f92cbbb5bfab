"""A stream of topics and a group of a test's own on a real Kafka, and worker processes on it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError

from tests.commands import ran
from tests.integration.worker_process import WorkerProcess, until

Headers = Sequence[tuple[str, bytes]]


class Message(NamedTuple):
    """A record to be published, or one that was read."""

    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None
    offset: int | None = None

    def json(self) -> Any:
        """Give the value as JSON."""
        return json.loads(self.value or b"")


def event(number: int, text: str = "a plain remark", actor: int | None = None, **data: Any) -> Message:
    """Make an event whose id is its number."""
    actor_id = f"a-{number % 23 if actor is None else actor}"
    value = {
        "specversion": "1.0",
        "id": str(number),
        "source": "/tests",
        "type": data.pop("type", "content.created"),
        "data": {"content_id": f"c-{number}", "actor_id": actor_id, "surface": "comment", "text": text, **data},
    }
    return Message(actor_id.encode(), json.dumps(value).encode())


@dataclass
class Stream:
    """Topics and a group of one test's own on a broker."""

    bootstrap: str
    folder: Path
    partitions: int = 4
    name: str = field(default_factory=lambda: f"t{uuid.uuid4().hex[:10]}")
    workers: list[WorkerProcess] = field(default_factory=list)
    #: How clients of the test itself connect, and settings of the commands and workers beyond those of the stream.
    client: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "SLUICEGATE_BROKERS": self.bootstrap,
            "SLUICEGATE_GROUP": self.name,
            "SLUICEGATE_EVENTS_TOPIC": self.events,
            "SLUICEGATE_DECISIONS_TOPIC": self.decisions,
            "SLUICEGATE_DEAD_LETTERS_TOPIC": self.dead_letters,
            "SLUICEGATE_OUTCOMES_TOPIC": f"{self.name}.outcomes",
            "SLUICEGATE_DESK_STATE_TOPIC": f"{self.name}.desk",
            "SLUICEGATE_REVIEW_PREFIX": self.review_prefix,
            "SLUICEGATE_PARTITIONS": str(self.partitions),
            "SLUICEGATE_METRICS_PORT": "0",
            "SLUICEGATE_SESSION_TIMEOUT": "6",
            **self.settings,
        }

    @property
    def events(self) -> str:
        return f"{self.name}.events"

    @property
    def decisions(self) -> str:
        return f"{self.name}.decisions"

    @property
    def dead_letters(self) -> str:
        return f"{self.name}.dlq"

    @property
    def review_prefix(self) -> str:
        return f"{self.name}.review."

    def command(
        self, *arguments: str, stdin: bytes | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run ``sluicegate`` with this stream's settings to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "sluicegate", *arguments],
            env={**os.environ, **self.environment, **environment},
            input=stdin,
            capture_output=True,
            timeout=120,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    def start_worker(self, *arguments: str, **environment: str) -> WorkerProcess:
        log = self.folder / f"worker-{len(self.workers)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "sluicegate", "worker", *arguments],
                env={**os.environ, **self.environment, **environment},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self.workers.append(WorkerProcess(process, log))
        return self.workers[-1]

    def publish(self, messages: Sequence[Message], compression: str | None = None) -> None:
        """Publish records and wait until all are acknowledged."""
        asyncio.run(self._publish(messages, compression))

    async def _publish(self, messages: Sequence[Message], compression: str | None) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            enable_idempotence=True,
            linger_ms=5,
            compression_type=compression,
            max_request_size=2 * 2**20,
            **self.client,
        )
        await producer.start()
        try:
            await asyncio.gather(*[await self._send(producer, message) for message in messages])
        finally:
            await producer.stop()

    async def _send(self, producer: Any, message: Message) -> Any:
        if message.key is not None or message.value is not None:
            return await producer.send(
                self.events, message.value, message.key, partition=message.partition, headers=list(message.headers)
            )
        # What `send` refuses others do publish.
        batch = producer.create_batch()
        batch.append(key=None, value=None, timestamp=None, headers=list(message.headers))
        return await producer.send_batch(batch, self.events, partition=message.partition)

    def read(self, *topics: str) -> list[Message]:
        """Read topics to their present ends, committed records only."""
        return asyncio.run(self._read(topics))

    async def _read(self, topics: Sequence[str]) -> list[Message]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            **self.client,
        )
        await consumer.start()
        try:
            tps = [TopicPartition(topic, partition) for topic in topics for partition in range(self.partitions)]
            ends = await consumer.end_offsets(tps)
            consumer.assign([tp for tp in tps if ends[tp]])
            found: list[Message] = []
            for tp in consumer.assignment():
                await consumer.seek_to_beginning(tp)
            while any([await consumer.position(tp) < ends[tp] for tp in consumer.assignment()]):
                for tp, records in (await consumer.getmany(timeout_ms=200)).items():
                    found += [Message(r.key, r.value, r.headers, tp.partition, r.offset) for r in records]
            return found
        finally:
            await consumer.stop()

    def configure(self, topic: str, **settings: str) -> None:
        """Alter Kafka's settings of a topic, and wait until brokers tell them so; an underscore stands for a dot."""
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, **self.client)
        changed = {name.replace("_", "."): value for name, value in settings.items()}
        try:
            admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, changed)])
            asked = [ConfigResource(ConfigResourceType.TOPIC, topic)]

            def told() -> dict[str, Any]:
                entries = admin.describe_configs(asked, config_filter="all")["topic"][topic]
                return {name: entries[name]["value"] for name in changed}

            until(lambda: told() == changed, 30)
        finally:
            admin.close()

    def review_topics(self) -> list[str]:
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, **self.client)
        try:
            return sorted(topic for topic in admin.list_topics() if topic.startswith(self.review_prefix))
        finally:
            admin.close()

    def ends(self, topic: str) -> int:
        """Give how many records a topic has, over all partitions."""
        return len(self.read(topic))

    def committed(self) -> dict[int, int]:
        """Give the committed offset of each partition of the events."""
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, **self.client)

        def ask() -> tuple[Any] | None:
            try:
                return (admin.list_group_offsets(self.name)[self.name],)
            except (CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError):
                # A broker that has just come back.
                return None

        try:
            (found,) = until(ask, 20)
            return {tp.partition: meta.offset for tp, meta in found.items() if tp.topic == self.events}
        finally:
            admin.close()

    def decided_ids(self) -> list[str]:
        """Give the ids of the events that were decided, in the order of each partition."""
        return [message.json()["data"]["event"]["id"] for message in self.read(self.decisions)]

    def wait_for_decisions(self, count: int, seconds: float = 60) -> list[Message]:
        """Wait until so many different events are decided; give all raw decisions."""

        def enough() -> list[Message] | None:
            raw = self.read(self.decisions)
            return raw if len({message.json()["id"] for message in raw}) >= count else None

        found: list[Message] = until(enough, seconds, *self.workers)
        return found

    def wait_until_committed(self, count: int, seconds: float = 30) -> None:
        """Wait until the group has committed so many records, over all partitions."""
        until(lambda: sum(self.committed().values()) >= count, seconds, *self.workers)

    def close(self) -> None:
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.process.send_signal(signal.SIGCONT)
                worker.kill()


def open_stream(bootstrap: str, folder: Path, partitions: int = 4) -> Stream:
    """Make a stream, its topics by the command that operators use (in this process, which has loaded it)."""
    stream = Stream(bootstrap, folder, partitions)
    applied = ran("topics", "apply", env=stream.environment)
    assert applied.exit_code == 0, applied.stderr
    return stream
