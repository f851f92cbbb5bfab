"""Connections to brokers: their arguments, what keeps passwords in, and waiting for a broker."""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka.net import selector

from sluicegate.agents.broker import BrokerUnavailable, admin_client, ask_brokers, client_arguments
from sluicegate.agents.settings import Settings, SettingsError, load_settings

PASSWORD = "correct horse battery staple"


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which nobody listens: bound, so that nobody else can."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port at which connections are accepted and nothing is ever answered."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def with_login(**others: object) -> Settings:
    values = {"security_protocol": "SASL_SSL", "sasl_username": "gate", "sasl_password": PASSWORD, **others}
    return Settings.model_validate(values)


def test_without_security_only_brokers_and_protocol_are_given() -> None:
    assert client_arguments(load_settings(brokers=("a:1", "b:2"))) == {
        "bootstrap_servers": ["a:1", "b:2"],
        "security_protocol": "PLAINTEXT",
    }


def test_a_login_comes_with_tls_that_checks_certificates_and_names() -> None:
    arguments = client_arguments(with_login())
    context = arguments["ssl_context"]
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert (arguments["sasl_mechanism"], arguments["sasl_plain_username"]) == ("SCRAM-SHA-512", "gate")
    assert arguments["sasl_plain_password"].encode() == PASSWORD.encode()


def test_a_client_that_logs_its_arguments_does_not_show_the_password() -> None:
    assert PASSWORD not in f"{client_arguments(with_login())}"


def test_every_certificate_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("")
    settings = load_settings(
        security_protocol="SSL", ssl_ca=empty, ssl_certificate=tmp_path / "no.crt", ssl_key=tmp_path / "no.key"
    )
    with pytest.raises(SettingsError) as refused:
        client_arguments(settings)
    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == [
        "SLUICEGATE_SSL_CA",
        "SLUICEGATE_SSL_CERTIFICATE",
        "SLUICEGATE_SSL_KEY",
    ]


def test_without_a_broker_the_sentence_names_address_reason_and_setting(closed_port: int) -> None:
    with pytest.raises(BrokerUnavailable) as gone:
        admin_client(load_settings(brokers=(f"127.0.0.1:{closed_port}",)))
    assert str(gone.value) == (
        f"no Kafka broker can be used at 127.0.0.1:{closed_port} (connection refused); "
        "start one, or set SLUICEGATE_BROKERS"
    )


def test_something_that_is_no_broker_is_given_up_and_leaves_no_thread(silent_port: int) -> None:
    before = set(threading.enumerate())
    with pytest.raises(BrokerUnavailable, match="does not answer in Kafka's protocol"):
        admin_client(load_settings(brokers=(f"127.0.0.1:{silent_port}",)), timeout=0.3)
    assert set(threading.enumerate()) <= before


def ask_nothing(_: object) -> bool:
    return True


def test_waiting_ends_when_told_how_long_and_says_so_once(closed_port: int, caplog: pytest.LogCaptureFixture) -> None:
    settings = load_settings(brokers=(f"127.0.0.1:{closed_port}",), broker_wait=0.5)
    with caplog.at_level(logging.INFO, logger="sluicegate"), pytest.raises(BrokerUnavailable):
        ask_brokers(settings, ask_nothing, lambda: False)
    assert len([record for record in caplog.records if record.name.startswith("sluicegate")]) == 1


def test_no_wait_means_one_attempt(closed_port: int) -> None:
    with pytest.raises(BrokerUnavailable):
        ask_brokers(load_settings(brokers=(f"127.0.0.1:{closed_port}",), broker_wait=0), ask_nothing, lambda: False)


def test_waiting_ends_soon_after_a_stop(closed_port: int) -> None:
    settings = load_settings(brokers=(f"127.0.0.1:{closed_port}",), broker_wait=600)
    began = time.monotonic()
    assert ask_brokers(settings, ask_nothing, lambda: time.monotonic() > began + 0.5) is None


def test_the_password_is_in_no_log_and_no_error(silent_port: int, caplog: pytest.LogCaptureFixture) -> None:
    settings = with_login(
        brokers=(f"127.0.0.1:{silent_port}",), security_protocol="SASL_PLAINTEXT", allow_plaintext_credentials=True
    )
    with caplog.at_level(logging.DEBUG), pytest.raises(BrokerUnavailable) as gone:
        admin_client(settings, timeout=0.3)
    assert "Starting KafkaAdminClient with configuration" in caplog.text
    assert PASSWORD not in caplog.text + str(gone.value) + repr(gone.value.__cause__)


def test_a_peer_that_never_answers_a_tls_handshake_is_given_up(silent_port: int) -> None:
    with pytest.raises(BrokerUnavailable, match="no answer in time"):
        admin_client(load_settings(brokers=(f"127.0.0.1:{silent_port}",), security_protocol="SSL"))


def test_a_busy_moment_of_the_admin_client_is_not_told_to_users(
    closed_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    # It warns there, and only there, of what took long.
    assert "slow_task_threshold_secs" in selector.NetworkSelector.DEFAULT_CONFIG
    with pytest.raises(BrokerUnavailable):
        admin_client(load_settings(brokers=f"127.0.0.1:{closed_port}"))
    selector.log.warning("Task ran for 0.108s")
    assert not caplog.records
