"""The monitor ends a worker of which a part has failed, and leaves a sign of life for those outside its loop."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Final, cast

import pytest
from aiokafka.cluster import ClusterMetadata
from aiokafka.structs import PartitionMetadata
from faust.types import TP
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from sluicegate.agents.app import create_app
from sluicegate.agents.health import Health
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.monitor import Monitor
from sluicegate.agents.publisher import Publisher
from sluicegate.agents.settings import load_settings
from sluicegate.agents.transport import Consumer

PARTITIONS: Final = (TP("events", 0), TP("events", 1))


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
    return {s.labels["partition"]: s.value for s in _samples(metrics) if s.name == "sluicegate_lag_records"}


def _samples(metrics: Metrics) -> list[Sample]:
    families = text_string_to_metric_families(metrics.exposition().decode())
    return [sample for family in families for sample in family.samples]


@pytest.fixture
def watched() -> Iterator[tuple[Monitor, Consumer, Metrics, Health]]:
    """A monitor whose brokers tell what a test has them tell, of two partitions that are read to 100."""

    async def create() -> tuple[Monitor, Consumer, Metrics, Health, Publisher]:
        metrics, arguments = Metrics(), {"bootstrap_servers": "127.0.0.1:1"}
        health = Health(connected=True, joined=True, stage="consuming")
        app = create_app(load_settings(), arguments, lambda _: None)
        publisher, consumer = Publisher(arguments, 2**20, 2**20), cast(Consumer, app.consumer)
        monitor = Monitor(load_settings(), app, publisher, metrics, health, lambda _: None)
        consumer.tracker.assign(PARTITIONS)
        for tp in PARTITIONS:
            consumer.tracker.note_position(tp, 100)
        return monitor, consumer, metrics, health, publisher

    with asyncio.Runner() as runner:
        monitor, consumer, metrics, health, publisher = runner.run(create())
        yield monitor, consumer, metrics, health
        runner.run(publisher._producer.stop())
        consumer._thread.thread_loop.close()


def look(monitor: Monitor, consumer: Consumer, now: float, told: dict[TP, int], led: Sequence[TP] = PARTITIONS) -> None:
    monitor._led, monitor._told = frozenset(led), frozenset(told)
    monitor._ends |= told
    monitor._look_at_partitions(now, consumer)


@pytest.mark.parametrize("led", [PARTITIONS, PARTITIONS[:1]], ids=["slow", "no leader"])
def test_a_partition_whose_end_no_broker_tells_makes_a_worker_unready_and_has_no_lag_that_may_be_wrong(
    watched: tuple[Monitor, Consumer, Metrics, Health], led: Sequence[TP]
) -> None:
    monitor, consumer, metrics, health = watched
    first, second = PARTITIONS
    deadline = int(load_settings().progress_deadline)
    look(monitor, consumer, 0, {first: 100, second: 100})
    for now in range(1, deadline + 1):
        look(monitor, consumer, now, {first: 100}, led)
    assert (health.ready, _lag_records(metrics)) == (True, {"0": 0.0, "1": 0.0})
    look(monitor, consumer, deadline + 1, {first: 100}, led)
    said = f"brokers have not told for {deadline} s where partitions 1 of content.events end"
    assert (health.ready, health.readiness, health.stuck) == (False, said, "")
    # To a partition without a leader nothing is written: what was left is what is left.
    assert _lag_records(metrics) == {"0": 0.0, **({"1": 0.0} if second not in led else {})}
    look(monitor, consumer, deadline + 2, {first: 100, second: 130})
    assert health.ready
    assert _lag_records(metrics) == {"0": 0.0, "1": 30.0}


def test_nothing_left_counts_as_progress_only_where_brokers_have_just_told_so_of_all_partitions(
    watched: tuple[Monitor, Consumer, Metrics, Health],
) -> None:
    monitor, consumer, metrics, _ = watched
    first, second = PARTITIONS
    look(monitor, consumer, 0.0, {first: 100})
    look(monitor, consumer, 1.0, {})
    assert _progress(metrics) == 0
    look(monitor, consumer, 2.0, {first: 100, second: 100})
    assert _progress(metrics) > 0


def _progress(metrics: Metrics) -> float:
    return next((s.value for s in _samples(metrics) if s.name == "sluicegate_progress_timestamp_seconds"), 0.0)


def test_only_partitions_with_a_leader_are_asked_for_their_ends(
    watched: tuple[Monitor, Consumer, Metrics, Health],
) -> None:
    _, consumer, _, _ = watched
    cluster = ClusterMetadata()
    consumer._thread._consumer = SimpleNamespace(_client=SimpleNamespace(cluster=cluster))
    assert consumer.led() == []
    for tp, leader in zip(PARTITIONS, (7, -1), strict=True):
        about = PartitionMetadata(tp.topic, tp.partition, leader, [7], [7], None)
        cluster._partitions.setdefault(tp.topic, {})[tp.partition] = about
    assert consumer.led() == [PARTITIONS[0]]


def test_pressure_is_warned_of_in_a_whole_sentence_and_its_end_is_no_warning(
    watched: tuple[Monitor, Consumer, Metrics, Health], caplog: pytest.LogCaptureFixture
) -> None:
    monitor, consumer, _, _ = watched
    caplog.set_level(logging.INFO, "sluicegate.worker")
    for now in range(7):
        look(monitor, consumer, now, dict.fromkeys(PARTITIONS, 100_000))
    for now in range(7, 14):
        look(monitor, consumer, now, dict.fromkeys(PARTITIONS, 100))
    warning = "under pressure: optional stages (second opinions, a shadow) are left out until the worker has caught up"
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", warning),
        ("INFO", "under pressure no longer"),
    ]
