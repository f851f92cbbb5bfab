"""Memory that is free between blocks in use goes back to the system, and what is in use stays."""

import asyncio
import ctypes
import os
import threading
from typing import Any

import psutil
import pytest

from sluicegate.agents import heap
from sluicegate.agents.heap import give_free_memory_back, keep_giving_back

BLOCK, BLOCKS, KEPT_EVERY = 4_000, 20_000, 100

glibc_only = pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library is not glibc")


def resident() -> int:
    return int(psutil.Process(os.getpid()).memory_info().rss)


@glibc_only
def test_what_is_free_between_blocks_in_use_is_given_back() -> None:
    give_free_memory_back()
    blocks: list[bytes | None] = [number.to_bytes(4, "big") * (BLOCK // 4) for number in range(BLOCKS)]
    filled = resident()
    for number in range(BLOCKS):
        if number % KEPT_EVERY:
            blocks[number] = None
    kept = resident()
    assert give_free_memory_back()
    given = kept - resident()
    total = BLOCK * BLOCKS
    assert filled - kept < total / 4, "the C library gives it back by itself"
    assert given > total / 2
    assert all(blocks[number] == number.to_bytes(4, "big") * (BLOCK // 4) for number in range(0, BLOCKS, KEPT_EVERY))


@glibc_only
def test_it_is_done_again_and_again_and_not_in_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    thrice = asyncio.Event()

    async def run() -> None:
        loop = asyncio.get_running_loop()

        def trim(_: int) -> int:
            threads.append(threading.get_ident())
            if len(threads) == 3:
                loop.call_soon_threadsafe(thrice.set)
            return 1

        monkeypatch.setattr(heap, "_TRIM", trim)
        monkeypatch.setattr(heap, "_EVERY", 0.0)
        giving = asyncio.create_task(keep_giving_back())
        async with asyncio.timeout(10):
            await thrice.wait()
        giving.cancel()

    asyncio.run(run())
    assert threading.get_ident() not in threads


def test_where_the_c_library_cannot_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap, "_TRIM", None)
    assert not give_free_memory_back()
    asyncio.run(asyncio.wait_for(keep_giving_back(), 10))


def test_a_c_library_without_it_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Other:
        def __init__(self, *_: Any) -> None:
            pass

    monkeypatch.setattr(ctypes, "CDLL", Other)
    assert heap._find_trim() is None
