"""Keys that are read and written, and signatures that are put beside what they are of."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sluicegate.cli.errors import CommandError

if TYPE_CHECKING:
    from sluicegate.schemas.signing_keys import SigningKey

__all__ = ["KeyFile", "new_key", "place_signature", "read_key"]

#: Bytes of a private key's file at the most.
_MOST: Final = 65_536

KeyFile = Annotated[
    str,
    typer.Option("--key", metavar="FILE|-", help="Your private Ed25519 key in PEM; - is standard input."),
]


def read_key(name: str) -> "SigningKey":
    """Read a private key.

    Raises
    ------
    SignatureError, CommandError
        If there is none.
    """
    from sluicegate.schemas.signing_keys import SigningKey

    try:
        if name == "-":
            raw = sys.stdin.buffer.read(_MOST)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(_MOST)
    except OSError as error:
        raise CommandError(f"{name} cannot be read ({error.strerror}); give the file of a private key") from error
    return SigningKey.read(raw, "what stands on standard input" if name == "-" else name)


def new_key(place: Path, public: Path) -> "SigningKey":
    """Make a key, and write both halves; the private one is its owner's alone, and nothing is written over.

    Raises
    ------
    CommandError
        If something is there already.
    """
    from sluicegate.schemas.signing_keys import SigningKey

    key = SigningKey.new()
    for path in (place, public):
        if path.exists():
            raise CommandError(f"{path} is there already; choose another place, since no key is written over")
    for path, raw, mode in ((place, key.private_pem(), 0o600), (public, key.public_pem(), 0o644)):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(raw)
    return key


def place_signature(path: Path, raw: bytes) -> None:
    """Write a signature, whole or not at all, in place of one that was there."""
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        beside.write_bytes(raw)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
