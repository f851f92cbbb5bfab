"""Certificates for one run of tests: an authority, a node's certificates, and clients' of every kind, good and bad."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

__all__ = ["Authority", "KeyPair"]


class KeyPair(NamedTuple):
    """Files of a certificate and its key, and of both in one, as Kafka reads them."""

    certificate: Path
    key: Path
    both: Path


class Authority:
    """Issues certificates and keeps them in a folder.

    Parameters
    ----------
    folder
        Where the files go; made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = trustme.CA()
        folder.mkdir(parents=True, exist_ok=True)
        #: File of the certificate to trust.
        self.trusted = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(self.trusted)

    def issue(self, name: str, *hosts: str, expired: bool = False, password: str | None = None) -> KeyPair:
        """Issue a certificate.

        Parameters
        ----------
        name
            Its common name, and that of its files.
        *hosts
            Names and addresses that it is valid for.
        expired
            Whether it was valid until yesterday.
        password
            With which its key is encrypted; not encrypted if None.
        """
        now = datetime.now(UTC)
        issued = self._authority.issue_cert(
            *(hosts or ("client.example",)),
            common_name=name,
            not_before=now - timedelta(days=30),
            not_after=now + timedelta(days=-1 if expired else 30),
        )
        encryption: KeySerializationEncryption = NoEncryption()
        if password is not None:
            encryption = BestAvailableEncryption(password.encode())
        # PKCS #8: Kafka reads no other.
        key = load_pem_private_key(issued.private_key_pem.bytes(), None).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, encryption
        )
        chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
        files = KeyPair(*(self._folder / f"{name}.{kind}" for kind in ("crt", "key", "pem")))
        for path, content in zip(files, (chain, key, key + chain), strict=True):
            path.touch(mode=0o600)
            path.write_bytes(content)
        return files
