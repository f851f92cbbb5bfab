"""Writes what a replay gives, and notices brokers that have gone: their client would try for ever."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Iterable
from typing import Final, TypeVar

from sluicegate.agents.broker import BrokerUnavailable, client_arguments
from sluicegate.agents.connecting import connect, disconnect
from sluicegate.agents.encoding import Topics
from sluicegate.agents.publisher import Publisher, Written
from sluicegate.agents.settings import Settings

__all__ = ["ReplayWriter"]

T = TypeVar("T")

#: Batches that may be on their way to the broker.
_UNDERWAY_MOST: Final = 4
#: Without an acknowledgement for so long the brokers count as away.
_SILENT_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.5


class ReplayWriter:
    """A publisher that has only so much on its way.

    Parameters
    ----------
    settings
        How to reach the brokers.
    topics
        Where outcomes go.
    """

    def __init__(self, settings: Settings, topics: Topics) -> None:
        least, most = sorted((topics.output_max_bytes, topics.dead_letter_max_bytes))
        self._settings = settings
        self._publisher = Publisher(client_arguments(settings), least, most, settings.compression)
        self._underway: deque[asyncio.Future[None]] = deque()

    async def start(self) -> None:
        """Connect."""
        await connect(self._settings, self._publisher.start)

    async def stop(self) -> None:
        """Disconnect; what is still on its way is given up, as where the replay has failed."""
        for each in self._underway:
            each.cancel()
        await disconnect(self._publisher.stop)

    async def write(self, written: Iterable[Written]) -> None:
        """Hand a batch over, when there is room for it.

        Raises
        ------
        BrokerUnavailable
            Where the brokers acknowledge nothing.
        NotWrittenError
            Where they refuse.
        """
        await self.settle(_UNDERWAY_MOST - 1)
        self._underway.append(await self._in_time(self._sent(written)))

    async def _sent(self, written: Iterable[Written]) -> asyncio.Future[None]:
        # A task at once: a replay that is ended meanwhile leaves nothing that nobody waits for.
        return asyncio.ensure_future(await self._publisher.send(written))

    async def settle(self, left: int = 0) -> None:
        """Wait until at most so many batches are on their way.

        Raises
        ------
        BrokerUnavailable, NotWrittenError
            As :meth:`write`.
        """
        while len(self._underway) > left:
            await self._in_time(self._underway.popleft())

    async def _in_time(self, writing: Awaitable[T]) -> T:
        task = asyncio.ensure_future(writing)
        # By the number of looks: whoever was stopped meanwhile has not waited.
        for _ in range(int(_SILENT_SECONDS / _LOOK_SECONDS)):
            done, _ = await asyncio.wait({task}, timeout=_LOOK_SECONDS)
            if done:
                return task.result()
        task.cancel()
        raise BrokerUnavailable(
            f"{', '.join(self._settings.brokers)} acknowledged nothing that was written for {_SILENT_SECONDS:g} s; see "
            "whether the brokers are well, and run the replay again: it gives the same ids"
        )
