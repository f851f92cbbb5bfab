"""Ed25519 keys in PEM files: those that are trusted, which verify, and one's own, which signs.

What verifies is imported when the first key is read: a process without keys has none of it in memory.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sluicegate.schemas.signatures import (
    AlteredError,
    Purpose,
    SignatureError,
    decode_signature,
    encode_signature,
    signed_bytes,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = ["SigningKey", "TrustedKeys", "key_name"]

#: Bytes of a file of keys at the most.
_MOST: Final = 65_536
_BEGIN, _END = b"-----BEGIN ", b"-----END PUBLIC KEY-----"


def key_name(public: "Ed25519PublicKey") -> str:
    """Name a key by what it is."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


@dataclass(frozen=True)
class TrustedKeys:
    """Public keys by their names."""

    keys: "Mapping[str, Ed25519PublicKey]"

    @classmethod
    def read(cls, places: Iterable[Path]) -> "TrustedKeys":
        """Read the keys of files, one or more in each, and of all files ``*.pem`` of folders.

        Raises
        ------
        SignatureError
            If a place holds no key, or something else than public Ed25519 keys.
        """
        found: dict[str, Ed25519PublicKey] = {}
        for place in places:
            files = sorted(place.glob("*.pem")) if place.is_dir() else [place]
            if not files:
                raise SignatureError(f"{place} holds no file *.pem; put public keys there")
            for file in files:
                found.update((key_name(key), key) for key in _public_keys(file))
        return cls(found)

    def check(self, purpose: Purpose, content: bytes, signature: bytes | None) -> str:
        """Check that content was signed for a purpose by one of the keys; return the key's name.

        Parameters
        ----------
        content
            The whole file.
        signature
            The signature file; None where there is none.

        Raises
        ------
        SignatureError
            If it was not.
        """
        if signature is None:
            raise SignatureError("it is not signed")
        stated = decode_signature(signature)
        key = self.keys.get(stated.key)
        if key is None:
            raise SignatureError(f"it is signed with the key {stated.key}, which is not among the trusted ones")
        if stated.purpose != purpose:
            raise AlteredError(f"its signature is that of a {stated.purpose}")
        from cryptography.exceptions import InvalidSignature

        try:
            key.verify(stated.value(), signed_bytes(purpose, content))
        except InvalidSignature:
            raise AlteredError("its signature does not fit: it was altered, or the signature is another's") from None
        return stated.key


@dataclass(frozen=True)
class SigningKey:
    """A private key."""

    key: "Ed25519PrivateKey"

    @classmethod
    def new(cls) -> "SigningKey":
        """Make a key, by the system's randomness."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, raw: bytes, name: str) -> "SigningKey":
        """Read a key in PEM, as ``sluicegate model keygen`` and ``openssl genpkey -algorithm ed25519`` write it.

        Raises
        ------
        SignatureError
            If it is no such key, or encrypted.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key = load_pem_private_key(raw, None)
        except TypeError:
            told = f"{name} is encrypted; decrypt it on the way, as in: openssl pkey -in FILE | sluicegate ... --key -"
            raise SignatureError(told) from None
        except (ValueError, UnsupportedAlgorithm):
            raise SignatureError(f"{name} is no private key in PEM; make one with `sluicegate model keygen`") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise SignatureError(f"{name} is no Ed25519 key; make one with `sluicegate model keygen`")
        return cls(key)

    @property
    def name(self) -> str:
        """Its name."""
        return key_name(self.key.public_key())

    def private_pem(self) -> bytes:
        """Write it as PEM, which is a secret."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def public_pem(self) -> bytes:
        """Write its public half as PEM."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, purpose: Purpose, content: bytes) -> bytes:
        """Return the signature file of content."""
        return encode_signature(purpose, self.name, self.key.sign(signed_bytes(purpose, content)))


def _public_keys(file: Path) -> "list[Ed25519PublicKey]":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        with file.open("rb") as opened:
            raw = opened.read(_MOST + 1)
    except OSError as error:
        raise SignatureError(f"{file} cannot be read ({error.strerror}); give files of public keys in PEM") from error
    if b"PRIVATE KEY-----" in raw:
        raise SignatureError(f"{file} holds a private key, which no worker may have; give the public one")
    parts = [part + _END for part in raw.split(_END)[:-1]]
    try:
        keys = [load_pem_public_key(part[part.index(_BEGIN) :]) for part in parts]
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignatureError(f"{file} holds a key that cannot be read; give public keys in PEM") from error
    found = [key for key in keys if isinstance(key, Ed25519PublicKey)]
    if not found or len(found) != len(keys) or len(raw) > _MOST:
        raise SignatureError(f"{file} holds no public Ed25519 keys in PEM alone; give files that do")
    return found
