"""What one worker says of itself on its address of metrics and health."""

import base64
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

from prometheus_client.parser import text_string_to_metric_families

from sluicegate.agents.certificates import unusable_file
from sluicegate.agents.settings import Settings, SettingsError

__all__ = [
    "NobodyThere",
    "WorkerStatus",
    "WorkerUnavailable",
    "metrics_url",
    "parse_books",
    "read_own_worker",
    "read_worker",
]

_TIMEOUT: Final = 2.0
_BOOKS: Final = {
    "sluicegate_events_consumed_total": "consumed",
    "sluicegate_events_decided_total": "decided",
    "sluicegate_events_dead_lettered_total": "dead_lettered",
    "sluicegate_events_in_flight": "in_flight",
}


class WorkerUnavailable(Exception):
    """A worker's metrics could not be read; the text says where and why."""


class NobodyThere(WorkerUnavailable):
    """Nothing takes a connection where a worker's metrics should be."""


@dataclass(frozen=True)
class WorkerStatus:
    """A worker's readiness and books.

    Parameters
    ----------
    url
        Where its metrics are.
    ready
        Whether ``/readyz`` says so.
    consumed, decided, dead_lettered, in_flight
        Events since its start; consumed is the sum of the other three while nothing moves.
    """

    url: str
    ready: bool
    consumed: int
    decided: int
    dead_lettered: int
    in_flight: int


def metrics_url(settings: Settings) -> str | None:
    """Give the address of a worker with these settings on this machine; None if its port is any."""
    if settings.metrics_port == 0:
        return None
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.metrics_host, settings.metrics_host)  # noqa: S104
    scheme = "https" if settings.metrics_ca is not None else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.metrics_port}/metrics"


def read_worker(url: str, settings: Settings | None = None) -> WorkerStatus:
    """Ask a worker.

    Parameters
    ----------
    url
        Of its metrics, ``http`` or ``https``; its readiness stands beside them.
    settings
        With which user and password to log in, and which certificates to trust; without them neither.

    Raises
    ------
    WorkerUnavailable
        If it does not answer, or with something else than a worker's metrics; as `NobodyThere` if nothing listens.
    SettingsError
        If the file of the certificates to trust cannot be used.
    """
    if "@" in url.partition("//")[2].partition("/")[0]:
        # Not repeated: the address may hold a password.
        raise WorkerUnavailable(
            "the address of metrics names a user; set SLUICEGATE_METRICS_USERNAME and _METRICS_PASSWORD instead"
        )
    if not _is_address(url):
        raise WorkerUnavailable(f"{url} is no address of metrics; give one as in http://127.0.0.1:9464/metrics")
    try:
        ask = _asker(settings)
        _, text = ask(url)
        ready, _ = ask(urljoin(url, "readyz"))
        books = parse_books(text)
    except (OSError, HTTPException) as error:
        raise _unavailable(url, error) from error
    except ValueError as error:
        raise WorkerUnavailable(f"{url} does not give a worker's metrics ({error}); set --metrics-url") from error
    return WorkerStatus(url=url, ready=ready == 200, **books)


def read_own_worker(settings: Settings) -> WorkerStatus | None:
    """Ask the worker with these settings on this machine; None where there is none.

    Raises
    ------
    WorkerUnavailable
        If somebody is there, and refuses or is no worker.
    SettingsError
        As `read_worker`.
    """
    url = metrics_url(settings)
    try:
        return None if url is None else read_worker(url, settings)
    except NobodyThere:
        return None


def parse_books(text: str) -> dict[str, int]:
    """Read the four counts of the books from metrics in Prometheus' text format.

    Raises
    ------
    ValueError
        If it is none, or one of the counts is not there.
    """
    books: dict[str, int] = {}
    present = set()
    for family in text_string_to_metric_families(text):
        for name in (family.name, f"{family.name}_total"):
            if name in _BOOKS:
                present.add(_BOOKS[name])
        for sample in family.samples:
            if sample.name in _BOOKS:
                count = _BOOKS[sample.name]
                books[count] = books.get(count, 0) + int(sample.value)
    missing = [name for name, count in _BOOKS.items() if count not in present]
    if missing:
        raise ValueError(f"{', '.join(missing)} not among them")
    return {count: books.get(count, 0) for count in _BOOKS.values()}


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none, or half a pair of brackets
        return False


def _unavailable(url: str, error: OSError | HTTPException) -> WorkerUnavailable:
    """Tell what keeps a worker's metrics from being read: nobody, or somebody who refuses or is something else."""
    if isinstance(error, HTTPError):
        if error.code == 401:
            return WorkerUnavailable(
                f"the worker at {url} refuses the login; set SLUICEGATE_METRICS_USERNAME and _METRICS_PASSWORD"
            )
        told = f"{error.code} {error.reason}".strip()
        return WorkerUnavailable(
            f"what answers at {url} has no metrics there ({told}); let --metrics-url end in /metrics"
        )
    fault = error.reason if isinstance(error, URLError) else error
    told = getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
    if isinstance(fault, ssl.SSLCertVerificationError):
        return WorkerUnavailable(
            f"the certificate of what answers at {url} cannot be trusted ({told}); name those that can be with "
            "SLUICEGATE_METRICS_CA"
        )
    if not _is_taken(url):
        return NobodyThere(f"no worker answers at {url} ({told}); start one, or let --metrics-url say where it is")
    encrypted = urlsplit(url).scheme == "https"
    other = "http:// (SLUICEGATE_METRICS_CA unset)" if encrypted else "https:// (SLUICEGATE_METRICS_CA set)"
    return WorkerUnavailable(
        f"something listens at {url} and does not answer as a worker does ({told}); it may be to be asked by {other}"
    )


def _is_taken(url: str) -> bool:
    """Say whether something takes connections at an address."""
    parts = urlsplit(url)
    try:
        place = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        with socket.create_connection(place, timeout=_TIMEOUT):
            return True
    except OSError:
        return False


def _asker(settings: Settings | None) -> Callable[[str], tuple[int, str]]:
    trusted = settings.metrics_ca if settings is not None else None
    try:
        tls = ssl.create_default_context(cafile=None if trusted is None else str(trusted))
    except OSError as error:
        if trusted is None:
            raise
        raise SettingsError(unusable_file("METRICS_CA", trusted, error, "a PEM file of certificates")) from error
    login = None
    if settings is not None and settings.metrics_username is not None and settings.metrics_password is not None:
        given = f"{settings.metrics_username}:{settings.metrics_password.get_secret_value()}"
        login = "Basic " + base64.b64encode(given.encode()).decode()

    def ask(url: str) -> tuple[int, str]:
        request = Request(url)  # noqa: S310 - the scheme was looked at
        if login is not None:
            # Not for whomever the answer may refer to.
            request.add_unredirected_header("Authorization", login)
        try:
            with urlopen(request, timeout=_TIMEOUT, context=tls) as answer:  # noqa: S310
                return answer.status, answer.read().decode("utf-8", errors="replace")
        except HTTPError as error:
            with error:
                if error.code != 503:
                    raise
                return error.code, ""

    return ask
