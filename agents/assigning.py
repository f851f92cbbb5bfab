"""Does something with the partitions of a new assignment before any of their committed offsets is read.

aiokafka begins to read those offsets before it calls a rebalance listener, and beside it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiokafka.coordinator.protocol import ConsumerProtocol

__all__ = ["before_positions"]


def before_positions(
    coordinator: Any, take_over: Callable[[Iterable[int]], Awaitable[None]], fail: Callable[[BaseException], None]
) -> None:
    """Have partitions taken over at every assignment, before the coordinator goes on with it.

    Parameters
    ----------
    coordinator
        The ``GroupCoordinator`` of aiokafka, of one topic.
    take_over
        Awaited with the numbers of the partitions. The group's heartbeat rests meanwhile.
    fail
        Ends the process, where they could not be taken over; may be called from any thread.
    """
    complete = coordinator._on_join_complete

    async def take_over_and_complete(generation: int, member_id: str, protocol: str, assigned: bytes) -> None:
        partitions = ConsumerProtocol.ASSIGNMENT.decode(assigned).partitions()
        try:
            await take_over([each.partition for each in partitions])
        except Exception as error:  # noqa: BLE001 - ends the process
            fail(error)
            # Whoever went on would read offsets that others may still move.
            await asyncio.Event().wait()
        await complete(generation, member_id, protocol, assigned)

    coordinator._on_join_complete = take_over_and_complete
