"""What settings of logins and encryption must fit together: nothing is sent unprotected that was meant not to be."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sluicegate.agents.settings import Settings

__all__ = ["security_fault"]

#: What is of no use but with a protocol whose name holds the other.
_ONLY_WITH: Final = {
    "ssl_ca": "SSL",
    "ssl_certificate": "SSL",
    "ssl_key": "SSL",
    "ssl_key_password": "SSL",
    "sasl_username": "SASL",
    "sasl_password": "SASL",
}


def security_fault(settings: "Settings") -> str | None:
    """Say what does not fit together, and what to do; None where all does."""
    protocol = settings.security_protocol
    if protocol == "SASL_PLAINTEXT" and not settings.allow_plaintext_credentials:
        return (
            "SLUICEGATE_SECURITY_PROTOCOL: SASL_PLAINTEXT sends credentials unencrypted; use SASL_SSL, "
            "or set SLUICEGATE_ALLOW_PLAINTEXT_CREDENTIALS=true"
        )
    if protocol.startswith("SASL") and not (settings.sasl_username and settings.sasl_password):
        return "SLUICEGATE_SASL_USERNAME and SLUICEGATE_SASL_PASSWORD are needed with SASL"
    for name, part in _ONLY_WITH.items():
        if getattr(settings, name) is not None and part not in protocol:
            wanted = "SSL" if (part, protocol) == ("SSL", "PLAINTEXT") else "SASL_SSL"
            return (
                f"SLUICEGATE_{name.upper()} is set, and SLUICEGATE_SECURITY_PROTOCOL is {protocol}, which makes no use "
                f"of it; set the protocol to {wanted}, or leave it unset"
            )
    if (settings.metrics_username is None) != (settings.metrics_password is None):
        return "SLUICEGATE_METRICS_USERNAME and SLUICEGATE_METRICS_PASSWORD are needed together"
    if (settings.ssl_certificate is None) != (settings.ssl_key is None):
        return "SLUICEGATE_SSL_CERTIFICATE and SLUICEGATE_SSL_KEY are needed together"
    return None
