"""Metrics behind passwords and TLS: who is answered what, and what clients cannot do to the server."""

import base64
import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import bcrypt
import pytest

from sluicegate.agents import http_connections
from sluicegate.agents.basic_auth import BasicAuth
from sluicegate.agents.health import Health
from sluicegate.agents.http import MetricsServer, is_loopback
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.settings import Settings, SettingsError, load_settings
from sluicegate.agents.web_config import WebConfig
from sluicegate.agents.worker_status import NobodyThere, WorkerUnavailable, metrics_url, read_own_worker, read_worker
from sluicegate.deploy.kafka.certificates import Authority, KeyPair

USERS = {"prometheus": bcrypt.hashpw("päss:word".encode(), bcrypt.gensalt(4)).decode()}
LOGIN = base64.b64encode("prometheus:päss:word".encode()).decode()
GET = b"GET %s HTTP/1.1\r\nHost: worker\r\n%s\r\n"

Serve = Callable[[WebConfig], MetricsServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    begun: list[MetricsServer] = []

    def begin(config: WebConfig) -> MetricsServer:
        server = MetricsServer(Metrics(), Health(stage="joining the group"), "127.0.0.1", 0, config)
        server.start()
        begun.append(server)
        return server

    yield begin
    for server in begun:
        server.stop()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def with_tls(pair: KeyPair, **more: object) -> WebConfig:
    return WebConfig(cert_file=pair.certificate, key_file=pair.key, **more)  # type: ignore[arg-type]


def connect(server: MetricsServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=20)


def ask(server: MetricsServer, request: bytes) -> str:
    """Send a request, and give all that comes until the server has no more to say."""
    with connect(server) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as answer:
            return answer.read().decode()


def get(server: MetricsServer, path: str, login: str | None = None) -> tuple[int, str]:
    header = b"" if login is None else f"Authorization: Basic {login}\r\n".encode()
    head, _, body = ask(server, GET % (path.encode(), header)).partition("\r\n\r\n")
    return int(head.split()[1]), body


def test_without_the_right_password_there_are_no_metrics_and_with_it_there_are(serve: Serve) -> None:
    server = serve(WebConfig(users=USERS))
    assert get(server, "/metrics")[0] == 401
    for wrong in ("prometheus:wrong", "nobody:päss:word", "prometheus", ""):
        assert get(server, "/metrics", base64.b64encode(wrong.encode()).decode())[0] == 401
    assert get(server, "/metrics", "no base64!")[0] == 401
    assert get(server, "/elsewhere")[0] == 401
    status, body = get(server, "/metrics", LOGIN)
    assert status == 200
    assert "sluicegate_events_consumed_total" in body


def test_health_needs_no_password_and_tells_its_reason_only_with_one(serve: Serve) -> None:
    server = serve(WebConfig(users=USERS))
    assert get(server, "/healthz") == (200, "alive\n")
    assert get(server, "/readyz") == (503, "not ready\n")
    assert get(server, "/readyz", LOGIN) == (503, "joining the group\n")


def test_a_right_password_is_hashed_once_and_a_wrong_one_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[bytes] = []
    plain = bcrypt.checkpw

    def check(password: bytes, hashed: bytes) -> bool:
        checked.append(hashed)
        return plain(password, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", check)
    auth = BasicAuth(USERS)
    wrong = base64.b64encode(b"nobody:x").decode()
    assert [auth.allows(f"Basic {LOGIN}") for _ in range(3)] == [True, True, True]
    assert [auth.allows(f"Basic {wrong}") for _ in range(2)] == [False, False]
    # Names that are not there are checked at the same cost as those that are.
    assert [hashed[:7] for hashed in checked] == 3 * [b"$2b$04$"]


def test_over_tls_only_those_are_answered_whose_certificate_is_asked_for(serve: Serve, authority: Authority) -> None:
    pair, client = authority.issue("worker", "127.0.0.1"), authority.issue("client")
    server = serve(with_tls(pair, client_ca_file=authority.trusted, client_auth=ssl.CERT_REQUIRED))
    context = ssl.create_default_context(cafile=str(authority.trusted))

    def answer() -> bytes:
        with contextlib.closing(context.wrap_socket(connect(server), server_hostname="127.0.0.1")) as secured:
            secured.sendall(GET % (b"/healthz", b"Connection: close\r\n"))
            return b"".join(iter(lambda: secured.recv(4096), b""))

    with pytest.raises(ssl.SSLError):
        answer()
    context.load_cert_chain(client.certificate, client.key)
    assert answer().startswith(b"HTTP/1.1 200")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert answer().startswith(b"HTTP/1.1 200")
    with connect(server) as plain, contextlib.suppress(ConnectionError):
        plain.sendall(GET % (b"/healthz", b""))
        assert b"HTTP" not in plain.recv(4096)


def test_a_certificate_that_was_renewed_is_served_without_a_restart(serve: Serve, authority: Authority) -> None:
    pair = authority.issue("worker", "127.0.0.1")
    server = serve(with_tls(pair))
    context = ssl.create_default_context(cafile=str(authority.trusted))

    def shown() -> bytes | None:
        with contextlib.closing(context.wrap_socket(connect(server), server_hostname="127.0.0.1")) as secured:
            return secured.getpeercert(binary_form=True)

    before = shown()
    authority.issue("worker", "127.0.0.1")
    os.utime(pair.certificate, (1, 1))
    after = shown()
    assert after != before
    pair.key.write_text("half written")
    assert shown() == after


def test_status_reads_a_worker_behind_a_password_and_tls(serve: Serve, authority: Authority) -> None:
    server = serve(with_tls(authority.issue("worker", "127.0.0.1"), users=USERS))
    login = {"metrics_username": "prometheus", "metrics_password": "päss:word"}
    settings = Settings.model_validate({"metrics_port": server.port, "metrics_ca": authority.trusted, **login})
    url = metrics_url(settings)
    assert url == f"https://127.0.0.1:{server.port}/metrics"
    assert read_worker(url, settings).ready is False
    with pytest.raises(WorkerUnavailable, match="refuses the login; set SLUICEGATE_METRICS_USERNAME"):
        read_worker(url, load_settings(metrics_ca=authority.trusted))
    with pytest.raises(WorkerUnavailable, match="certificate verify failed"):
        read_worker(url, load_settings(**login))
    with pytest.raises(WorkerUnavailable) as refused:
        read_worker(f"https://prometheus:secret@127.0.0.1:{server.port}/metrics")
    assert "secret" not in str(refused.value)
    with pytest.raises(WorkerUnavailable, match=r"something listens at http://.*; it may be to be asked by https://"):
        read_worker(url.replace("https", "http"), settings)
    with pytest.raises(WorkerUnavailable, match=r"what answers at .*/elsewhere has no metrics there \(404 Not Found\)"):
        read_worker(url.replace("/metrics", "/elsewhere"), settings)


def test_that_somebody_refuses_is_told_also_where_the_settings_alone_say_where_it_is(
    serve: Serve, authority: Authority, tmp_path: Path
) -> None:
    server = serve(with_tls(authority.issue("worker", "127.0.0.1"), users=USERS))
    port = {"metrics_port": server.port, "metrics_username": "prometheus"}
    login = {**port, "metrics_password": "päss:word"}
    own = read_own_worker(Settings.model_validate({**login, "metrics_ca": authority.trusted}))
    assert own is not None
    assert own.ready is False
    for others, told in (
        ({**port, "metrics_password": "wrong", "metrics_ca": authority.trusted}, "refuses the login"),
        (login, "something listens at http://"),
    ):
        with pytest.raises(WorkerUnavailable, match=told):
            read_own_worker(Settings.model_validate(others))
    with pytest.raises(SettingsError, match=r"SLUICEGATE_METRICS_CA: .*nofile: there is no such file; needed is a PEM"):
        read_own_worker(Settings.model_validate({**login, "metrics_ca": tmp_path / "nofile"}))


def test_that_an_address_serves_plain_http_is_told_where_https_was_asked_for(
    serve: Serve, authority: Authority
) -> None:
    port = serve(WebConfig()).port
    with pytest.raises(WorkerUnavailable, match=r"something listens at .*; it may be to be asked by http://"):
        read_own_worker(Settings.model_validate({"metrics_port": port, "metrics_ca": authority.trusted}))


def test_that_nobody_listens_is_told_of_an_address_that_was_named_alone() -> None:
    with socket.socket() as bound:
        # Nobody listens there, and nobody else can.
        bound.bind(("127.0.0.1", 0))
        settings = load_settings(metrics_port=bound.getsockname()[1])
        assert read_own_worker(settings) is None
        with pytest.raises(NobodyThere, match=r"no worker answers at .* \(Connection refused\); start one"):
            read_worker(f"http://127.0.0.1:{settings.metrics_port}/metrics")


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"BREW"])
def test_other_methods_are_refused(serve: Serve, method: bytes) -> None:
    answer = ask(serve(WebConfig()), (GET % (b"/metrics", b"Content-Length: 3\r\n")).replace(b"GET", method) + b"abc")
    assert answer.startswith("HTTP/1.1 405 Method Not Allowed\r\n")
    assert "\r\nAllow: GET, HEAD\r\n" in answer
    assert answer.count("HTTP/1.1") == 1


def test_no_answer_tells_what_the_server_is_made_of(serve: Serve) -> None:
    server = serve(WebConfig())
    for request in (
        GET % (b"/metrics", b""),
        GET % (b"/none", b""),
        b"POST / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
    ):
        head = ask(server, request).partition("\r\n\r\n")[0]
        assert "python" not in head.lower()
        assert "\r\nserver:" not in head.lower()


def test_what_follows_a_body_is_not_taken_for_a_request(serve: Serve) -> None:
    answer = ask(serve(WebConfig()), GET % (b"/healthz", b"Content-Length: 60\r\n") + GET % (b"/metrics", b""))
    assert answer.startswith("HTTP/1.1 400")
    assert answer.count("HTTP/1.1") == 1


@pytest.mark.parametrize(
    "head", [GET % (b"/" + b"x" * 20_000, b""), GET % (b"/metrics", b"A: " + b"x" * 20_000), b"x" * 20_000]
)
def test_a_request_that_is_too_large_is_not_answered_with_anything(serve: Serve, head: bytes) -> None:
    server = serve(WebConfig())
    try:
        answer = ask(server, head)
    except ConnectionError:
        answer = ""
    assert "sluicegate_" not in answer
    assert not answer.startswith("HTTP/1.1 200")
    assert get(server, "/healthz")[0] == 200


def test_clients_that_never_finish_a_request_keep_nobody_out_and_take_no_more_threads(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_connections, "_MOST_CONNECTIONS", 8)
    server = serve(WebConfig())
    before = threading.active_count()
    slow = [connect(server) for _ in range(40)]
    try:
        for each in slow:
            each.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
        assert get(server, "/metrics")[0] == 200
        end = time.monotonic() + 20
        while threading.active_count() > before + 8 and time.monotonic() < end:
            time.sleep(0.02)
        assert threading.active_count() <= before + 8
    finally:
        for each in slow:
            each.close()


def test_a_client_that_sends_a_request_byte_by_byte_is_cut_off_in_the_end(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_connections, "_REQUEST_SECONDS", 0.5)
    with connect(serve(WebConfig())) as connection:
        connection.settimeout(0.05)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                connection.sendall(b"x")
                if connection.recv(1) == b"":
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
    pytest.fail("it may go on for ever")


def test_addresses_of_this_machine_alone_are_known() -> None:
    assert [is_loopback(each) for each in ("127.0.0.1", "127.8.0.1", "::1", "localhost")] == 4 * [True]
    assert [is_loopback(each) for each in ("0.0.0.0", "::", "10.0.0.7", "worker.example")] == 4 * [False]
