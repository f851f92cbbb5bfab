"""How to reach the brokers: the arguments of a connection, the admin client, and waiting until one answers.

Nothing here writes a password into a log or an error.
"""

import logging
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from kafka.admin import KafkaAdminClient
from kafka.errors import (
    AuthorizationError,
    KafkaError,
    SaslAuthenticationFailedError,
    UnsupportedSaslMechanismError,
)

from sluicegate.agents.settings import Settings, SettingsError

__all__ = ["BrokerUnavailable", "LoginRefused", "admin_client", "client_arguments", "wait_for_broker"]

_log = logging.getLogger(__name__)

_ATTEMPT_SECONDS: Final = 5.0
_CONNECT_SECONDS: Final = 2.0
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_STOP_CHECK: Final = 0.1
_LOGIN_REFUSED: Final = (SaslAuthenticationFailedError, UnsupportedSaslMechanismError, AuthorizationError)
# The part of kafka-python that tells of each failed attempt to connect.
_CONNECTION_LOG: Final = "kafka.net.manager"


class BrokerUnavailable(Exception):
    """No broker could be used; the text says which were tried, why they failed, and what to do."""


class LoginRefused(BrokerUnavailable):
    """The brokers answer and refuse the login: trying again does not help."""


class _Hidden(str):
    """A password that stays out of sight where a client logs its whole configuration."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'**********'"


class _AdminClient(KafkaAdminClient):  # type: ignore[misc]  # kafka-python is not typed
    """An admin client that leaves no thread behind when it cannot connect."""

    def __init__(self, **configs: Any) -> None:
        # The base says so only once it is connected, and does not close what it believes closed.
        self._closed = False
        try:
            super().__init__(**configs)
        except BaseException:
            self.close()
            raise


class _LoginWatch(logging.Filter):
    """Sees refused logins: the admin client goes on trying, tells them to its log only, and ends with a timeout."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = False

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            self.refused |= any(isinstance(each, _LOGIN_REFUSED) for each in record.args)
        return True


def client_arguments(settings: Settings) -> dict[str, Any]:
    """Give the arguments of a connection, the same for aiokafka's clients and kafka-python's.

    Parameters
    ----------
    settings
        Where the brokers are and how to talk to them.

    Raises
    ------
    SettingsError
        If a file of certificates or of a key cannot be used.
    """
    arguments: dict[str, Any] = {
        "bootstrap_servers": list(settings.brokers),
        "security_protocol": settings.security_protocol,
    }
    if settings.security_protocol.endswith("SSL"):
        arguments["ssl_context"] = _ssl_context(settings)
    if settings.security_protocol.startswith("SASL") and settings.sasl_password is not None:
        arguments["sasl_mechanism"] = settings.sasl_mechanism
        arguments["sasl_plain_username"] = settings.sasl_username
        arguments["sasl_plain_password"] = _Hidden(settings.sasl_password.get_secret_value())
    return arguments


def admin_client(settings: Settings, *, timeout: float = _ATTEMPT_SECONDS) -> KafkaAdminClient:
    """Connect an admin client.

    Parameters
    ----------
    settings
        Where the brokers are and how to talk to them.
    timeout
        Seconds until the connection must stand.

    Returns
    -------
    KafkaAdminClient
        Connected; for the caller to close.

    Raises
    ------
    BrokerUnavailable
        If no broker answers in time; as `LoginRefused` if the login is refused.
    SettingsError
        As `client_arguments`.
    """
    arguments = client_arguments(settings)
    reason = _unreachable(settings, arguments.get("ssl_context"))
    if reason is not None:
        raise BrokerUnavailable(_no_broker(settings, reason))
    watch = _LoginWatch()
    log = logging.getLogger(_CONNECTION_LOG)
    log.addFilter(watch)
    try:
        return _AdminClient(
            client_id="sluicegate-admin",
            bootstrap_timeout_ms=int(timeout * 1000),
            request_timeout_ms=30_000,
            **arguments,
        )
    except KafkaError as error:
        if watch.refused or isinstance(error, _LOGIN_REFUSED):
            raise LoginRefused(_refused(settings)) from error
        raise BrokerUnavailable(_no_broker(settings, _no_answer(settings))) from error
    finally:
        log.removeFilter(watch)


def wait_for_broker(settings: Settings, stopped: Callable[[], bool]) -> bool:
    """Wait until a broker answers, with back-off; one log line at each change of state.

    Parameters
    ----------
    settings
        Where the brokers are, and how long to wait (``broker_wait``).
    stopped
        Asked several times a second, and seldom not for some seconds while a broker is slow to answer.

    Returns
    -------
    bool
        True when a broker answered, False when `stopped` said so before.

    Raises
    ------
    BrokerUnavailable
        If none answered in ``broker_wait`` seconds, or at once if the login is refused.
    SettingsError
        As `client_arguments`.
    """
    end = time.monotonic() + settings.broker_wait
    pause, waiting = _FIRST_PAUSE, False
    while not stopped():
        try:
            admin_client(settings).close()
        except LoginRefused:
            raise
        except BrokerUnavailable as error:
            now = time.monotonic()
            if now >= end:
                raise
            if not waiting:
                _log.warning("%s; trying again for up to %g s", error, settings.broker_wait)
                waiting = True
            _sleep(min(pause, end - now), stopped)
            pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            if waiting:
                _log.info("a broker answers at %s", _listed(settings))
            return True
    return False


def _sleep(seconds: float, stopped: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not stopped():
        time.sleep(min(left, _STOP_CHECK))


def _unreachable(settings: Settings, tls: ssl.SSLContext | None) -> str | None:
    """Say why no broker accepts a connection; None as soon as one does.

    The clients retry by themselves, log every attempt, and wait without end for a TLS handshake that does not
    come about: they are not asked before a connection stands.
    """
    reasons = []
    for broker in settings.brokers:
        host, _, port = broker.rpartition(":")
        host = host.strip("[]")
        try:
            with socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS) as connection:
                if tls is not None:
                    tls.wrap_socket(connection, server_hostname=host).close()
        except ssl.SSLCertVerificationError as error:
            reasons.append(f"its certificate is not trusted: {error.verify_message}; check SLUICEGATE_SSL_CA")
        except ssl.SSLError as error:
            told = (error.reason or str(error)).lower().replace("_", " ")
            reasons.append(f"no TLS connection: {told}; check SLUICEGATE_SECURITY_PROTOCOL")
        except TimeoutError:
            reasons.append("no answer in time")
        except OSError as error:
            reasons.append((error.strerror or str(error)).lower())
        else:
            return None
    return ", ".join(dict.fromkeys(reasons))


def _ssl_context(settings: Settings) -> ssl.SSLContext:
    faults = []
    context = ssl.create_default_context()
    if settings.ssl_ca is not None:
        try:
            context = ssl.create_default_context(cafile=str(settings.ssl_ca))
        except (OSError, ssl.SSLError) as error:
            faults.append(_unusable("SSL_CA", settings.ssl_ca, error, "a PEM file of certificates"))
    if settings.ssl_certificate is not None and settings.ssl_key is not None:
        try:
            # Without a password given OpenSSL would ask for one on the terminal.
            context.load_cert_chain(settings.ssl_certificate, settings.ssl_key, password="")
        except (OSError, ssl.SSLError) as error:
            paths = {"SSL_CERTIFICATE": settings.ssl_certificate, "SSL_KEY": settings.ssl_key}
            absent = {name: path for name, path in paths.items() if not path.is_file()}
            faults += [
                _unusable(name, path, error, "a PEM certificate and its key, not encrypted")
                for name, path in (absent or paths).items()
            ]
    if faults:
        raise SettingsError("\n".join(faults))
    return context


def _unusable(name: str, path: Path, error: OSError, wanted: str) -> str:
    if not path.is_file():
        reason = "there is no such file"
    elif isinstance(error, ssl.SSLError):
        reason = "cannot be used"
    else:
        reason = (error.strerror or str(error)).lower()
    return f"SLUICEGATE_{name}: {path}: {reason}; needed is {wanted}"


def _listed(settings: Settings) -> str:
    return ", ".join(settings.brokers)


def _no_broker(settings: Settings, reason: str) -> str:
    return f"no Kafka broker can be used at {_listed(settings)} ({reason}); start one, or set SLUICEGATE_BROKERS"


def _no_answer(settings: Settings) -> str:
    if settings.security_protocol == "PLAINTEXT":
        return "it listens and does not answer in Kafka's protocol; it may want SLUICEGATE_SECURITY_PROTOCOL"
    return "it listens, and no connection comes about; check SLUICEGATE_SECURITY_PROTOCOL and the certificates"


def _refused(settings: Settings) -> str:
    return (
        f"the Kafka brokers at {_listed(settings)} refuse the login of {settings.sasl_username}; "
        "check SLUICEGATE_SASL_USERNAME, _SASL_PASSWORD and _SASL_MECHANISM"
    )
