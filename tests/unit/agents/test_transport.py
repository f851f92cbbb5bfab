"""What is read ahead of the scoring is bounded, however many partitions there are and however small batches are."""

import asyncio
from collections import Counter, deque
from types import SimpleNamespace
from typing import Any, cast

import pytest
from faust.types import TP

from sluicegate.agents import transport
from sluicegate.agents.app import create_app
from sluicegate.agents.fetching import Fetched
from sluicegate.agents.publisher import Written
from sluicegate.agents.settings import load_settings
from sluicegate.agents.transactions import TransactionalPublisher
from sluicegate.agents.transport import Consumer, DrainDeadlineError

PARTITIONS = 8
BATCH = 3


class Assigned:
    active = True


class Backlog:
    """Every partition has more records than are ever asked for."""

    def __init__(self, value: bytes) -> None:
        self.assignment = Assigned()
        self._value = value
        self._next: Counter[TP] = Counter()

    async def fetch(self, partitions: set[TP], most_records: int) -> Fetched:
        await asyncio.sleep(0)
        records = {tp: [self._record(tp) for _ in range(most_records)] for tp in partitions}
        return Fetched(self.assignment, cast(Any, records), dict(self._next))

    def _record(self, tp: TP) -> Any:
        offset = self._next[tp]
        self._next[tp] += 1
        return SimpleNamespace(offset=offset, key=None, value=self._value, headers=(), timestamp=0)


async def most_read_ahead(value: bytes, batches: int, buffer_bytes: int = 4 * 2**20) -> tuple[int, int, Counter[int]]:
    """Take so many batches one at a time; give the most batches and bytes that waited, and batches by partition."""
    settings = load_settings(batch_max=BATCH, batch_bytes=2**20, buffer_bytes=buffer_bytes)
    app = create_app(settings, {"bootstrap_servers": "127.0.0.1:1"}, lambda _: None)
    consumer = cast(Consumer, app.consumer)
    backlog = Backlog(value)
    delivered: deque[Any] = deque()
    arrived = asyncio.Event()

    async def deliver(message: Any) -> None:
        delivered.append(message)
        arrived.set()

    consumer.callback = deliver
    consumer._thread.fetch = backlog.fetch  # type: ignore[method-assign]
    assigned = {TP("events", partition) for partition in range(PARTITIONS)}
    consumer.tracker.assign(assigned)
    consumer._set_active_tps(assigned)
    consumer.assigned_now = consumer._accepted = backlog.assignment
    reading = asyncio.create_task(consumer._drain_messages(SimpleNamespace(_stopped=asyncio.Event())))
    most = most_bytes = 0
    taken: Counter[int] = Counter()
    try:
        for _ in range(batches):
            while not delivered:
                arrived.clear()
                await arrived.wait()
            message = delivered.popleft()
            assert consumer.begin(message.value)
            consumer.ack(message)
            taken[message.partition] += 1
            # The reading goes on as far as it will.
            for _ in range(50):
                await asyncio.sleep(0)
            most = max(most, consumer.tracker.waiting)
            most_bytes = max(most_bytes, consumer.tracker.held_bytes)
    finally:
        app._stopped.set()
        reading.cancel()
        consumer._thread.thread_loop.close()
    return most, most_bytes, taken


def test_no_more_than_a_round_is_read_ahead_of_a_slow_scoring_with_small_batches_of_many_partitions() -> None:
    most, _, taken = asyncio.run(asyncio.wait_for(most_read_ahead(b"small", 200), 30))
    assert most < transport._WAITING_MOST + PARTITIONS
    assert len(taken) == PARTITIONS
    assert max(taken.values()) - min(taken.values()) <= 1


def test_no_more_bytes_than_the_buffer_and_a_round_are_read_ahead_of_a_slow_scoring() -> None:
    value = b"x" * 2**18
    _, most_bytes, _ = asyncio.run(asyncio.wait_for(most_read_ahead(value, 100), 30))
    assert most_bytes <= 4 * 2**20 + PARTITIONS * BATCH * len(value)


def test_a_buffer_that_holds_less_than_a_batch_may_does_not_stop_the_reading() -> None:
    value = b"x" * 2**18
    _, most_bytes, taken = asyncio.run(asyncio.wait_for(most_read_ahead(value, 100, buffer_bytes=2**20), 30))
    assert sum(taken.values()) == 100
    assert most_bytes <= PARTITIONS * BATCH * len(value)


def test_each_batch_of_a_fetch_says_whether_more_of_it_follow() -> None:
    async def delivered() -> list[tuple[int, int, bool]]:
        app = create_app(load_settings(batch_max=BATCH), {"bootstrap_servers": "127.0.0.1:1"}, lambda _: None)
        consumer, backlog = cast(Consumer, app.consumer), Backlog(b"small")
        found: list[tuple[int, int, bool]] = []

        async def note(message: Any) -> None:
            found.append((message.partition, len(message.value.records), message.value.more))

        consumer.callback = note
        partitions = [TP("events", 0), TP("events", 1)]
        consumer.tracker.assign(partitions)
        for records in (BATCH + 1, 1):
            await consumer._deliver(await backlog.fetch(cast(Any, partitions), records))
        consumer._thread.thread_loop.close()
        return found

    first = [(0, 3, True), (0, 1, True), (1, 3, True), (1, 1, False)]
    assert asyncio.run(delivered()) == [*first, (0, 1, True), (1, 1, False)]


def test_partitions_that_are_paused_while_they_are_fetched_from_do_not_end_the_reading() -> None:
    async def fetched() -> list[TP]:
        app = create_app(load_settings(batch_max=BATCH), {"bootstrap_servers": "127.0.0.1:1"}, lambda _: None)
        consumer = cast(Consumer, app.consumer)
        assigned = {TP("events", partition) for partition in range(PARTITIONS)}
        found: list[TP] = []

        async def fetch(partitions: set[TP], most_records: int) -> Fetched:
            for tp in partitions:
                found.append(tp)
                consumer.pause_partitions(assigned)
                await asyncio.sleep(0)
            app._stopped.set()
            consumer._stopped.set()
            return Fetched(None, {}, {})

        consumer._thread.fetch = fetch  # type: ignore[method-assign]
        consumer.tracker.assign(assigned)
        consumer._set_active_tps(assigned)
        try:
            await consumer._drain_messages(SimpleNamespace(_stopped=asyncio.Event()))
        finally:
            consumer._thread.thread_loop.close()
        return found

    assert len(asyncio.run(asyncio.wait_for(fetched(), 10))) == PARTITIONS


def test_batches_that_are_late_when_their_partitions_are_taken_away_are_in_no_later_transaction() -> None:
    told: list[BaseException] = []

    async def revoke() -> None:
        settings = load_settings(in_flight_deadline=0.05)
        transactions = TransactionalPublisher({}, Assigned, "events", "group", 1, 1, "none", 0.1, told.append)  # type: ignore[arg-type]
        app = create_app(settings, {"bootstrap_servers": "127.0.0.1:1"}, told.append, transactions)
        consumer, tp = cast(Consumer, app.consumer), TP("events", 0)
        consumer.tracker.assign([tp])
        assert consumer.tracker.start(consumer.tracker.deliver(tp, 0, 3, 0, 1))
        with pytest.raises(TimeoutError):
            await consumer.wait_empty()
        consumer._thread.thread_loop.close()
        # What it had in hand comes now.
        with pytest.raises(DrainDeadlineError):
            await transactions.send([Written(0, [], 3)])

    asyncio.run(asyncio.wait_for(revoke(), 10))
    assert [str(error) for error in told] == [
        "1 batches were in flight for more than 0.05 s when partitions were taken away; they will be processed again"
    ]
