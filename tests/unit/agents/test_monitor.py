"""The monitor ends a worker of which a part has failed, and leaves a sign of life for those outside its loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from faust.types import TP
from prometheus_client.parser import text_string_to_metric_families

from sluicegate.agents.app import create_app
from sluicegate.agents.health import Health
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.monitor import Monitor
from sluicegate.agents.publisher import Publisher
from sluicegate.agents.settings import load_settings
from sluicegate.agents.transport import Consumer


@asynccontextmanager
async def monitored(failure: BaseException, health: Health) -> AsyncIterator["asyncio.Future[BaseException]"]:
    """Watch a worker of which a part has failed; give what the monitor will end it with."""
    settings, failed = load_settings(), asyncio.get_running_loop().create_future()
    arguments = {"bootstrap_servers": "127.0.0.1:1"}
    app = create_app(settings, arguments, failed.set_result)
    publisher = Publisher(arguments, 2**20, 2**20)
    await app.consumer.crash(failure)
    watching = asyncio.create_task(Monitor(settings, app, publisher, Metrics(), health, failed.set_result).run())
    yield failed
    watching.cancel()
    await asyncio.wait([watching])
    await publisher._producer.stop()
    cast(Consumer, app.consumer)._thread.thread_loop.close()


def test_a_part_of_the_stream_that_fails_ends_the_worker() -> None:
    async def failure() -> BaseException:
        async with monitored(OSError("the fetching failed"), Health(connected=True)) as failed:
            return await asyncio.wait_for(failed, 10)

    assert str(asyncio.run(failure())) == "the fetching failed"


def test_every_look_is_a_sign_of_life_until_the_monitor_ends() -> None:
    health = Health(connected=True)

    async def looked() -> tuple[float | None, float]:
        async with monitored(OSError("any"), health) as failed:
            await asyncio.wait_for(failed, 10)
            return health.looked, asyncio.get_running_loop().time()

    at, now = asyncio.run(looked())
    assert at is not None
    assert health.trouble(at + load_settings().progress_deadline) == ""
    assert abs(now - at) < 10
    assert health.looked is None


def test_lag_is_told_of_a_partition_once_it_is_known_where_reading_begins() -> None:
    async def lags() -> list[dict[str, float]]:
        metrics, arguments = Metrics(), {"bootstrap_servers": "127.0.0.1:1"}
        app = create_app(load_settings(), arguments, lambda _: None)
        publisher, consumer = Publisher(arguments, 2**20, 2**20), cast(Consumer, app.consumer)
        monitor = Monitor(load_settings(), app, publisher, metrics, Health(connected=True), lambda _: None)
        partition = TP("events", 3)
        monitor._ends = {partition: 800}
        consumer.tracker.assign({partition})
        told = []
        for committed, position in ((None, None), (480, None), (480, 500)):
            if committed is not None:
                monitor._firsts = {partition: committed}
            if position is not None:
                consumer.tracker.note_position(partition, position)
            monitor._look_at_partitions(0.0, consumer)
            told.append(_lag_records(metrics))
        await publisher._producer.stop()
        consumer._thread.thread_loop.close()
        return told

    assert asyncio.run(lags()) == [{}, {"3": 320.0}, {"3": 300.0}]


def _lag_records(metrics: Metrics) -> dict[str, float]:
    families = text_string_to_metric_families(metrics.exposition().decode())
    samples = [sample for family in families for sample in family.samples]
    return {s.labels["partition"]: s.value for s in samples if s.name == "sluicegate_lag_records"}
