"""Whether a bundle may be used: by a signature of its manifest, or by the manifest's digest that was pinned.

The manifest states the digest of every other file, so that whoever vouches for it vouches for all.
"""

import errno
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from sluicegate.models.regular_files import read_regular
from sluicegate.schemas.signatures import SIGNATURE_MOST, Purpose, SignatureError, remedy
from sluicegate.schemas.signing_keys import TrustedKeys

__all__ = ["NOTHING_SET", "SIGNATURE", "Trust", "TrustError", "signature_file"]

#: Name of the signature's file beside a manifest.
SIGNATURE: Final = "manifest.sig"


class TrustError(Exception):
    """Nothing that is trusted vouches for a bundle; the text says why, and what to do."""


@dataclass(frozen=True)
class Trust:
    """What an operator trusts. Where both are set, a bundle needs both.

    Parameters
    ----------
    keys
        Of which one must have signed the manifest.
    pinned
        Digests of manifests, as ``sha256:`` and hexadecimal digits, of which its must be one.
    is_required
        Whether a bundle that nothing vouches for is refused, or only kept from being unpickled.
    """

    keys: TrustedKeys | None = None
    pinned: frozenset[str] | None = None
    is_required: bool = True

    @property
    def is_set(self) -> bool:
        """Whether there is anything to vouch for a bundle."""
        return self.keys is not None or self.pinned is not None

    def for_study(self) -> "Trust":
        """Return the same for commands that make and measure bundles, which need not be signed yet."""
        return replace(self, is_required=False)

    def vouches(self, folder: Path, purpose: Purpose, manifest: bytes, digest: str) -> bool:
        """Tell whether something vouches for a bundle.

        Parameters
        ----------
        folder
            Where the signature stands.
        manifest, digest
            The very bytes that are decoded afterwards, and their digest.

        Raises
        ------
        TrustError
            If nothing does though it is required, and something is set to.
        """
        try:
            self._check(folder, purpose, manifest, digest)
        except TrustError:
            if self.is_required:
                raise
            return False
        return self.is_set

    def _check(self, folder: Path, purpose: Purpose, manifest: bytes, digest: str) -> None:
        if self.pinned is not None and digest not in self.pinned:
            raise TrustError(
                f"its digest {digest} is not among SLUICEGATE_PINNED_BUNDLES; add it there if this is the one you mean"
            )
        if self.keys is None:
            return
        try:
            self.keys.check(purpose, manifest, signature_file(folder))
        except SignatureError as error:
            raise TrustError(f"{error}; {remedy(error, 'sluicegate model sign')}") from error


#: What a process trusts whose operator has set nothing: it takes any bundle that needs no unpickling.
NOTHING_SET: Final = Trust()


def signature_file(folder: Path) -> bytes | None:
    """Return the file of a bundle's signature; None where there is none.

    Raises
    ------
    SignatureError
        If it cannot be read.
    """
    try:
        return read_regular(folder / SIGNATURE, SIGNATURE_MOST)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        raise SignatureError(f"its {SIGNATURE} cannot be read ({error.strerror})") from error
