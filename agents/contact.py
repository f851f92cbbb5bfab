"""A first contact with the brokers, as the stream's own client makes it: whether one can be used, and if not, why.

The clients themselves retry whatever failed, and tell the reason to their logs only.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from aiokafka import errors
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.admin import SaslHandShakeRequest
from aiokafka.protocol.metadata import MetadataRequest

from sluicegate.agents.settings import Settings

__all__ = ["BrokerUnavailable", "LoginRefused", "SecurityFault", "find_fault", "require_contact"]

_CONNECT_SECONDS: Final = 2.0
_ANSWER_SECONDS: Final = 5.0
_NO_ERROR: Final = 0
_UNSUPPORTED_MECHANISM: Final = 33

#: OpenSSL's names of what a peer says of a certificate that it did not get, or does not take.
_CERTIFICATE_ALERTS: Final = (
    "BAD_CERTIFICATE",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_REQUIRED",
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_UNKNOWN",
    "HANDSHAKE_FAILURE",
    "UNKNOWN_CA",
    "UNSUPPORTED_CERTIFICATE",
)
#: OpenSSL's numbers of what is wrong with a certificate.
_EXPIRED, _NOT_YET_VALID, _OTHER_HOST, _OTHER_ADDRESS = 10, 9, 62, 64


class BrokerUnavailable(Exception):
    """No broker could be used; the text says which were tried, why they failed, and what to do."""


class SecurityFault(BrokerUnavailable):
    """The brokers answer, and TLS, a certificate or the login does not fit: trying again does not help."""


class LoginRefused(SecurityFault):
    """The brokers refuse the login."""


class _Failure(Exception):
    """Why one broker cannot be used now."""


def require_contact(settings: Settings, arguments: Mapping[str, Any]) -> None:
    """Return if a broker can be used; must not be called where an event loop runs.

    Parameters
    ----------
    settings
        Where the brokers are and how to talk to them.
    arguments
        How a client connects.

    Raises
    ------
    BrokerUnavailable
        If none can; as `SecurityFault` where trying again does not help.
    """
    failures: list[str] = []
    fault: SecurityFault | None = None
    for broker in settings.brokers:
        host, _, port = broker.rpartition(":")
        try:
            _reach(host.strip("[]"), int(port))
            asyncio.run(_Contact(settings, arguments, broker).make())
        except SecurityFault as refused:
            fault = fault or refused
        except _Failure as failed:
            failures.append(str(failed))
        else:
            return
    if fault is not None:
        raise fault
    raise BrokerUnavailable(
        f"no Kafka broker can be used at {', '.join(settings.brokers)} ({', '.join(dict.fromkeys(failures))}); "
        "start one, or set SLUICEGATE_BROKERS"
    )


async def find_fault(settings: Settings, arguments: Mapping[str, Any]) -> SecurityFault | None:
    """Say, from within an event loop, why it would not help to try again; None where it may, or a broker can be used.

    Parameters
    ----------
    settings, arguments
        As in `require_contact`.
    """
    try:
        await asyncio.to_thread(require_contact, settings, arguments)
    except SecurityFault as fault:
        return fault
    except BrokerUnavailable:
        pass
    return None


def _reach(host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), timeout=_CONNECT_SECONDS).close()
    except TimeoutError:
        raise _Failure("no answer in time") from None
    except OSError as error:
        raise _Failure((error.strerror or str(error)).lower()) from error


class _Contact:
    """One broker: connect, log in, and ask it something."""

    def __init__(self, settings: Settings, arguments: Mapping[str, Any], broker: str) -> None:
        self._settings = settings
        host, _, port = broker.rpartition(":")
        self._host, self._port = host.strip("[]"), int(port)
        self._where = f"the Kafka broker at {broker}"
        self._arguments = {name: value for name, value in arguments.items() if name != "bootstrap_servers"}
        self._protocol = settings.security_protocol

    async def make(self) -> None:
        """Return once the broker has answered.

        Raises
        ------
        SecurityFault, _Failure
            Where it does not.
        """
        try:
            async with self._connected(**self._arguments) as connection:
                await connection.send(MetadataRequest([]))
        except TimeoutError:
            if self._protocol.endswith("SSL"):
                raise _Failure("no answer in time") from None
            # Whether that is a broker the client itself finds out.
        except errors.UnsupportedSaslMechanismError:
            raise self._other_mechanism(await self._mechanisms()) from None
        except errors.IllegalSaslStateError:
            raise self._fault("wants no login", f"set SLUICEGATE_SECURITY_PROTOCOL={self._without_login}") from None
        except (errors.SaslAuthenticationFailed, errors.AuthenticationFailedError):
            raise self._login_refused() from None
        except ssl.SSLError as error:
            raise await self._tls_failed(error) from error
        except (errors.KafkaError, OSError) as error:
            raise await self._hung_up(error) from error

    @contextlib.asynccontextmanager
    async def _connected(self, **arguments: Any) -> AsyncIterator[AIOKafkaConnection]:
        timeout = int(_ANSWER_SECONDS * 1000)
        connection = AIOKafkaConnection(
            self._host, self._port, client_id="sluicegate", request_timeout_ms=timeout, **arguments
        )
        try:
            await connection.connect()
            yield connection
        finally:
            closed = connection.close()
            # Where the connection never stood there is nothing to be closed.
            if connection._protocol is not None:
                await asyncio.wait({closed}, timeout=_CONNECT_SECONDS)

    @property
    def _with_login(self) -> str:
        return "SASL_SSL" if self._protocol.endswith("SSL") else "SASL_PLAINTEXT"

    @property
    def _without_login(self) -> str:
        return "SSL" if self._protocol.endswith("SSL") else "PLAINTEXT"

    def _fault(self, what: str, remedy: str) -> SecurityFault:
        return SecurityFault(f"{self._where} {what}; {remedy}")

    def _login_refused(self) -> LoginRefused:
        return LoginRefused(
            f"{self._where} refuses the login; check SLUICEGATE_SASL_USERNAME, _SASL_PASSWORD and _SASL_MECHANISM"
        )

    def _other_mechanism(self, offered: list[str]) -> LoginRefused:
        return LoginRefused(
            f"{self._where} takes no login by {self._settings.sasl_mechanism}, "
            f"but by {' or '.join(offered) or 'none that it names'}; set SLUICEGATE_SASL_MECHANISM"
        )

    async def _tls_failed(self, error: ssl.SSLError) -> Exception:
        if isinstance(error, ssl.SSLCertVerificationError):
            return self._not_trusted(error)
        told = (error.reason or str(error)).upper()
        if "PROTOCOL_VERSION" in told or "UNSUPPORTED_PROTOCOL" in told:
            return self._fault("offers no TLS 1.2 or later", "have it do so")
        if any(alert in told for alert in _CERTIFICATE_ALERTS):
            if self._settings.ssl_certificate is None:
                return self._fault(
                    "wants a certificate of this client", "set SLUICEGATE_SSL_CERTIFICATE and SLUICEGATE_SSL_KEY"
                )
            alert = told.partition("_ALERT_")[2].lower().replace("_", " ")
            return self._fault(
                f"refuses the certificate of this client ({alert or told.lower()})",
                "let SLUICEGATE_SSL_CERTIFICATE name one that is valid and from an authority that the broker trusts",
            )
        return await self._hung_up(error)

    def _not_trusted(self, error: ssl.SSLCertVerificationError) -> SecurityFault:
        whose = f"the certificate of {self._where}"
        if error.verify_code == _EXPIRED:
            return SecurityFault(f"{whose} has expired; renew it there")
        if error.verify_code == _NOT_YET_VALID:
            return SecurityFault(f"{whose} is not valid yet; check the clocks of both")
        if error.verify_code in (_OTHER_HOST, _OTHER_ADDRESS):
            return SecurityFault(
                f"{whose} is not for {self._host}; let SLUICEGATE_BROKERS name the broker as its certificate does"
            )
        return SecurityFault(
            f"{whose} is from an authority that is not trusted ({error.verify_message}); let SLUICEGATE_SSL_CA name "
            "the file of that authority's certificate"
        )

    async def _hung_up(self, error: Exception) -> Exception:
        """Find out why a broker ends a connection without a word: it may want another protocol."""
        cause = error.__cause__
        if isinstance(cause, ssl.SSLError) and not isinstance(error, ssl.SSLError):
            return await self._tls_failed(cause)
        if self._protocol.endswith("SSL"):
            if await self._speaks_plaintext():
                return self._fault(
                    "does not speak TLS at this address", "check SLUICEGATE_SECURITY_PROTOCOL and the port"
                )
        elif await asyncio.to_thread(self._speaks_tls):
            return self._fault("speaks TLS only", "set SLUICEGATE_SECURITY_PROTOCOL to SASL_SSL, or to SSL")
        if not self._protocol.startswith("SASL") and await self._mechanisms():
            return self._fault(
                "wants a login",
                f"set SLUICEGATE_SECURITY_PROTOCOL={self._with_login}, SLUICEGATE_SASL_USERNAME and _SASL_PASSWORD",
            )
        told = getattr(error, "strerror", None) or "it ended the connection without an answer"
        return _Failure(str(told).lower())

    async def _speaks_plaintext(self) -> bool:
        try:
            async with self._connected(security_protocol="PLAINTEXT"):
                return True
        except (errors.KafkaError, OSError):
            return False

    def _speaks_tls(self) -> bool:
        try:
            with (
                socket.create_connection((self._host, self._port), timeout=_CONNECT_SECONDS) as connection,
                ssl.create_default_context().wrap_socket(connection, server_hostname=self._host),
            ):
                return True
        except ssl.SSLCertVerificationError:
            return True
        except OSError:
            return False

    async def _mechanisms(self) -> list[str]:
        """Ask which logins the broker offers; none where it wants none, or does not tell."""
        tls = self._arguments.get("ssl_context")
        try:
            async with self._connected(security_protocol=self._without_login, ssl_context=tls) as connection:
                answer = await connection.send(SaslHandShakeRequest(self._settings.sasl_mechanism))
        except (errors.KafkaError, OSError):
            return []
        return list(answer.enabled_mechanisms) if answer.error_code in (_NO_ERROR, _UNSUPPORTED_MECHANISM) else []
