"""Sending without a broker: how long one is waited for."""

import socket
from pathlib import Path

import pytest

from tests.commands import ran


def test_a_first_broker_is_waited_for_no_longer_than_the_command_may_wait(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "one.jsonl").write_text('{"text": "one"}\n')
    with socket.socket() as bound:
        # Nobody listens there, and nobody else can.
        bound.bind(("127.0.0.1", 0))
        brokers = f"127.0.0.1:{bound.getsockname()[1]}"
        settings = {"SLUICEGATE_BROKERS": brokers, "SLUICEGATE_BROKER_WAIT": "3"}
        done = ran("publish", str(tmp_path / "one.jsonl"), "--timeout", "1", env=settings)
    assert done.exit_code == 1
    assert f"no Kafka broker can be used at {brokers}" in done.stderr
    assert "trying again for up to 1 s" in caplog.text
