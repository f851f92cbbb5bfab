"""The files of a bundle: names, sizes and digests, and the error that refuses one."""

import hashlib
from pathlib import Path

from sluicegate.models.manifest import FileDigest
from sluicegate.models.mapped_weights import MappedWeights
from sluicegate.models.regular_files import MANIFEST_MOST, MOST, open_regular, read_regular

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
        return read_regular(path / name, MANIFEST_MOST if name == MANIFEST else MOST)
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
    _compare_size(path, name, stated, len(raw))
    _compare_digest(path, name, stated, hashlib.sha256(raw).hexdigest())
    return raw


def check_digest(path: Path, name: str, stated: FileDigest) -> None:
    """Check size and digest of a file that is not needed in memory.

    Raises
    ------
    BundleError
        If it cannot be read or differs.
    """
    try:
        file, size = open_regular(path / name)
        with file:
            # Before anything is read: a file with a hole in it can be of any size.
            _compare_size(path, name, stated, size)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, name, error) from error
    _compare_digest(path, name, stated, digest)


def mapped_weights(path: Path, stated: FileDigest, *, private: bool = False) -> MappedWeights:
    """Map the weights, whose size and digest are checked on the very bytes that are used later.

    Parameters
    ----------
    private
        Read them into memory of this process instead, where whoever writes over the file cannot change them.

    Raises
    ------
    BundleError
        If they cannot be read or differ.
    """
    try:
        weights = MappedWeights(path / WEIGHTS, min(stated.bytes, MOST) if private else None)
    except OSError as error:
        raise _unreadable(path, WEIGHTS, error) from error
    _compare_size(path, WEIGHTS, stated, weights.size)
    _compare_digest(path, WEIGHTS, stated, weights.sha256())
    return weights


def _compare_size(path: Path, name: str, stated: FileDigest, size: int) -> None:
    if size != stated.bytes:
        raise BundleError(
            f"bundle {path}: {name} has {size} bytes, the manifest states {stated.bytes}; restore the bundle"
        )


def _compare_digest(path: Path, name: str, stated: FileDigest, digest: str) -> None:
    if digest != stated.sha256:
        raise BundleError(
            f"bundle {path}: {name} has digest {digest[:12]}, the manifest states {stated.sha256[:12]}; "
            "restore the bundle"
        )
