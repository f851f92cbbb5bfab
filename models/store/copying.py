"""Bundles are copied into a store whole: proved before, compared after, on the disk before a pointer leads there."""

import os
import re
from pathlib import Path
from typing import Final

from sluicegate.models.bundle import Bundle, BundleError, checked_bytes, load_bundle
from sluicegate.models.placing import place_folder
from sluicegate.models.proving import prove
from sluicegate.models.regular_files import read_regular
from sluicegate.models.store.pointer import StoreError
from sluicegate.models.trust import signature_file
from sluicegate.schemas.signatures import SignatureError

__all__ = ["copy_bundle", "flush_folder", "is_copied", "version_name"]

_DIGITS: Final = 12


def version_name(bundle: Bundle) -> str:
    """Name the version that a bundle becomes: what its manifest states, and the first digits of its digest."""
    stated = re.sub(r"[^A-Za-z0-9._-]+", "-", bundle.manifest.version).strip("-._")[:64]
    digits = bundle.digest.removeprefix("sha256:")[:_DIGITS]
    return f"{stated or 'version'}-{digits}"


def is_copied(bundle: Bundle, place: Path) -> bool:
    """Tell whether a bundle is at a place already, whole and with the signature that it has, if it has one."""
    return _digest_of(place) == bundle.digest and _signature(bundle.path) in (None, _signature(place))


def copy_bundle(bundle: Bundle, place: Path) -> None:
    """Copy a bundle to a place, whole or not at all.

    Raises
    ------
    BundleError
        If the bundle was altered since it was read, or does not give the probabilities it states.
    """
    # Before it is copied: what no promotion would take is no version either.
    prove(bundle)
    stated = {name: checked_bytes(bundle, name) for name in bundle.manifest.files}
    # What else lies there goes along, such as an evaluation that the model's card is made of; no link is followed,
    # which could bring in any file that whoever promotes can read.
    others = [entry for entry in bundle.path.iterdir() if entry.is_file() and not entry.is_symlink()]
    try:
        contents = {entry.name: read_regular(entry) for entry in others if entry.name not in stated}
    except OSError as error:
        raise StoreError(f"bundle {bundle.path} cannot be copied: {error.filename}: {error.strerror}") from error
    place_folder({**contents, **stated}, place, load_bundle)
    for entry in place.iterdir():
        with entry.open("rb") as file:
            os.fsync(file.fileno())
    flush_folder(place)
    if _digest_of(place) != bundle.digest:
        raise StoreError(f"bundle {bundle.path} was altered while it was copied; promote it again")


def flush_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest_of(place: Path) -> str | None:
    try:
        return load_bundle(place).digest
    except BundleError:
        return None


def _signature(folder: Path) -> bytes | None:
    try:
        return signature_file(folder)
    except SignatureError:
        # Promoting it tells of it.
        return None
