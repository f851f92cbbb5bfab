"""The monitor ends a worker of which a part has failed: Faust would leave it up, doing nothing."""

import asyncio
from typing import cast

from sluicegate.agents.app import create_app
from sluicegate.agents.health import Health
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.monitor import Monitor
from sluicegate.agents.publisher import Publisher
from sluicegate.agents.settings import load_settings
from sluicegate.agents.transport import Consumer


def test_a_part_of_the_stream_that_fails_ends_the_worker() -> None:
    async def failures() -> list[BaseException]:
        settings, failed = load_settings(), list[BaseException]()
        arguments = {"bootstrap_servers": "127.0.0.1:1"}
        app = create_app(settings, arguments, failed.append)
        publisher = Publisher(arguments, 2**20, 2**20)
        monitor = Monitor(settings, app, publisher, Metrics(), Health(connected=True), failed.append)
        await app.consumer.crash(OSError("the fetching failed"))
        watching = asyncio.create_task(monitor.run())
        await asyncio.sleep(0)
        watching.cancel()
        await publisher._producer.stop()
        cast(Consumer, app.consumer)._thread.thread_loop.close()
        return failed

    assert [str(error) for error in asyncio.run(failures())] == ["the fetching failed"]
