"""Clients of the metrics that are many and mean harm: they keep out nobody else, whatever they wait for."""

import base64
import contextlib
import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import bcrypt
import pytest

from sluicegate.agents import basic_auth, http_connections
from sluicegate.agents.health import Health
from sluicegate.agents.http import MetricsServer
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.web_config import WebConfig
from sluicegate.deploy.kafka.certificates import Authority
from tests.unit.agents.test_http_guarded import GET, USERS, connect, get


@contextlib.contextmanager
def serving(config: WebConfig) -> Iterator[MetricsServer]:
    server = MetricsServer(Metrics(), Health(), "127.0.0.1", 0, config)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def deaf(server: MetricsServer) -> socket.socket:
    """Ask again and again and read nothing, until the server can write no more of its answers."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.connect(("127.0.0.1", server.port))
    connection.settimeout(0.1)
    with contextlib.suppress(TimeoutError):
        for _ in range(1_000):
            connection.sendall(GET % (b"/metrics", b"") * 100)
    return connection


def test_clients_that_ask_and_never_read_the_answers_keep_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connections, "_MOST_CONNECTIONS", 4)
    with serving(WebConfig()) as server:
        before = threading.active_count()
        clients = [deaf(server) for _ in range(4)]
        for _ in range(6):
            assert get(server, "/metrics")[0] == 200
        assert threading.active_count() <= before + 5
        for each in clients:
            each.close()


def test_an_answer_that_nobody_reads_is_broken_off_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connections, "_REQUEST_SECONDS", 0.5)
    with serving(WebConfig()) as server, contextlib.closing(deaf(server)):
        end = time.monotonic() + 20
        while server._server._open and time.monotonic() < end:
            time.sleep(0.02)
        assert not server._server._open


def test_of_many_passwords_at_a_time_few_wait_and_the_others_are_told_to_come_again_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_held = threading.Event()

    def check(*_: object) -> bool:
        is_held.wait(20)
        return False

    monkeypatch.setattr(bcrypt, "checkpw", check)
    monkeypatch.setattr(basic_auth, "_TURN_SECONDS", 20.0)
    wrong = b"Authorization: Basic " + base64.b64encode(b"nobody:x") + b"\r\n"
    refused = 30 - basic_auth.MOST_WAITING
    with serving(WebConfig(users=USERS)) as server:
        connections = [connect(server) for _ in range(30)]
        for each in connections:
            each.sendall(GET % (b"/metrics", wrong))
        told: list[bytes] = []
        end = time.monotonic() + 20
        while len(told) < refused and time.monotonic() < end:
            ready, _, _ = select.select(connections, [], [], 0.1)
            for each in ready:
                with each.makefile("rb") as answer:
                    # To its end: nobody keeps a connection who was not let in.
                    told.append(answer.read()[:12])
                connections.remove(each)
                each.close()
        assert told == [b"HTTP/1.1 503"] * refused
        assert get(server, "/healthz")[0] == 200
        is_held.set()
        for each in connections:
            each.close()


def test_a_connection_that_gives_way_before_its_handshake_counts_as_gone_and_not_as_a_defect(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    own = authority.issue("worker", "127.0.0.1")
    context = WebConfig(cert_file=own.certificate, key_file=own.key).context()
    assert context is not None
    ours, theirs = socket.socketpair()
    with theirs, context.wrap_socket(ours, server_side=True, do_handshake_on_connect=False) as secured:
        http_connections._hang_up(secured)
        with pytest.raises((ConnectionError, ssl.SSLError)):
            secured.do_handshake()


def test_an_authority_of_clients_that_is_replaced_is_trusted_no_longer(tmp_path: Path) -> None:
    before, after = Authority(tmp_path / "before"), Authority(tmp_path / "after")
    own, trusted = before.issue("worker", "127.0.0.1"), tmp_path / "clients.pem"
    trusted.write_bytes(before.trusted.read_bytes())
    config = WebConfig(
        cert_file=own.certificate, key_file=own.key, client_ca_file=trusted, client_auth=ssl.CERT_REQUIRED
    )

    def answered(server: MetricsServer, authority: Authority) -> bool:
        client = authority.issue("client")
        context = ssl.create_default_context(cafile=str(before.trusted))
        context.load_cert_chain(client.certificate, client.key)
        try:
            with contextlib.closing(context.wrap_socket(connect(server), server_hostname="127.0.0.1")) as secured:
                secured.sendall(GET % (b"/healthz", b"Connection: close\r\n"))
                return secured.recv(12) == b"HTTP/1.1 200"
        except (ConnectionError, ssl.SSLError):
            return False

    with serving(config) as server:
        assert (answered(server, before), answered(server, after)) == (True, False)
        trusted.write_bytes(after.trusted.read_bytes())
        os.utime(trusted, (1, 1))
        assert (answered(server, before), answered(server, after)) == (False, True)


def test_a_right_password_is_remembered_once_whatever_stands_behind_what_bcrypt_regards() -> None:
    password = b"p" * 72
    auth = basic_auth.BasicAuth({"a": bcrypt.hashpw(password, bcrypt.gensalt(4)).decode()})
    for behind in (b"", b"x", b"y" * 100):
        assert auth.allows("Basic " + base64.b64encode(b"a:" + password + behind).decode())
    assert len(auth._right) == 1
