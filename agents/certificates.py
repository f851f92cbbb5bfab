"""TLS towards the brokers: what is trusted, and this client's own certificate; a sentence for each file's fault."""

import ssl
from pathlib import Path

from sluicegate.agents.settings import Settings, SettingsError

__all__ = ["ssl_context", "unusable_file"]


def ssl_context(settings: Settings) -> ssl.SSLContext:
    """Make the context of connections: TLS 1.2 or later, certificates and host names checked, always.

    Parameters
    ----------
    settings
        Which files there are.

    Raises
    ------
    SettingsError
        With every file that cannot be used, and why.
    """
    faults = []
    context = ssl.create_default_context()
    if settings.ssl_ca is not None:
        try:
            context = ssl.create_default_context(cafile=str(settings.ssl_ca))
        except (OSError, ssl.SSLError) as error:
            faults.append(unusable_file("SSL_CA", settings.ssl_ca, error, "a PEM file of certificates"))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.ssl_certificate is not None and settings.ssl_key is not None:
        faults += _load_own(context, settings, settings.ssl_certificate, settings.ssl_key)
    if faults:
        raise SettingsError("\n".join(faults))
    return context


def _load_own(context: ssl.SSLContext, settings: Settings, certificate: Path, key: Path) -> list[str]:
    asked = False

    def password() -> str:
        # Called for an encrypted key only; without an answer OpenSSL would ask for one on the terminal.
        nonlocal asked
        asked = True
        return "" if settings.ssl_key_password is None else settings.ssl_key_password.get_secret_value()

    try:
        context.load_cert_chain(certificate, key, password=password)
    except (OSError, ValueError) as error:
        unread = [
            unusable_file(name, path, fault, wanted)
            for name, path, wanted in (
                ("SSL_CERTIFICATE", certificate, "a PEM file of this client's certificate"),
                ("SSL_KEY", key, "a PEM file of its key"),
            )
            if (fault := _unreadable(path)) is not None
        ]
        if unread:
            return unread
        if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
            return [f"SLUICEGATE_SSL_KEY: {key}: is not the key of the certificate in {certificate}"]
        if asked and settings.ssl_key_password is None:
            return [f"SLUICEGATE_SSL_KEY: {key}: is encrypted; set SLUICEGATE_SSL_KEY_PASSWORD"]
        if asked:
            return [f"SLUICEGATE_SSL_KEY_PASSWORD: does not decrypt the key in {key}"]
        if _holds(certificate, b"CERTIFICATE-----"):
            return [unusable_file("SSL_KEY", key, error, "a PEM file of the certificate's key")]
        return [unusable_file("SSL_CERTIFICATE", certificate, error, "a PEM file of this client's certificate")]
    return []


def _unreadable(path: Path) -> OSError | None:
    try:
        path.read_bytes()
    except OSError as error:
        return error
    return None


def _holds(path: Path, mark: bytes) -> bool:
    return mark in path.read_bytes()


def unusable_file(name: str, path: Path, error: Exception, wanted: str) -> str:
    """Say of a file that a setting names why it cannot be used, and what is needed.

    Parameters
    ----------
    name
        Of the setting, without the prefix of all.
    path, error
        The file, and what came of reading it.
    wanted
        What it should be.
    """
    if not path.exists():
        reason = "there is no such file"
    elif isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        reason = (error.strerror or str(error)).lower()
    else:
        reason = "cannot be used"
    return f"SLUICEGATE_{name}: {path}: {reason}; needed is {wanted}"
