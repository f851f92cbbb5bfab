"""How long a worker waits for a broker: at its start, and when the broker is lost mid-stream."""

import asyncio
import time

import pytest
from kafka.admin import KafkaAdminClient

from sluicegate.agents import broker
from sluicegate.agents import publisher as publishing
from sluicegate.agents.broker import ask_brokers
from sluicegate.agents.outcome import Output
from sluicegate.agents.publisher import Publisher, Written
from sluicegate.agents.settings import load_settings
from sluicegate.deploy.kafka.node import KafkaNode
from tests.integration.streams import Stream
from tests.integration.test_delivery import assert_each_decided_in_order, events
from tests.integration.worker_process import until

MANY = 1000


def test_a_start_without_a_broker_fails_with_one_sentence_when_its_wait_is_over(stream: Stream) -> None:
    began = time.monotonic()
    refused = stream.command("worker", SLUICEGATE_BROKERS="127.0.0.1:1", SLUICEGATE_BROKER_WAIT="2")
    assert refused.returncode == 1
    assert 2 <= time.monotonic() - began < 15
    (sentence,) = [line for line in refused.stderr.splitlines() if line.startswith("sluicegate: ")]
    assert sentence.startswith("sluicegate: no Kafka broker can be used at 127.0.0.1:1 (connection refused); start one")
    assert "Traceback" not in refused.stderr


def test_brokers_that_do_not_answer_what_they_are_asked_are_asked_again(
    own_kafka: KafkaNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "_REQUEST_MS", 1_000)
    settings, asked = load_settings(brokers=(own_kafka.bootstrap,)), list[int]()

    def ask(admin: KafkaAdminClient) -> list[str]:
        asked.append(len(asked))
        if len(asked) > 1:
            return list(admin.list_topics())
        own_kafka.freeze()
        try:
            return list(admin.list_topics())
        finally:
            own_kafka.thaw()

    assert ask_brokers(settings, ask, lambda: False) == []
    assert len(asked) == 2


def test_a_worker_gives_a_lost_broker_up_when_told_to_commits_nothing_more_and_its_successor_goes_on(
    own_stream: Stream, own_kafka: KafkaNode
) -> None:
    worker = own_stream.start_worker(SLUICEGATE_BATCH_MAX="5", SLUICEGATE_BROKER_LOST_WAIT="2").wait_until_ready()
    own_stream.publish(events(MANY))
    until(lambda: worker.metric("sluicegate_events_decided_total") > MANY / 20, 30, worker)
    own_kafka.kill()
    assert worker.wait(30) == 1
    assert worker.output().splitlines()[-1].startswith("sluicegate: no broker was connected for 2 s")
    assert "Traceback" not in worker.output()
    own_kafka.start()
    assert sum(own_stream.committed().values()) <= len(set(own_stream.decided_ids())) < MANY
    own_stream.start_worker()
    assert_each_decided_in_order(own_stream.wait_for_decisions(MANY), MANY)
    own_stream.wait_until_committed(MANY)


def test_idle_workers_are_ready_again_soon_after_their_broker_has_come_back(
    own_stream: Stream, own_kafka: KafkaNode
) -> None:
    workers = [
        own_stream.start_worker(),
        own_stream.start_worker(SLUICEGATE_GROUP="another", SLUICEGATE_DELIVERY="exactly_once"),
    ]
    for worker in workers:
        worker.wait_until_ready()
    own_kafka.kill()
    until(lambda: not any(worker.metric("sluicegate_broker_connected") for worker in workers), 20, *workers)
    own_kafka.start()
    for worker in workers:
        worker.wait_until_ready()
    # Told by the metrics at the end of the look that found it.
    until(lambda: all(worker.metric("sluicegate_broker_connected") for worker in workers), 10, *workers)


def test_the_first_record_for_a_topic_waits_for_a_broker_that_is_away_however_long(
    own_stream: Stream, own_kafka: KafkaNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that it is away for longer than a request may take.
    monkeypatch.setattr(publishing, "_REQUEST_TIMEOUT_MS", 3_000)
    topic = own_stream.review_topics()[0]

    async def send() -> None:
        publisher = Publisher({"bootstrap_servers": own_kafka.bootstrap}, 2**20, 2**20)
        await publisher.start()
        # Of other topics it knows nothing, as after a first answer of a broker that has just come back.
        await publisher._producer.client.set_topics([own_stream.decisions])
        await asyncio.to_thread(own_kafka.kill)
        sending = asyncio.ensure_future(publisher.send([Written(0, [Output(topic, b"key", b"value", ())])]))
        waited = await asyncio.wait([sending], timeout=5)
        await asyncio.to_thread(own_kafka.start)
        assert waited == (set(), {sending})
        await (await sending)
        await publisher.stop()

    asyncio.run(send())
    assert [message.value for message in own_stream.read(topic)] == [b"value"]
