"""A worker that drains while its group is shared out anew commits what it finishes, and leaves its group afterwards."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import faust
from faust.types import TP

from sluicegate.agents.app import create_app
from sluicegate.agents.settings import load_settings
from sluicegate.agents.transport import Consumer

EVENTS = TP("events", 0)


class Draining:
    """A worker that was told to stop with a batch in flight; its client is there, and not connected."""

    def __init__(self) -> None:
        self.app: faust.App = create_app(load_settings(), {"bootstrap_servers": "127.0.0.1:1"}, lambda _: None)
        self.consumer = cast(Consumer, self.app.consumer)
        self.closed: list[str] = []
        self.committed: dict[TP, int] = {}
        thread = cast(Any, self.consumer._thread)
        thread._consumer = SimpleNamespace(
            _closed=False,
            assignment=lambda: {EVENTS},
            _client=self._closing("client"),
            _coordinator=self._closing("group"),
        )
        thread.commit = self._commit
        self.consumer.tracker.assign([EVENTS])
        self.ticket = self.consumer.tracker.deliver(EVENTS, 0, 7, 0, 100)
        assert self.consumer.tracker.start(self.ticket)
        self.app._stopped.set()

    def _closing(self, name: str) -> Any:
        async def close() -> None:
            self.closed.append(name)

        return SimpleNamespace(close=close)

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        self.committed |= offsets
        return True

    def finish(self) -> None:
        """Have the batch acknowledged."""
        self.consumer.ack(SimpleNamespace(value=SimpleNamespace(ticket=self.ticket)))

    def is_open(self) -> bool:
        """Tell whether its client can still leave the group."""
        return not self.closed and not cast(Any, self.consumer._thread)._consumer._closed


async def turns(number: int = 20) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def drained_through_a_rebalance() -> Draining:
    worker = Draining()
    draining = asyncio.create_task(worker.consumer.wait_empty())
    await turns()
    revoked = asyncio.create_task(worker.consumer.on_partitions_revoked({EVENTS}))
    await turns()
    worker.finish()
    await asyncio.gather(draining, revoked)
    await worker.consumer.on_partitions_assigned({EVENTS}, 2)
    await turns()
    worker.consumer._thread.thread_loop.close()
    return worker


def test_a_batch_that_is_finished_when_partitions_are_taken_from_a_draining_worker_is_committed() -> None:
    worker = asyncio.run(asyncio.wait_for(drained_through_a_rebalance(), 10))
    assert worker.committed == {EVENTS: 7}


def test_a_rebalance_does_not_close_the_client_of_a_draining_worker_which_leaves_its_group_with_it() -> None:
    worker = asyncio.run(asyncio.wait_for(drained_through_a_rebalance(), 10))
    assert worker.is_open()
    assert worker.consumer.rebalances == 0
