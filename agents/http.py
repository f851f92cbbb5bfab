"""Metrics and health over HTTP, from a thread of their own: they answer also when the worker's loop does not."""

import ipaddress
import threading
from time import monotonic
from typing import Final

from prometheus_client.exposition import CONTENT_TYPE_LATEST

from sluicegate.agents.basic_auth import BasicAuth, BusyError
from sluicegate.agents.health import Health
from sluicegate.agents.http_connections import BoundedHandler, BoundedServer
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.web_config import WebConfig

__all__ = ["MetricsServer", "is_loopback"]

_TEXT: Final = "text/plain; charset=utf-8"
_PATHS: Final = "/metrics, /healthz and /readyz"
_EVERYBODY: Final = WebConfig()


class MetricsServer:
    """Serves ``/metrics``, ``/healthz`` and ``/readyz``.

    Where passwords are asked for, health is told to everybody in one word, and why it is so to those who log in only.

    Parameters
    ----------
    metrics, health
        What is served.
    host, port
        Where; port 0 for any.
    config
        What clients must have.

    Raises
    ------
    OSError
        Where the address cannot be had.
    WebConfigError
        Where a file of TLS cannot be used.
    """

    def __init__(self, metrics: Metrics, health: Health, host: str, port: int, config: WebConfig = _EVERYBODY) -> None:
        auth = BasicAuth(config.users) if config.users else None

        class Handler(BoundedHandler):
            def do_GET(self) -> None:  # noqa: N802 - the name that http.server looks up
                path = self.path.partition("?")[0]
                try:
                    allowed = auth is None or auth.allows(self.headers.get("Authorization"))
                except BusyError:
                    self.close_connection = True
                    self.answer(503, b"too many passwords are being checked; try again\n", _TEXT, Retry_After="5")
                    return
                if path in ("/healthz", "/readyz"):
                    self._answer_health(path, told=allowed)
                elif not allowed:
                    # Connections of those who have no business here are not kept.
                    self.close_connection = True
                    challenge = 'Basic realm="sluicegate", charset="UTF-8"'
                    self.answer(401, b"log in\n", _TEXT, WWW_Authenticate=challenge)
                elif path == "/metrics":
                    self.answer(200, metrics.exposition(), CONTENT_TYPE_LATEST)
                else:
                    self.answer(404, f"there are {_PATHS}\n".encode(), _TEXT)

            do_HEAD = do_GET  # noqa: N815 - the name that http.server looks up

            def _answer_health(self, path: str, *, told: bool) -> None:
                trouble = health.trouble(monotonic())
                well = not trouble
                said = trouble or "alive"
                if path == "/readyz":
                    well = health.ready and well
                    said = "ready" if well else trouble or health.readiness
                if not told and not well:
                    said = "unwell" if path == "/healthz" else "not ready"
                self.answer(200 if well else 503, f"{said}\n".encode(), _TEXT)

        self._server = BoundedServer(host, port, Handler, config)
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


def is_loopback(host: str) -> bool:
    """Say whether an address is reached from its own machine only."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"
