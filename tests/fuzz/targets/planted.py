"""Not fuzzed for what it finds, but to see that it is found: faults that are put in on purpose."""

import ctypes
from typing import Final

from tests.fuzz.target import Target

__all__ = ["TARGET"]

_BYTES: Final = 24


def one(data: bytes) -> None:
    """Read past the end of a buffer in native code, raise what nobody waits for, or take memory, as the input says."""
    if data.startswith(b"over"):
        ctypes.string_at(ctypes.create_string_buffer(_BYTES), _BYTES + 8)
    if data.startswith(b"type"):
        raise TypeError("not a refusal")
    if data.startswith(b"room"):
        bytearray(2**30)


TARGET: Final = Target(one, lambda: [b"well"], (b"over", b"type", b"room"), longest=16, inputs=1_000)
