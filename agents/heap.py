"""Gives free memory back to the system: glibc keeps what lies between blocks in use, and its heap creeps up for hours.

What a worker has allocated is flat; batches of ever other sizes leave ever other gaps between what stays.
"""

import asyncio
import ctypes
from collections.abc import Callable
from typing import Final

__all__ = ["give_free_memory_back", "keep_giving_back"]

#: Seconds from one time to the next: what has gathered is about a megabyte, and giving it back takes milliseconds.
_EVERY: Final = 60.0


def _find_trim() -> Callable[[int], int] | None:
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        # Another C library, which has its own ways.
        return None
    return trim


_TRIM: Final = _find_trim()


def give_free_memory_back() -> bool:
    """Give the pages of the heap that hold nothing back to the system.

    Returns
    -------
    bool
        Whether the C library can.

    Notes
    -----
    ``malloc_trim(3)``; the interpreter lock is not held meanwhile.
    """
    if _TRIM is None:
        return False
    _TRIM(0)
    return True


async def keep_giving_back() -> None:
    """Do it from time to time, in a thread, for as long as the worker runs; return where it cannot be done."""
    while True:
        if not await asyncio.to_thread(give_free_memory_back):
            return
        await asyncio.sleep(_EVERY)
