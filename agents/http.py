"""Metrics and health over HTTP, from a thread of their own: they answer also when the worker's loop does not."""

import logging
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any, Final

from prometheus_client.exposition import CONTENT_TYPE_LATEST

from sluicegate.agents.health import Health
from sluicegate.agents.metrics import Metrics

__all__ = ["MetricsServer"]

_TEXT: Final = "text/plain; charset=utf-8"
_PATHS: Final = "/metrics, /healthz and /readyz"
_LOG: Final = logging.getLogger("sluicegate.http")

#: Seconds that a connection may be silent.
_SILENT_SECONDS: Final = 30.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        self.address_family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        super().__init__((host, port), handler)

    def server_bind(self) -> None:
        """Bind, without asking a name server for the host's name."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the interface
        """Log what is wrong here, and nothing of clients that went away."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            _LOG.exception("a request for metrics or health failed")


class MetricsServer:
    """Serves ``/metrics``, ``/healthz`` and ``/readyz``.

    Parameters
    ----------
    metrics, health
        What is served.
    host, port
        Where; port 0 for any.

    Raises
    ------
    OSError
        Where the address cannot be had.
    """

    def __init__(self, metrics: Metrics, health: Health, host: str, port: int) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = _SILENT_SECONDS

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                trouble = health.trouble(monotonic())
                if path == "/metrics":
                    self._answer(200, metrics.exposition(), CONTENT_TYPE_LATEST)
                elif path == "/healthz":
                    self._answer(503 if trouble else 200, f"{trouble or 'alive'}\n".encode(), _TEXT)
                elif path == "/readyz":
                    ready = health.ready and not trouble
                    said = "ready" if ready else trouble or health.readiness
                    self._answer(200 if ready else 503, f"{said}\n".encode(), _TEXT)
                else:
                    self._answer(404, f"there are {_PATHS}\n".encode(), _TEXT)

            do_HEAD = do_GET  # noqa: N815 - the name that http.server looks up

            def _answer(self, status: int, body: bytes, content_type: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Log no requests."""

        self._server = _Server(host, port, Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    @property
    def port(self) -> int:
        """The port that is served."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Serve."""
        self._thread.start()

    def stop(self) -> None:
        """Serve no longer."""
        self._server.shutdown()
        self._server.server_close()
