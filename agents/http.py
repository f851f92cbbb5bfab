"""Metrics and health over HTTP, from a thread of their own: they answer also when the worker's loop does not."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Final

from prometheus_client.exposition import CONTENT_TYPE_LATEST

from sluicegate.agents.health import Health
from sluicegate.agents.metrics import Metrics

__all__ = ["MetricsServer"]

_TEXT: Final = "text/plain; charset=utf-8"
_PATHS: Final = "/metrics, /healthz and /readyz"


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

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True
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
