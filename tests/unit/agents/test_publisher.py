"""What the publisher hands over first."""

import asyncio

from sluicegate.agents.outcome import Output
from sluicegate.agents.publisher import Publisher


def test_decisions_are_handed_over_behind_the_tasks_of_all_events() -> None:
    topics = ["decisions", "letters", "review.0", "decisions", "review.1", "decisions", "letters"]

    async def ready() -> list[str]:
        publisher = Publisher({"bootstrap_servers": "127.0.0.1:1"}, 2**20, 2**20)
        return list(publisher._ready([Output(topic, None, b"{}", ()) for topic in topics]))

    assert asyncio.run(ready()) == ["review.0", "review.1", "decisions", "letters"]
