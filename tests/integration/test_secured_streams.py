"""Worker, publish, status and topics over TLS, end to end; and what can be seen of credentials: nothing."""

import base64
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from sluicegate.deploy.kafka.secured import Permission, SecuredNode
from tests.commands import ran
from tests.integration.secured_streams import allow, login_settings, new_user, permissions_of, secured_stream
from tests.integration.streams import Stream, event
from tests.integration.worker_process import WorkerProcess

TEXTS = "text\nlunch at noon?\nWIN a free prize now\n"


def certificate_settings(node: SecuredNode, user: str) -> dict[str, str]:
    """Give the environment in which a command shows a certificate, whose key is encrypted."""
    password = f"key-{uuid.uuid4().hex}"
    pair = node.authority.issue(user, password=password)
    return {
        "SLUICEGATE_BROKERS": node.with_certificate,
        "SLUICEGATE_SECURITY_PROTOCOL": "SSL",
        "SLUICEGATE_SSL_CA": str(node.authority.trusted),
        "SLUICEGATE_SSL_CERTIFICATE": str(pair.certificate),
        "SLUICEGATE_SSL_KEY": str(pair.key),
        "SLUICEGATE_SSL_KEY_PASSWORD": password,
    }


def seen_of(worker: WorkerProcess) -> str:
    """Give all that a worker shows: its log, metrics and health."""
    return "".join([worker.output(), *(worker.get(path)[1] for path in ("/metrics", "/healthz", "/readyz"))])


def assert_hidden(seen: str, *secrets: str) -> None:
    for secret in secrets:
        for shown in (secret, base64.b64encode(secret.encode()).decode().rstrip("=")):
            assert shown not in seen


@pytest.mark.parametrize("way", ["login", "certificate"])
def test_topics_are_made_events_sent_and_decided_and_the_status_taken_and_no_credential_is_shown(
    way: str, secured_kafka: SecuredNode, tmp_path: Path
) -> None:
    stream = Stream(secured_kafka.with_login, tmp_path, 2, client=secured_kafka.client())
    user, password = new_user(secured_kafka)
    if way == "login":
        login = login_settings(secured_kafka, user, password)
    else:
        login = certificate_settings(secured_kafka, user)
        password = login["SLUICEGATE_SSL_KEY_PASSWORD"]
    wanted = {each for part in ("worker", "publish", "status", "apply") for each in permissions_of(part, stream)}
    allow(secured_kafka, user, wanted)
    file = tmp_path / "texts.csv"
    file.write_text(TEXTS)
    environment = {**stream.environment, **login}
    applied = ran("--debug", "topics", "apply", env=environment)
    assert (applied.exit_code, applied.stderr) == (0, "")
    worker = stream.start_worker(**login)
    try:
        worker.wait_until_ready()
        published = ran("publish", str(file), env=environment)
        assert (published.exit_code, published.stdout) == (0, "2 sent, 0 skipped\n")
        stream.wait_for_decisions(2)
        stream.wait_until_committed(2)
        status = ran("status", "--json", "--metrics-url", f"http://127.0.0.1:{worker.port}/metrics", env=environment)
        assert status.exit_code == 0, status.stderr
        seen = seen_of(worker)
        assert worker.terminate()[0] == 0
        commands = "".join(each.stdout + each.stderr for each in (applied, published, status))
        assert_hidden(seen + worker.output() + commands, user, password)
    finally:
        stream.close()


def test_a_wrong_password_ends_commands_and_workers_at_once_and_is_not_shown_even_with_debug(
    guarded_stream: Stream, secured_kafka: SecuredNode, tmp_path: Path
) -> None:
    user, password = new_user(secured_kafka)
    login = login_settings(secured_kafka, user, f"{password}-wrong")
    file = tmp_path / "texts.csv"
    file.write_text(TEXTS)
    environment = {**guarded_stream.environment, **login}
    commands = [("topics", "check"), ("publish", str(file)), ("status",)]
    found = [ran("--debug", *command, env=environment) for command in commands]
    worker = guarded_stream.start_worker(**login)
    assert worker.wait(60) == 1
    for said in (*(each.stderr for each in found), worker.output()):
        assert "refuses the login; check SLUICEGATE_SASL_USERNAME" in said.splitlines()[-1]
        assert_hidden(said, user, password)
    assert [each.exit_code for each in found] == [1, 1, 1]


def test_a_running_worker_whose_login_is_refused_later_ends_and_says_so(
    secured_kafka: SecuredNode, tmp_path: Path
) -> None:
    for stream in secured_stream(secured_kafka, tmp_path):
        user, password = new_user(secured_kafka)
        allow(secured_kafka, user, permissions_of("worker", stream))
        worker = stream.start_worker(**login_settings(secured_kafka, user, password)).wait_until_ready()
        secured_kafka.remove_user(user)
        # Kafka asks for a login again when a connection is made.
        secured_kafka.node.restart()
        assert worker.wait(60) == 1
        assert "refuses the login; check SLUICEGATE_SASL_USERNAME" in worker.output().splitlines()[-1]
        assert_hidden(worker.output(), user, password)


# Sets all loggers of a worker as low as they go, as somebody might who looks for a fault.
TALKATIVE = """
import logging, sys
from sluicegate.agents import logs, running
def configure():
    logs.configure_logging(logging.DEBUG)
    logging.getLogger().setLevel(logging.DEBUG)
running.configure_logging = configure
from sluicegate.cli import main
sys.argv[1:] = ["--debug", "worker"]
main()
"""


def start_talkative(stream: Stream, login: dict[str, str]) -> WorkerProcess:
    log = stream.folder / "talkative.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", TALKATIVE],
            env={**os.environ, **stream.environment, **login},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    stream.workers.append(WorkerProcess(process, log))
    return stream.workers[-1]


def test_nothing_of_what_people_wrote_and_of_who_they_are_is_in_logs_and_metrics_even_at_the_lowest_level(
    guarded_stream: Stream, secured_kafka: SecuredNode
) -> None:
    user, password = new_user(secured_kafka)
    permissions = permissions_of("worker", guarded_stream)
    allow(secured_kafka, user, permissions)
    worker = start_talkative(guarded_stream, login_settings(secured_kafka, user, password)).wait_until_ready()
    marks = {
        name: f"{name}-{uuid.uuid4().hex}" for name in ("text", "actor", "content", "tenant", "key", "header", "poison")
    }
    spam = "Congratulations, you won a free cash prize! Claim your money now at win-money.example, limited offer"
    whole = event(
        0,
        f"{spam} {marks['text']}",
        actor_id=marks["actor"],
        content_id=marks["content"],
        tenant=marks["tenant"],
        language=f"xx-{marks['text']}",
    )
    headers = [("trace", marks["header"].encode()), (marks["header"], b"x")]
    marked = whole._replace(key=marks["key"].encode(), headers=headers, partition=0)
    poison = [
        b"{" + marks["poison"].encode(),
        (marked.value or b"").replace(b"content.created", marks["poison"].encode()),
        (marked.value or b"").replace(b'"comment"', b"7"),
        marks["poison"].encode("utf-16"),
        b"[" * 2_000 + marks["poison"].encode(),
    ]
    guarded_stream.publish(
        [marked, *(marked._replace(value=value) for value in poison), event(1)._replace(partition=0)]
    )
    guarded_stream.wait_for_decisions(2)
    guarded_stream.wait_until_committed(7)
    assert worker.metric("sluicegate_events_dead_lettered_total") == len(poison)
    seen = seen_of(worker)
    # What ends a worker is told as well: here, that it may write no longer.
    secured_kafka.revoke(user, [Permission("topic", guarded_stream.decisions, "WRITE")])
    guarded_stream.publish([marked])
    assert worker.wait(40) == 1
    assert "DEBUG sluicegate" in worker.output() or "INFO sluicegate" in worker.output()
    assert_hidden(seen + worker.output(), user, password, *marks.values())
