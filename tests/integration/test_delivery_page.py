"""The page on delivery: the consumer that stands there gives every decision once, though some are repeated."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from kafka.admin import KafkaAdminClient

from tests.integration.streams import Stream
from tests.integration.test_delivery import assert_each_decided_in_order, events
from tests.integration.worker_process import until

_PAGE = (Path(__file__).parents[2] / "docs" / "delivery.md").read_text(encoding="utf-8")
MANY = 2000


def consumer_of_the_page() -> dict[str, Any]:
    (code,) = re.findall(r"```python\n(.*?)```", _PAGE, flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/delivery.md", "exec"), names)
    return names


def committed(stream: Stream) -> int:
    """Give how many decisions the consumer has committed, over all partitions."""
    admin = KafkaAdminClient(bootstrap_servers=stream.bootstrap)
    try:
        (found,) = admin.list_group_offsets(f"{stream.name}.readers").values()
        return sum(meta.offset for meta in found.values())
    finally:
        admin.close()


def followed(stream: Stream, page: dict[str, Any]) -> list[str]:
    """Let the consumer run until it has committed all that there is; give the ids that it handled."""
    handled: list[str] = []
    there = stream.ends(stream.decisions)
    follow: Callable[..., Coroutine[Any, Any, None]] = page["follow"]

    async def handle(decision: dict[str, Any]) -> None:
        handled.append(decision["data"]["event"]["id"])

    async def follow_to_the_end() -> None:
        following = asyncio.create_task(follow(stream.bootstrap, f"{stream.name}.readers", stream.decisions, handle))
        try:
            await asyncio.to_thread(until, lambda: following.done() or committed(stream) >= there, 90)
            assert not following.done(), following
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    asyncio.run(follow_to_the_end())
    return handled


def repeat_some(stream: Stream) -> None:
    """Have events decided by a worker that is killed with much uncommitted, and by its successor."""
    stream.publish(events(MANY))
    settings = {"SLUICEGATE_INSTANCE": "killed", "SLUICEGATE_BATCH_MAX": "20", "SLUICEGATE_COMMIT_INTERVAL": "60"}
    worker = stream.start_worker(**settings)
    until(lambda: worker.metric("sluicegate_events_decided_total") > MANY / 4, 90, worker)
    worker.kill()
    stream.start_worker(**settings)
    raw = stream.wait_for_decisions(MANY)
    assert_each_decided_in_order(raw, MANY)
    assert len(raw) > MANY


def test_the_consumer_of_the_page_gives_each_decision_of_a_killed_worker_and_its_successor_once(stream: Stream) -> None:
    page = consumer_of_the_page()
    repeat_some(stream)
    assert sorted(map(int, followed(stream, page))) == list(range(MANY))


def test_a_consumer_that_is_started_again_knows_what_it_has_given_before(stream: Stream) -> None:
    page = consumer_of_the_page()
    worker = stream.start_worker(SLUICEGATE_COMMIT_INTERVAL="60", SLUICEGATE_INSTANCE="killed").wait_until_ready(90)
    # What comes first is committed at once, and nothing of what follows.
    stream.publish(events(1))
    stream.wait_until_committed(1)
    stream.publish(events(99, 1))
    stream.wait_for_decisions(100)
    given = followed(stream, page)
    worker.kill()
    stream.start_worker(SLUICEGATE_INSTANCE="killed")
    stream.publish(events(50, 100))
    raw = stream.wait_for_decisions(150)
    given += followed(stream, page)
    assert sorted(map(int, given)) == list(range(150))
    assert len(raw) > 150


def test_the_consumer_of_the_page_forgets_what_lies_before_its_window() -> None:
    page = consumer_of_the_page()
    page["WINDOW"] = 2
    seen = page["Seen"]()
    assert [seen.add(each) for each in ("a", "b", "a", "c", "a")] == [True, True, False, True, True]
