"""A worker that has nothing to fetch for hours stays in its group: aiokafka would leave it, and join no more."""

import asyncio
import threading
from types import SimpleNamespace
from typing import Any, cast

from aiokafka import AIOKafkaClient
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import SubscriptionState

from sluicegate.agents import app as apps
from sluicegate.agents.app import create_app
from sluicegate.agents.committing import PromptCommits
from sluicegate.agents.settings import load_settings
from sluicegate.agents.transport import Consumer

HOURS = 2 * apps._POLL_INTERVAL


def idle_for(seconds: float) -> Any:
    state = SubscriptionState()
    state._last_fetch_ended -= seconds
    return state


def test_aiokafka_joins_no_group_again_for_who_has_fetched_nothing_for_long() -> None:
    async def joined() -> tuple[Any, list[str]]:
        asked: list[str] = []
        client = AIOKafkaClient(bootstrap_servers="127.0.0.1:1")
        longest = int(apps._POLL_INTERVAL * 1000)
        coordinator = GroupCoordinator(client, idle_for(HOURS), max_poll_interval_ms=longest, enable_auto_commit=False)

        async def rejoin(_: Any) -> bool:
            asked.append("to join")
            return True

        coordinator._do_rejoin_group = rejoin
        found = await coordinator.ensure_active_group(SimpleNamespace(active=True), SimpleNamespace(tps=set()))
        await coordinator.close()
        await client.close()
        return found, asked

    assert asyncio.run(joined()) == (None, [])


def test_a_worker_without_partitions_counts_as_one_that_fetches() -> None:
    async def idle_seconds() -> float:
        app = create_app(load_settings(), {"bootstrap_servers": "127.0.0.1:1"}, lambda _: None)
        consumer = cast(Consumer, app.consumer)
        state, loop = idle_for(HOURS), consumer._thread.thread_loop
        cast(Any, consumer._thread)._consumer = SimpleNamespace(_subscription=state)
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        living = asyncio.create_task(cast(Any, PromptCommits._commit_livelock_detector)(consumer))
        try:
            async with asyncio.timeout(10):
                while state.fetcher_idle_time >= HOURS:
                    await asyncio.sleep(0)
            return float(state.fetcher_idle_time)
        finally:
            living.cancel()
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()

    assert asyncio.run(idle_seconds()) < 60


def test_a_sign_of_life_after_the_end_of_the_thread_is_no_failure() -> None:
    async def note() -> None:
        app = create_app(load_settings(), {"bootstrap_servers": "127.0.0.1:1"}, lambda _: None)
        consumer = cast(Consumer, app.consumer)
        cast(Any, consumer._thread)._consumer = SimpleNamespace(_subscription=SubscriptionState())
        consumer._thread.thread_loop.close()
        consumer._thread.note_life()

    asyncio.run(note())
