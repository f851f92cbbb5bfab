"""How to reach the brokers: the arguments of a connection, the admin client, and asking them as soon as one answers.

Nothing here writes a password into a log or an error.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from sluicegate.agents.certificates import ssl_context
from sluicegate.agents.contact import BrokerUnavailable, LoginRefused, SecurityFault, require_contact
from sluicegate.agents.settings import Settings

__all__ = [
    "BrokerUnavailable",
    "LoginRefused",
    "SecurityFault",
    "admin_client",
    "ask_brokers",
    "client_arguments",
]

T = TypeVar("T")

_log = logging.getLogger(__name__)

_ATTEMPT_SECONDS: Final = 5.0
_REQUEST_MS: Final = 30_000
#: The logger of kafka-python's loop.
_SELECTOR: Final = "kafka.net.selector"
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_STOP_CHECK: Final = 0.1


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
        arguments["ssl_context"] = ssl_context(settings)
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
        If no broker answers in time; as `SecurityFault` if TLS, a certificate or the login does not fit.
    SettingsError
        As `client_arguments`.
    """
    arguments = client_arguments(settings)
    # It warns of every tenth of a second that its own thread was busy, as while TLS is set up or a machine is.
    logging.getLogger(_SELECTOR).setLevel(logging.ERROR)
    # The clients retry by themselves, log every attempt, and wait without end for a TLS handshake that does not come
    # about: they are not asked before a connection stands.
    require_contact(settings, arguments)
    try:
        return _AdminClient(
            client_id="sluicegate-admin",
            bootstrap_timeout_ms=int(timeout * 1000),
            request_timeout_ms=_REQUEST_MS,
            **arguments,
        )
    except KafkaError as error:
        raise BrokerUnavailable(_no_answer(settings)) from error


def ask_brokers(settings: Settings, ask: Callable[[KafkaAdminClient], T], stopped: Callable[[], bool]) -> T | None:
    """Ask the brokers something as soon as one answers, with back-off; one log line at each change of state.

    Brokers that go, or are too slow, while they are asked are waited for in the same way.

    Parameters
    ----------
    settings
        Where the brokers are, and how long to wait (``broker_wait``).
    ask
        Given a connected client, asks; called again where brokers could not answer it.
    stopped
        Asked several times a second, and seldom not for some seconds while a broker is slow to answer.

    Returns
    -------
    object or None
        What was answered; None when `stopped` said so before.

    Raises
    ------
    BrokerUnavailable
        If none answered in ``broker_wait`` seconds, or at once, as `SecurityFault`, where trying again does not help.
    SettingsError
        As `client_arguments`.
    """
    end = time.monotonic() + settings.broker_wait
    pause, waiting = _FIRST_PAUSE, False
    while not stopped():
        try:
            answer = _ask(settings, ask)
        except SecurityFault:
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
            return answer
    return None


def _ask(settings: Settings, ask: Callable[[KafkaAdminClient], T]) -> T:
    with admin_client(settings) as admin:
        try:
            return ask(admin)
        except KafkaError as error:
            if not error.retriable:
                raise
            raise BrokerUnavailable(
                f"the brokers at {_listed(settings)} take a connection and do not answer on it "
                f"({type(error).__name__}); see whether they are well"
            ) from error


def _sleep(seconds: float, stopped: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not stopped():
        time.sleep(min(left, _STOP_CHECK))


def _listed(settings: Settings) -> str:
    return ", ".join(settings.brokers)


def _no_answer(settings: Settings) -> str:
    return (
        f"no Kafka broker can be used at {_listed(settings)} (it listens and does not answer in Kafka's protocol; it "
        "may want another SLUICEGATE_SECURITY_PROTOCOL); start one, or set SLUICEGATE_BROKERS"
    )
