"""When a consumer commits: at once after a quiet moment, and once in an interval while there is always more.

What is acknowledged and not committed is what the successor of a killed worker repeats.
"""

import asyncio
from typing import Any, Final

from faust.transport.drivers import aiokafka as driver
from mode import Service

__all__ = ["PromptCommits"]

#: Seconds between looks where nothing is acknowledged.
_LOOK_EVERY: Final = 1.0
#: Seconds from one sign of life to the next.
_LIFE_EVERY: Final = 10.0


class PromptCommits(driver.Consumer):
    """A consumer that commits soon after work was acknowledged; Faust's looks at a clock, whatever there is to commit.

    Attributes
    ----------
    acknowledged
        Set where work was acknowledged.
    """

    _thread: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.acknowledged = asyncio.Event()
        super().__init__(*args, **kwargs)

    @Service.task
    async def _commit_handler(self) -> None:
        while not self.should_stop:
            # What becomes committable without being acknowledged, and what a commit left, is found by looking.
            await self.wait_first(self.acknowledged.wait(), timeout=_LOOK_EVERY)
            prompted = self.acknowledged.is_set()
            self.acknowledged.clear()
            if await self.commit() and prompted:
                await self.sleep(self.commit_interval)

    @Service.task
    async def _commit_livelock_detector(self) -> None:
        """Tell the group that the worker lives; progress, of which Faust judges here, is for its own health check."""
        while not self.should_stop:
            self._thread.note_life()
            await self.sleep(_LIFE_EVERY)
