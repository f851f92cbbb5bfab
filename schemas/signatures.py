"""Detached Ed25519 signatures of manifests and policies: what a signature file holds, and what exactly is signed."""

import base64
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

__all__ = [
    "SIGNATURE_MOST",
    "AlteredError",
    "Purpose",
    "Signature",
    "SignatureError",
    "decode_signature",
    "encode_signature",
    "remedy",
    "signed_bytes",
]

#: Bytes of a signature file at the most.
SIGNATURE_MOST: Final = 4_096
#: Version of the layout, and of what is signed.
FORMAT: Final = 1

Purpose = Literal["bundle", "opinion", "policy"]
"""What a signature is of: one that was given for a bundle is none for a policy with the same bytes."""


class SignatureError(Exception):
    """A signature or a key cannot be used; the text says why, to follow the name of what it is about."""


class AlteredError(SignatureError):
    """What stands there is not what was signed, or its signature is not what was given."""


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signature as its file holds it.

    Attributes
    ----------
    format
        Version of the layout.
    algorithm
        How it was made.
    purpose
        What it is of.
    key
        Name of the key: the first 16 hexadecimal digits of the SHA-256 of its 32 public bytes.
    signature
        Its 64 bytes, in Base64.
    """

    format: Annotated[int, Meta(ge=FORMAT, le=FORMAT)]
    algorithm: Literal["ed25519"]
    purpose: Purpose
    key: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
    signature: Annotated[str, Meta(max_length=128)]

    def value(self) -> bytes:
        """Return the bytes of the signature.

        Raises
        ------
        AlteredError
            If they are not 64.
        """
        try:
            value = base64.b64decode(self.signature, validate=True)
        except ValueError:
            # Not of the alphabet, or of no ASCII at all, for which there is another error.
            value = b""
        if len(value) != 64:
            raise AlteredError("its signature has no 64 bytes in Base64")
        return value


def signed_bytes(purpose: Purpose, content: bytes) -> bytes:
    """Return what is signed: a line that keeps it apart from all else that the key may sign, then the file as it is."""
    return f"sluicegate {purpose} {FORMAT}\n".encode() + content


def encode_signature(purpose: Purpose, key: str, value: bytes) -> bytes:
    """Write a signature file."""
    document = Signature(FORMAT, "ed25519", purpose, key, base64.b64encode(value).decode())
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def decode_signature(raw: bytes) -> Signature:
    """Read a signature file.

    Raises
    ------
    AlteredError
        If it is none.
    """
    try:
        return msgspec.json.decode(raw[: SIGNATURE_MOST + 1], type=Signature)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AlteredError(f"its signature cannot be read ({error})") from None


def remedy(error: Exception, command: str) -> str:
    """Say what to do about what nothing trusted vouches for.

    Parameters
    ----------
    error
        Why nothing does.
    command
        By which such a thing is signed. Not offered where it was altered: that would vouch for whoever did it.
    """
    if isinstance(error, AlteredError):
        return "restore it, and find out who altered it"
    return f"restore it, or sign it with `{command}` and a key of SLUICEGATE_TRUSTED_KEYS"
