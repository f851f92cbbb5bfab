"""The files of a bundle: names, sizes and digests, and the error that refuses one."""

import hashlib
from pathlib import Path

from sluicegate.models.manifest import FileDigest
from sluicegate.models.mapped_weights import MappedWeights

MANIFEST, WEIGHTS, PIPELINE = "manifest.json", "weights.safetensors", "model.joblib"


class BundleError(Exception):
    """A bundle is refused; the message is one sentence: what differs, where, and what to do."""


def read_file(path: Path, name: str) -> bytes:
    """Return the bytes of a file, unchecked.

    Raises
    ------
    BundleError
        If it cannot be read.
    """
    try:
        return (path / name).read_bytes()
    except OSError as error:
        raise _unreadable(path, name, error) from error


def _unreadable(path: Path, name: str, error: OSError) -> BundleError:
    return BundleError(f"bundle {path} has no readable {name} ({error.strerror}); give the folder of a whole bundle")


def checked_file(path: Path, name: str, stated: FileDigest) -> bytes:
    """Return the bytes of a file whose size and digest are as stated.

    Raises
    ------
    BundleError
        If it cannot be read or differs.
    """
    raw = read_file(path, name)
    _compare(path, name, stated, len(raw), hashlib.sha256(raw).hexdigest())
    return raw


def check_digest(path: Path, name: str, stated: FileDigest) -> None:
    """Check size and digest of a file that is not needed in memory.

    Raises
    ------
    BundleError
        If it cannot be read or differs.
    """
    try:
        with (path / name).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, name, error) from error
    _compare(path, name, stated, size, digest)


def mapped_weights(path: Path, stated: FileDigest) -> MappedWeights:
    """Map the weights, whose size and digest are checked on the very bytes that are used later.

    Raises
    ------
    BundleError
        If they cannot be read or differ.
    """
    try:
        weights = MappedWeights(path / WEIGHTS)
    except OSError as error:
        raise _unreadable(path, WEIGHTS, error) from error
    _compare(path, WEIGHTS, stated, weights.size, weights.sha256())
    return weights


def _compare(path: Path, name: str, stated: FileDigest, size: int, digest: str) -> None:
    if size != stated.bytes:
        raise BundleError(
            f"bundle {path}: {name} has {size} bytes, the manifest states {stated.bytes}; restore the bundle"
        )
    if digest != stated.sha256:
        raise BundleError(
            f"bundle {path}: {name} has digest {digest[:12]}, the manifest states {stated.sha256[:12]}; "
            "restore the bundle"
        )
