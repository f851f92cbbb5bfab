"""Which share of the stream a content belongs to: by hash, so that it is always the same one and anybody can tell."""

from hashlib import sha256
from typing import Final

__all__ = ["SHADOW", "SPLIT", "place_of"]

#: Purposes: places in one say nothing about places in another.
SHADOW: Final = "shadow"
SPLIT: Final = "split"

_RANGE: Final = 2.0**64


def place_of(purpose: str, content_id: str) -> float:
    """Give the place of a content in [0, 1); those below a share are in it, and stay in it when the share grows.

    Parameters
    ----------
    purpose
        What is shared: contents are spread anew for each.
    content_id
        Of the content: every event of a content has the same place.

    Returns
    -------
    float
        The first eight bytes of the SHA-256 of ``purpose:content_id``, as a big-endian number over 2**64.
    """
    digest = sha256(f"{purpose}:{content_id}".encode("utf-8", "surrogatepass")).digest()
    # As a float the highest numbers would come to 1.
    return min(int.from_bytes(digest[:8], "big") / _RANGE, 1.0 - 2.0**-53)
