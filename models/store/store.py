"""A store on disk: a folder with a bundle in each subfolder, and the pointer, replaced whole by a rename."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sluicegate.models.bundle import MANIFEST, Bundle, BundleError, load_bundle, read_manifest
from sluicegate.models.proving import prove
from sluicegate.models.regular_files import read_regular
from sluicegate.models.store.copying import copy_bundle, flush_folder, is_copied, version_name
from sluicegate.models.store.pointer import POINTER, Pointer, Promotion, StoreError, decode, encode, is_version
from sluicegate.models.trust import Trust

__all__ = ["Store", "Version", "bundle_folder", "is_store"]

_LOCK = ".lock"
#: Bytes of a pointer at the most; one that remembers all that it can has 20 KB.
_POINTER_MOST = 2**18


@dataclass(frozen=True)
class Version:
    """A version in a store, as its manifest speaks of it; ``fault`` says why it cannot be read."""

    name: str
    model: str = ""
    model_version: str = ""
    fault: str = ""


def is_store(path: Path) -> bool:
    """Tell whether a folder is a store: one with a pointer, and no bundle itself."""
    return not (path / MANIFEST).exists() and os.path.lexists(path / POINTER)


def bundle_folder(path: Path) -> Path:
    """Give the folder of a bundle: of a store, that of its current version; of anything else, the path itself.

    Raises
    ------
    StoreError
        Where a store's pointer cannot be followed, or nothing was promoted of the bundles that a folder holds.
    """
    if not is_store(path):
        if not (path / MANIFEST).exists() and any(path.glob(f"*/{MANIFEST}")):
            raise StoreError(
                f"{path} holds bundles, of which none was promoted; choose one with `sluicegate model promote`, "
                "or give the folder of one"
            )
        return path
    store = Store(path)
    return store.folder(store.pointer().current.version)


class Store:
    """A folder of versions with a pointer to the current one.

    Parameters
    ----------
    path
        The folder.
    trust
        What must vouch for the versions that are served and promoted; without, the caller vouches for all.

    Raises
    ------
    StoreError
        Where there is no such folder, or it is a bundle.
    """

    def __init__(self, path: Path, trust: Trust | None = None) -> None:
        if not path.is_dir():
            raise StoreError(f"there is no folder {path}; make it first, or give the folder of a store")
        if (path / MANIFEST).exists():
            raise StoreError(f"{path} is a bundle and no store; give a folder that holds versions, or an empty one")
        self.path = path
        self._trust = trust

    def read(self) -> bytes:
        """Read the pointer's file as it is.

        Raises
        ------
        StoreError
            If it cannot be read.
        """
        try:
            return read_regular(self.path / POINTER, _POINTER_MOST)
        except OSError as error:
            missing = error.errno == errno.ENOENT
            reason = "nothing was promoted in it yet" if missing else f"its pointer cannot be read: {error.strerror}"
            raise StoreError(
                f"store {self.path} has no current version ({reason}); choose one with `sluicegate model promote`"
            ) from error

    def pointer(self) -> Pointer:
        """Read the pointer.

        Raises
        ------
        StoreError
            If there is none, or it is none.
        """
        return self.decode(self.read())

    def decode(self, raw: bytes) -> Pointer:
        """Read a pointer from the bytes of its file.

        Raises
        ------
        StoreError
            If it is none.
        """
        return decode(raw, str(self.path / POINTER))

    def folder(self, version: str) -> Path:
        """Give the folder of a version, which lies in the store and nowhere else.

        Raises
        ------
        StoreError
            If there is no such version.
        """
        folder = self.path / version
        if is_version(version) and folder.is_dir() and folder.resolve().parent == self.path.resolve():
            return folder
        there = [found.name for found in self.versions()]
        known = f"there are {', '.join(there[-10:])}" if there else "it has no versions"
        raise StoreError(f"store {self.path} has no version {version[:80]!r}; {known}")

    def load(self, promotion: Promotion) -> Bundle:
        """Read the bundle that a promotion speaks of.

        Raises
        ------
        BundleError
            If it is not whole, or is another one than was promoted.
        """
        bundle = load_bundle(self.folder(promotion.version), self._trust)
        if bundle.digest != promotion.digest:
            raise StoreError(
                f"version {promotion.version} of store {self.path} was altered after it was promoted (its digest is "
                f"{bundle.digest[:19]}, the pointer says {promotion.digest[:19]}); promote the original again"
            )
        return bundle

    def versions(self) -> list[Version]:
        """List the versions, by name; of each only the manifest is read."""
        names = sorted(entry.name for entry in self.path.iterdir() if is_version(entry.name) and entry.is_dir())
        return [self._version(name) for name in names]

    def _version(self, name: str) -> Version:
        try:
            manifest = read_manifest(self.path / name)
        except BundleError as error:
            return Version(name, fault=str(error))
        return Version(name, manifest.name, manifest.version)

    def find(self, wanted: str) -> str:
        """Give the version that is meant by its name, or by the version that its manifest states.

        Raises
        ------
        StoreError
            If it is none, or more than one.
        """
        versions = self.versions()
        if any(version.name == wanted for version in versions):
            return self.folder(wanted).name
        meant = [version.name for version in versions if not version.fault and version.model_version == wanted]
        if len(meant) > 1:
            raise StoreError(f"store {self.path} has {len(meant)} versions {wanted!r}: name one of {', '.join(meant)}")
        return meant[0] if meant else self.folder(wanted).name

    def add(self, bundle: Bundle) -> str:
        """Copy a bundle into the store, whole or not at all; give its version there.

        One that is there already is left as it is, unless it was damaged: then it is mended.

        Raises
        ------
        BundleError
            If the bundle was altered since it was read, or does not give the probabilities it states.
        """
        if bundle.path.resolve().parent == self.path.resolve() and is_version(bundle.path.resolve().name):
            return bundle.path.resolve().name
        version = version_name(bundle)
        if not is_copied(bundle, self.path / version):
            copy_bundle(bundle, self.path / version)
        return version

    def promote(self, version: str, at: str) -> Pointer:
        """Make a version the current one, after proving it.

        Parameters
        ----------
        version
            A name that `find` or `add` gave.
        at
            The time, as RFC 3339.

        Returns
        -------
        Pointer
            As it is now.

        Raises
        ------
        BundleError
            If the bundle is not whole or does not give the probabilities it states; nothing is changed then.
        """
        bundle = load_bundle(self.folder(version), self._trust)
        prove(bundle)
        promotion = Promotion(version, bundle.digest, at)
        with self._locked():
            try:
                pointer = self.pointer().promoted(promotion)
            except StoreError:
                # The first promotion, or one that mends a pointer that cannot be read.
                pointer = Pointer(promotion)
            self._replace(pointer)
        return pointer

    def roll_back(self, at: str) -> Pointer:
        """Make the version that was promoted before the current one current again, after proving it.

        Raises
        ------
        BundleError
            If there is none, or it cannot be served any more; nothing is changed then.
        """
        with self._locked():
            pointer = self.pointer().rolled_back(at)
            if pointer is None:
                raise StoreError(
                    f"store {self.path} has nothing to roll back to: {self.pointer().current.version} is the first "
                    "version that was promoted, or the last one left; promote another version"
                )
            try:
                prove(self.load(pointer.current))
            except BundleError as error:
                raise StoreError(
                    f"store {self.path} cannot go back to {pointer.current.version} ({error}); promote another version"
                ) from error
            self._replace(pointer)
        return pointer

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let two promotions at a time not lose one of them; readers need no lock."""
        with (self.path / _LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _replace(self, pointer: Pointer) -> None:
        beside = self.path / f".{POINTER}-{os.getpid()}"
        try:
            with beside.open("wb") as file:
                file.write(encode(pointer))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path / POINTER)
        finally:
            beside.unlink(missing_ok=True)
        flush_folder(self.path)
