"""Connections of the HTTP server: few, short and bounded, so that slow or many clients keep nobody else out."""

import logging
import socket
import ssl
import sys
import threading
from http.client import LineTooLong
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from pathlib import Path
from time import monotonic
from typing import Any, Final, NamedTuple, cast

from sluicegate.agents.web_config import WebConfig, WebConfigError

__all__ = ["BoundedHandler", "BoundedServer"]

_LOG: Final = logging.getLogger("sluicegate.http")

#: Connections at the most. One more takes the place of that which has waited longest for its request to be sent; where
#: all are answered, of that which has been longest: it does not read what it asked for.
_MOST_CONNECTIONS: Final = 64
#: Seconds that a connection may be silent, take to send one request, or to read its answer.
_REQUEST_SECONDS: Final = 30.0
_HANDSHAKE_SECONDS: Final = 10.0
#: Bytes of a request with all its headers at the most.
_HEAD_BYTES: Final = 16 * 1024
_TEXT: Final = "text/plain; charset=utf-8"


class _Connection(NamedTuple):
    """A connection, whether its request has come and is answered, and since when; the others go first."""

    socket: socket.socket
    is_answered: bool
    since: float


class BoundedServer(ThreadingHTTPServer):
    """A thread for each connection, of which there are not many, and none waits for long.

    Parameters
    ----------
    host, port
        Where; port 0 for any.
    handler
        Answers.
    config
        Whether TLS is spoken.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, handler: type["BoundedHandler"], config: WebConfig) -> None:
        self.address_family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        self._config = config
        self._tls = config.context()
        self._files_at = self._changed_at()
        self._open: dict[int, _Connection] = {}
        self._lock = threading.Lock()
        super().__init__((host, port), handler)

    def server_bind(self) -> None:
        """Bind, without asking a name server for the host's name."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection; where there are too many, in place of another."""
        with self._lock:
            if len(self._open) >= _MOST_CONNECTIONS:
                longest = min(self._open, key=lambda key: self._open[key][1:])
                _hang_up(self._open.pop(longest).socket)
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        """End connections that take too long for one request, however busily they send it, or for its answer."""
        latest = monotonic() - _REQUEST_SECONDS
        with self._lock:
            for connection in self._open.values():
                if connection.since < latest:
                    _hang_up(connection.socket)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Answer on a connection, in its own thread."""
        self.awaiting(request)
        if self._tls is None:
            try:
                super().finish_request(request, client_address)
            finally:
                self._forget(request)
            return
        self._renew()
        number = request.fileno()
        request.settimeout(_HANDSHAKE_SECONDS)
        with self._tls.wrap_socket(request, server_side=True, do_handshake_on_connect=False) as secured:
            self.awaiting(secured)
            try:
                secured.do_handshake()
                super().finish_request(cast(Any, secured), client_address)
            finally:
                with self._lock:
                    self._open.pop(number, None)

    def awaiting(self, connection: socket.socket) -> None:
        """Note that a request is awaited on a connection."""
        with self._lock:
            self._open[connection.fileno()] = _Connection(connection, False, monotonic())

    def answering(self, connection: socket.socket) -> None:
        """Note that a request has come and is answered."""
        with self._lock:
            self._open[connection.fileno()] = _Connection(connection, True, monotonic())

    def _forget(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.pop(connection.fileno(), None)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the interface
        """Log what is wrong here, and nothing of clients that went away or speak another protocol."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError | ssl.SSLError):
            _LOG.exception("a request for metrics or health failed")

    def _changed_at(self) -> list[float]:
        files = (self._config.cert_file, self._config.key_file, self._config.client_ca_file)
        return [path.stat().st_mtime for path in files if isinstance(path, Path) and path.exists()]

    def _renew(self) -> None:
        """Serve with certificates that have been renewed since; where they cannot be used, with those before."""
        if (found := self._changed_at()) != self._files_at:
            self._files_at = found
            try:
                self._tls = self._config.context() or self._tls
            except WebConfigError as error:
                _LOG.warning("%s; serving with those before", error)


class BoundedHandler(BaseHTTPRequestHandler):
    """Answers GET and HEAD, without a word about what it is made of."""

    protocol_version = "HTTP/1.1"
    timeout = _REQUEST_SECONDS
    server: BoundedServer

    def setup(self) -> None:
        """Bound what is read."""
        super().setup()
        self.rfile = self._head = _Head(self.rfile)

    def handle_one_request(self) -> None:
        """Answer one request."""
        self._head.begin()
        self.server.awaiting(self.connection)
        try:
            super().handle_one_request()
        except LineTooLong:
            self.close_connection = True

    def parse_request(self) -> bool:
        """Read a request's head; one with a body is refused, since nothing here takes any."""
        if not super().parse_request():
            return False
        self.server.answering(self.connection)
        if self.headers.get("Content-Length", "0").strip() != "0" or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            if self.command in ("GET", "HEAD"):
                self.answer(400, b"a request has no body here\n", _TEXT)
                return False
        return True

    def answer(self, status: int, body: bytes, content_type: str, **headers: str) -> None:
        """Send an answer; an underscore in a header's name stands for a hyphen."""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin an answer without naming the server."""
        self.send_response_only(code, message)
        self.send_header("Date", self.date_time_string())

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Refuse in a few words of plain text, and end the connection."""
        self.close_connection = True
        if code == 501:
            self.answer(405, b"only GET and HEAD are answered\n", _TEXT, Allow="GET, HEAD")
        else:
            self.answer(code, b"this is no request that is answered\n", _TEXT)

    def log_message(self, *_: object) -> None:
        """Log no requests."""


class _Head(BufferedIOBase):
    """What a client sends, of which one request may not have more than a certain size."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._left = _HEAD_BYTES

    def begin(self) -> None:
        self._left = _HEAD_BYTES

    def readline(self, size: int | None = -1, /) -> bytes:
        most = self._left + 1
        line = bytes(self._stream.readline(most if size is None or size < 0 else min(size, most)))
        self._left -= len(line)
        if self._left < 0:
            raise LineTooLong("head of a request")
        return line

    def close(self) -> None:
        self._stream.close()
        super().close()


def _hang_up(connection: socket.socket) -> None:
    try:
        # Of TLS as well the socket below: its thread is within, and must not find that there is no TLS any more.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        # It has gone by itself.
        return
