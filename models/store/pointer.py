"""The pointer of a store: which version is served, and those before it. Pure: files are read and written elsewhere.

One file holds both, so that one rename changes both or neither.
"""

import re
from typing import Final

import msgspec

from sluicegate.models.bundle import BundleError

__all__ = ["EARLIER_MOST", "POINTER", "Pointer", "Promotion", "StoreError", "decode", "encode", "is_version"]

#: Name of the pointer's file in a store.
POINTER: Final = "current"
#: Version of the pointer's layout.
FORMAT: Final = 1
#: Promotions that are kept to go back to.
EARLIER_MOST: Final = 100

# Neither a path nor a hidden file, on any system.
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class StoreError(BundleError):
    """A store cannot be used as it was asked to be; the message says what is wrong, where, and what to do."""


class Promotion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A version that was made the current one.

    Attributes
    ----------
    version
        Name of its folder in the store.
    digest
        Of the bundle, as ``sha256:`` and hexadecimal digits: a version that was altered since is refused.
    at
        When, as RFC 3339.
    """

    version: str
    digest: str
    at: str


class Pointer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a store's pointer says; ``earlier`` is what it can be rolled back to, the last one first."""

    current: Promotion
    earlier: tuple[Promotion, ...] = ()
    format: int = FORMAT

    def promoted(self, promotion: Promotion) -> "Pointer":
        """Return the pointer after a promotion; the same bundle again adds nothing to roll back to."""
        if (promotion.version, promotion.digest) == (self.current.version, self.current.digest):
            return Pointer(promotion, self.earlier)
        return Pointer(promotion, (self.current, *self.earlier)[:EARLIER_MOST])

    def rolled_back(self, at: str) -> "Pointer | None":
        """Return the pointer after going back to the promotion before; None where there is none."""
        if not self.earlier:
            return None
        before, *others = self.earlier
        return Pointer(msgspec.structs.replace(before, at=at), tuple(others))


def is_version(name: str) -> bool:
    """Tell whether a version may have that name: no path, nothing hidden, and not the pointer's own."""
    return name != POINTER and _VERSION.fullmatch(name) is not None


def encode(pointer: Pointer) -> bytes:
    """Write a pointer as JSON that people can read."""
    return msgspec.json.format(msgspec.json.encode(pointer), indent=1) + b"\n"


def decode(raw: bytes, place: str) -> Pointer:
    """Read a pointer.

    Parameters
    ----------
    raw
        The file.
    place
        Where it stands, for messages.

    Raises
    ------
    StoreError
        If it is none, of another format, or names a version that is no name of a folder in the store.
    """
    try:
        pointer = msgspec.json.decode(raw, type=Pointer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StoreError(f"{place} is not a pointer ({error}); write it with `sluicegate model promote`") from error
    if pointer.format != FORMAT:
        raise StoreError(f"{place} has format {pointer.format}, this version reads {FORMAT}; promote a version again")
    for promotion in (pointer.current, *pointer.earlier):
        if not is_version(promotion.version):
            raise StoreError(
                f"{place} names {promotion.version[:80]!r}, which is no version of the store; "
                "write it with `sluicegate model promote`"
            )
    return pointer
