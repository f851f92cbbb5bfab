"""With exactly the permissions that docs/security.md lists each part works; with any one missing it says which."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluicegate.agents.broker import admin_client
from sluicegate.agents.settings import load_settings
from sluicegate.agents.worker import _look_at_topics as look_at_topics
from sluicegate.deploy.kafka.secured import Permission, SecuredNode
from sluicegate.policy import default_policy_path, load_policy
from tests.commands import Ran, ran
from tests.integration.secured_streams import allow, login_settings, new_user, permissions_of, secured_stream
from tests.integration.streams import Message, Stream, event
from tests.integration.worker_process import until

#: The operations as kafka-acls.sh and our sentences have them.
NAMES = {
    "CREATE": "Create",
    "DESCRIBE": "Describe",
    "DESCRIBE_CONFIGS": "DescribeConfigs",
    "READ": "Read",
    "WRITE": "Write",
}
#: Goes to review.
SPAM = "You won a free cash prize, claim your money now at win-money.example, limited offer"
COMMANDS = {"publish": ("publish",), "status": ("status",), "apply": ("topics", "apply"), "check": ("topics", "check")}


@pytest.fixture(scope="module")
def stream(secured_kafka: SecuredNode, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    yield from secured_stream(secured_kafka, tmp_path_factory.mktemp("stream"))


def log_in(node: SecuredNode, permissions: list[Permission]) -> dict[str, str]:
    user, password = new_user(node)
    allow(node, user, permissions)
    return login_settings(node, user, password)


def told(permission: Permission, ran_with: Ran) -> bool:
    """Say whether a sentence names an operation, and the resource or one whose name begins so."""
    sentence = ran_with.stderr
    # Whoever may read or write may also look at partitions.
    names = [NAMES[permission.operation], *(["Describe"] if permission.operation == "READ" else [])]
    return f" on the {permission.kind} {permission.name}" in sentence and any(name in sentence for name in names)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "texts.csv"
    path.write_text("text\na plain remark\n")
    return path


def run(part: str, stream: Stream, login: dict[str, str], file: Path) -> Ran:
    """Run a part, the worker to where it begins to stream, in this process: most of a process's start is loading."""
    environment = {**stream.environment, **login}
    if part != "worker":
        return ran(*COMMANDS[part], *([str(file)] if part == "publish" else []), env=environment)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        try:
            with admin_client(settings := load_settings()) as admin:
                look_at_topics(admin, settings, load_policy(default_policy_path()))
        except Exception as error:  # noqa: BLE001 - told as the command does
            return Ran(1, "", str(error))
    return Ran(0, "", "")


@pytest.mark.parametrize("part", ["publish", "status", "check", "apply"])
def test_with_exactly_its_permissions_a_command_works(
    part: str, stream: Stream, secured_kafka: SecuredNode, file: Path
) -> None:
    fresh = Stream(stream.bootstrap, stream.folder, 2) if part == "apply" else stream
    done = run(part, fresh, log_in(secured_kafka, permissions_of(part, fresh)), file)
    assert (done.exit_code, done.stderr) == (0, "")


def single_ones() -> list[tuple[str, int]]:
    shape = Stream("", Path())
    return [
        (part, number)
        for part in ("worker", "publish", "status", "check")
        for number in range(len(permissions_of(part, shape)))
    ]


@pytest.mark.parametrize(("part", "number"), single_ones())
def test_without_any_one_of_its_permissions_a_part_says_which(
    part: str, number: int, stream: Stream, secured_kafka: SecuredNode, file: Path
) -> None:
    permissions = permissions_of(part, stream)
    missing = permissions.pop(number)
    refused = run(part, stream, log_in(secured_kafka, permissions), file)
    assert told(missing, refused), refused.stderr
    # Which queues there are, a status reads off the topics that it is shown.
    assert refused.exit_code == (0 if part == "status" and missing.prefixed else 1)


def test_a_status_without_the_right_to_read_what_people_wrote_leaves_out_ages_only_and_says_so(
    stream: Stream, secured_kafka: SecuredNode, file: Path
) -> None:
    stream.publish([event(0)])
    permissions = permissions_of("status", stream)
    reading = Permission("topic", stream.events, "READ")
    permissions[permissions.index(reading)] = reading._replace(operation="DESCRIBE")
    done = run("status", stream, log_in(secured_kafka, permissions), file)
    assert done.exit_code == 0
    assert "how long the oldest waits is not told: the brokers do not allow this user Read on the topic" in done.stderr
    assert stream.decisions in done.stdout


def test_topics_that_may_not_be_created_are_named_with_what_is_missing(
    stream: Stream, secured_kafka: SecuredNode, file: Path
) -> None:
    fresh = Stream(stream.bootstrap, stream.folder, 2)
    permissions = [each for each in permissions_of("apply", fresh) if each.operation != "CREATE"]
    refused = run("apply", fresh, log_in(secured_kafka, permissions), file)
    assert refused.exit_code == 1
    assert f"{fresh.events} (this user needs Create on it, or on the cluster)" in refused.stderr


def topics_of(stream: Stream, node: SecuredNode) -> set[str]:
    with node.admin() as admin:
        return {str(topic) for topic in admin.list_topics() if topic.startswith(f"{stream.name}.")}


@pytest.mark.parametrize("number", range(len(permissions_of("apply", Stream("", Path())))))
def test_without_any_one_of_its_permissions_apply_says_which_and_creates_only_what_it_may(
    number: int, stream: Stream, secured_kafka: SecuredNode, file: Path
) -> None:
    fresh = Stream(stream.bootstrap, stream.folder, 2)
    permissions = permissions_of("apply", fresh)
    missing = permissions.pop(number)
    refused = run("apply", fresh, log_in(secured_kafka, permissions), file)
    assert refused.exit_code == 1
    wanted = {name.replace(stream.name, fresh.name) for name in topics_of(stream, secured_kafka)}
    lacking = {name for name in wanted if name == missing.name or (missing.prefixed and name.startswith(missing.name))}
    # Without Describe brokers tell nothing of a topic.
    names = "Describe and DescribeConfigs" if missing.operation == "DESCRIBE" else NAMES[missing.operation]
    assert lacking
    for name in lacking:
        if missing.operation == "CREATE":
            assert f" {name} (this user needs Create on it, or on the cluster)" in refused.stderr
        else:
            assert re.search(rf"(user|,) {names} on the topic {re.escape(name)}[,;]", refused.stderr)
    assert not any(re.search(rf"\b{re.escape(name)}[ ,;]", refused.stderr) for name in wanted - lacking)
    assert topics_of(fresh, secured_kafka) == (wanted - lacking if missing.operation == "CREATE" else set())


def test_apply_needs_no_right_to_create_where_all_topics_are_there(
    stream: Stream, secured_kafka: SecuredNode, file: Path
) -> None:
    permissions = [each for each in permissions_of("apply", stream) if each.operation != "CREATE"]
    done = run("apply", stream, log_in(secured_kafka, permissions), file)
    assert (done.exit_code, done.stderr) == (0, "")


def in_need_of(permission: Permission, stream: Stream, number: int) -> Message:
    """Give a record for which a worker needs a permission."""
    if permission.name == stream.dead_letters:
        return Message(b"a-0", b"{")
    return event(number, SPAM if permission.prefixed and permission.kind == "topic" else "a plain remark")


def lose(lost: Permission, stream: Stream, node: SecuredNode, login: dict[str, str], before: int) -> None:
    """Take a permission from a worker that decides, and hold it to end, to name it, and to commit nothing more.

    Before that so many records were published, and two are here.
    """
    user = login["SLUICEGATE_SASL_USERNAME"]
    worker = stream.start_worker(**login).wait_until_ready()
    # Of one partition, since each has a producer of its own, and one that has written to a topic is refused otherwise.
    stream.publish([event(before)._replace(partition=0)])
    until(lambda: str(before) in stream.decided_ids(), 60, worker)
    stream.wait_until_committed(before + 1)
    node.revoke(user, [lost])
    until(lambda: lost not in node.permissions(user), 10)
    stream.publish([in_need_of(lost, stream, before + 1)._replace(partition=0)])
    assert worker.wait(40) == 1
    said = [line for line in worker.output().splitlines() if line.startswith("sluicegate: ")]
    operation, kind = NAMES[lost.operation], lost.kind.replace("_", " ")
    assert f"the brokers do not allow this user {operation} on the {kind} {lost.name}" in said[-1]
    assert sum(stream.committed().values()) == before + 1
    allow(node, user, [lost])


def test_a_worker_with_exactly_its_permissions_decides_and_one_that_loses_any_ends_and_says_which(
    guarded_stream: Stream, secured_kafka: SecuredNode
) -> None:
    permissions = permissions_of("worker", guarded_stream)
    login = log_in(secured_kafka, permissions)
    streaming = [each for each in permissions if each.operation in ("READ", "WRITE")]
    assert len(streaming) == 5
    for number, lost in enumerate(streaming):
        lose(lost, guarded_stream, secured_kafka, login, 2 * number)
    # What the worker might not write the next one has written.
    assert [letter.value for letter in guarded_stream.read(guarded_stream.dead_letters)] == [b"{"]


def test_exactly_once_works_with_exactly_its_permissions_and_says_which_are_missing_without(
    guarded_stream: Stream, secured_kafka: SecuredNode
) -> None:
    (writing,) = permissions_of("worker with exactly once", guarded_stream)
    assert writing.operation == "WRITE"
    looking = writing._replace(operation="DESCRIBE")
    login = {
        "SLUICEGATE_DELIVERY": "exactly_once",
        **log_in(secured_kafka, permissions_of("worker", guarded_stream)),
    }
    user = login["SLUICEGATE_SASL_USERNAME"]
    missing = f"allow this user Write on the transactional id {guarded_stream.name}:{guarded_stream.events}:*;"
    for granted in ([], [looking]):
        allow(secured_kafka, user, granted)
        refused = guarded_stream.start_worker(**login)
        assert refused.wait(60) == 1
        assert missing in refused.output()
    secured_kafka.revoke(user, [looking])
    until(lambda: looking not in secured_kafka.permissions(user), 10)
    allow(secured_kafka, user, [writing])
    lose(writing, guarded_stream, secured_kafka, login, 0)
    # A record that a transaction may not hold is told otherwise than a transaction that may not be.
    lose(Permission("topic", guarded_stream.dead_letters, "WRITE"), guarded_stream, secured_kafka, login, 2)
    # As is a topic that the producer has written to already.
    lose(Permission("topic", guarded_stream.decisions, "WRITE"), guarded_stream, secured_kafka, login, 4)
