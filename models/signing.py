"""Signs bundles and second opinions, once they are known to be whole."""

import hashlib
from pathlib import Path
from typing import Annotated

import msgspec

from sluicegate.models.bundle import load_bundle
from sluicegate.models.bundle_files import MANIFEST, BundleError, read_file
from sluicegate.schemas.signatures import Purpose
from sluicegate.schemas.signing_keys import SigningKey

__all__ = ["sign_folder"]


class _Kind(msgspec.Struct):
    kind: Annotated[str, msgspec.Meta(max_length=64)] = "bundle"


def sign_folder(folder: Path, key: SigningKey) -> tuple[str, bytes]:
    """Return the digest of a bundle or a second opinion, and its signature file.

    Nothing is unpickled. What is signed are the bytes of the manifest that the other files were held to.

    Raises
    ------
    BundleError, OpinionError
        If it is not whole, or was altered meanwhile.
    """
    raw = read_file(folder, MANIFEST)
    purpose: Purpose = "opinion" if _is_opinion(raw) else "bundle"
    if purpose == "opinion":
        # Needs libraries that are not always installed.
        from sluicegate.models.opinion.bundle import load_opinion

        digest = load_opinion(folder).digest
    else:
        digest = load_bundle(folder).digest
    if digest != "sha256:" + hashlib.sha256(raw).hexdigest():
        raise BundleError(f"{folder} was altered while it was looked at; sign it again")
    return digest, key.sign(purpose, raw)


def _is_opinion(raw: bytes) -> bool:
    try:
        return msgspec.json.decode(raw, type=_Kind).kind == "opinion"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Told of by what reads bundles.
        return False
