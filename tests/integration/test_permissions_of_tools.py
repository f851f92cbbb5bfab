"""With exactly the permissions that docs/security.md lists each tool works; with any one missing it says which."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.consumer import fetcher
from aiokafka.errors import KafkaError

from sluicegate.agents.decision_topic import read_decisions
from sluicegate.agents.settings import load_settings
from sluicegate.deploy.kafka.secured import Permission, SecuredNode
from tests.commands import Ran, ran
from tests.integration.dead_letters import Letter, write_letters
from tests.integration.secured_streams import (
    allow,
    login_settings,
    new_user,
    permissions_of,
    replay_prefix,
    review_group,
    secured_stream,
)
from tests.integration.streams import Stream, event

OPERATIONS = {"DELETE": "Delete", "DESCRIBE_CONFIGS": "DescribeConfigs", "READ": "Read", "WRITE": "Write"}
COMMANDS = {
    "dlq list": ("dlq", "list"),
    "dlq show": ("dlq", "show", "--payload"),
    "dlq redrive": ("dlq", "redrive", "--all", "--yes"),
    "dlq purge": ("dlq", "purge", "--all", "--yes", "--unredriven"),
    "replay": ("replay", "--since", "2020-01-01T00:00:00Z", "--out-prefix"),
    "model compare": (),
}
#: Tools that share their commands in docs/security.md.
SECTIONS = {"dlq list": "dlq list and show", "dlq show": "dlq list and show"}


@pytest.fixture(scope="module")
def stream(secured_kafka: SecuredNode, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    """A stream of some events, and with the topics of a replay of them."""
    for opened in secured_stream(secured_kafka, tmp_path_factory.mktemp("stream")):
        opened.publish([event(number) for number in range(3)])
        administrator = secured_kafka.administrator
        login = login_settings(secured_kafka, administrator["sasl_username"], administrator["sasl_password"])
        made = command(opened, login, *COMMANDS["replay"], replay_prefix(opened), "--create-topics")
        assert made.exit_code == 0, made.stderr
        yield opened


def command(stream: Stream, login: dict[str, str], *arguments: str) -> Ran:
    """Run a command within the process of the test, and leave aiokafka as it was."""
    own = {name: getattr(fetcher, name) for name in ("MemoryRecords", "PartitionRecords", "FetchResult")}
    with patch.multiple(fetcher, **own):
        return ran(*arguments, env={**stream.environment, **login})


def run(part: str, stream: Stream, login: dict[str, str]) -> Ran:
    if part == "replay":
        return command(stream, login, *COMMANDS[part], replay_prefix(stream))
    if part != "model compare":
        return command(stream, login, *COMMANDS[part])
    # What the command reads; whether two models decided there is another matter.
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**stream.environment, **login}.items():
            environment.setenv(name, value)
        try:
            asyncio.run(read_decisions(load_settings(), datetime.now(UTC) - timedelta(hours=1), lambda _: None))
        except Exception as error:  # noqa: BLE001 - told as the command does
            return Ran(1, "", str(error))
    return Ran(0, "", "")


def needed(part: str, stream: Stream) -> list[Permission]:
    return permissions_of(SECTIONS.get(part, part), stream)


def logged_in(node: SecuredNode, permissions: list[Permission]) -> dict[str, str]:
    user, password = new_user(node)
    allow(node, user, permissions)
    return login_settings(node, user, password)


@pytest.mark.parametrize("part", COMMANDS)
def test_with_exactly_its_permissions_a_tool_works(part: str, stream: Stream, secured_kafka: SecuredNode) -> None:
    write_letters(stream, [Letter(time.time_ns(), key=b"a-1", value=b"not json")])
    done = run(part, stream, logged_in(secured_kafka, needed(part, stream)))
    assert (done.exit_code, done.stderr) == (0, "")
    if part == "dlq list":
        assert f" in {stream.dead_letters}" in done.stdout
        assert "json.invalid" in done.stdout
    if part == "dlq show":
        assert "not json" in done.stdout
    if part == "dlq redrive":
        assert "redriven, with the id" in done.stdout
        assert not done.stdout.startswith("0 ")


def single_ones() -> list[tuple[str, int]]:
    shape = Stream("", Path())
    return [(part, number) for part in COMMANDS for number in range(len(needed(part, shape)))]


@pytest.mark.parametrize(("part", "number"), single_ones())
def test_without_any_one_of_its_permissions_a_tool_says_which(
    part: str, number: int, stream: Stream, secured_kafka: SecuredNode
) -> None:
    permissions = needed(part, stream)
    missing = permissions.pop(number)
    refused = run(part, stream, logged_in(secured_kafka, permissions))
    assert refused.exit_code == 1
    assert f" on the {missing.kind.replace('_', ' ')} {missing.name}" in refused.stderr
    assert OPERATIONS[missing.operation] in refused.stderr


async def review(stream: Stream, node: SecuredNode, login: dict[str, str], seconds: float) -> None:
    """Do as a review tool does: take a task in a group of its own, and write an outcome."""
    client = node.client(login["SLUICEGATE_SASL_USERNAME"], login["SLUICEGATE_SASL_PASSWORD"])
    consumer = AIOKafkaConsumer(
        stream.review_topics()[0],
        bootstrap_servers=stream.bootstrap,
        group_id=review_group(stream),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        **client,
    )
    producer = AIOKafkaProducer(bootstrap_servers=stream.bootstrap, enable_idempotence=True, **client)
    try:
        async with asyncio.timeout(seconds):
            await producer.start()
            await consumer.start()
            await consumer.getone()
            await consumer.commit()
            await producer.send_and_wait(stream.environment["SLUICEGATE_OUTCOMES_TOPIC"], b"{}", b"task")
    finally:
        with suppress(KafkaError):
            await consumer.stop()
        with suppress(KafkaError):
            await producer.stop()


async def put_task(stream: Stream) -> None:
    async with AIOKafkaProducer(bootstrap_servers=stream.bootstrap, **stream.client) as producer:
        await producer.send_and_wait(stream.review_topics()[0], b"{}", b"task")


def test_review_tools_work_with_exactly_their_permissions_and_with_none_less(
    stream: Stream, secured_kafka: SecuredNode
) -> None:
    permissions = permissions_of("review tools", stream)
    asyncio.run(put_task(stream))
    for number in range(len(permissions)):
        lacking = permissions[:number] + permissions[number + 1 :]
        # Some the client raises, of some it tells its log only, and goes on asking.
        with pytest.raises((KafkaError, TimeoutError)):
            asyncio.run(review(stream, secured_kafka, logged_in(secured_kafka, lacking), 10))
    asyncio.run(review(stream, secured_kafka, logged_in(secured_kafka, permissions), 40))
