"""Items of a blocking source, such as a pipe, without blocking the event loop while the next one is waited for."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import Final, TypeVar

__all__ = ["arriving"]

T = TypeVar("T")

#: Items that may wait for the loop.
_AHEAD_MOST: Final = 1_000


async def arriving(items: Iterable[T]) -> AsyncIterator[T]:
    """Give items as they arrive; a thread waits for them.

    Parameters
    ----------
    items
        Iterated in the thread, at most a thousand items ahead. Whatever that raises is raised here, behind the items
        before it. Left alone when this iterator is closed; the thread then ends with the next item, or the process.
    """
    loop = asyncio.get_running_loop()
    waiting: deque[T] = deque()
    arrived, room = asyncio.Event(), threading.Semaphore(_AHEAD_MOST)
    ended, closed = False, False
    failure: list[BaseException] = []

    def tell() -> None:
        # Where it is set, the loop has yet to look, and will see this too.
        if not arrived.is_set():
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(arrived.set)

    def read() -> None:
        nonlocal ended
        try:
            for item in items:
                room.acquire()
                if closed:
                    return
                waiting.append(item)
                tell()
        except BaseException as error:  # noqa: BLE001 - raised where the items are taken
            failure.append(error)
        finally:
            ended = True
            tell()

    threading.Thread(target=read, name="arriving", daemon=True).start()
    try:
        while True:
            await arrived.wait()
            arrived.clear()
            last = ended
            while waiting:
                room.release()
                yield waiting.popleft()
            if last:
                break
        if failure:
            raise failure[0]
    finally:
        closed = True
        room.release()
