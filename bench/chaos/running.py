"""One run: topics, workers, load and faults, until all is done or nothing moves any more; gives the evidence."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar

from kafka.admin import KafkaAdminClient

from sluicegate.agents.settings import Settings
from sluicegate.agents.topics import TopicSpec, apply_topics, desired_topics
from sluicegate.bench.chaos.commits import CommitWatch
from sluicegate.bench.chaos.evidence import Books, Delivery, Evidence
from sluicegate.bench.chaos.fleet import Fleet, WorkerProcess
from sluicegate.bench.chaos.load import Planned, make_load
from sluicegate.bench.chaos.publishing import publish
from sluicegate.bench.chaos.reading import read_topics
from sluicegate.bench.chaos.schedule import Size, schedule
from sluicegate.bench.chaos.striking import Stalled, Striker
from sluicegate.deploy.kafka.node import KafkaNode
from sluicegate.policy import Policy, default_policy_path, load_policy

__all__ = ["WORKER", "Run", "run"]

T = TypeVar("T")

#: What is put to the proof.
WORKER: Final = (sys.executable, "-m", "sluicegate", "worker")

_PREFIX: Final = "SLUICEGATE_"
_LOOK_SECONDS: Final = 0.05
_READY_SECONDS: Final = 240.0
#: How far the load may be ahead of the faults, in episodes.
_AHEAD: Final = 1.5


@dataclass(frozen=True)
class Run:
    """What is run.

    Attributes
    ----------
    seed, size
        Of the load and the faults.
    delivery
        What the workers are to promise.
    folder
        For the logs of the workers.
    command
        Of a worker.
    name
        Of its topics and its group, where several runs share a broker.
    """

    seed: int
    size: Size
    delivery: Delivery
    folder: Path
    command: Sequence[str] = WORKER
    name: str = "chaos"

    def settings(self, bootstrap: str) -> dict[str, str]:
        """Give the environment of a worker."""
        settings = {
            "BROKERS": bootstrap,
            "GROUP": self.name,
            "EVENTS_TOPIC": f"{self.name}.events",
            "DECISIONS_TOPIC": f"{self.name}.decisions",
            "DEAD_LETTERS_TOPIC": f"{self.name}.dlq",
            "OUTCOMES_TOPIC": f"{self.name}.outcomes",
            "DESK_STATE_TOPIC": f"{self.name}.desk",
            "REVIEW_PREFIX": f"{self.name}.review.",
            "PARTITIONS": str(self.size.partitions),
            "METRICS_PORT": "0",
            "SESSION_TIMEOUT": str(self.size.session_timeout),
        }
        if self.delivery != "at_least_once":
            settings["DELIVERY"] = self.delivery
        return {_PREFIX + name: value for name, value in settings.items()}


async def run(bootstrap: str, plan: Run, say: Callable[[str], None], node: KafkaNode | None = None) -> Evidence:
    """Run workers through a load and its faults.

    Parameters
    ----------
    bootstrap
        Address of a broker.
    plan
        What is run.
    say
        Tells the user how it goes.
    node
        That broker, where faults are to befall it.

    Raises
    ------
    TimeoutError
        Where the workers do not even begin.
    """
    environment = plan.settings(bootstrap)
    settings = _settings(environment)
    policy = load_policy(default_policy_path())
    review_topics = policy.review_topics(settings.review_prefix)
    _make_topics(bootstrap, desired_topics(settings, review_topics))
    plan.folder.mkdir(parents=True, exist_ok=True)
    fleet = Fleet(plan.command, environment, plan.folder, plan.size.workers)
    with CommitWatch(bootstrap, settings.group, settings.events_topic) as watch:
        striker = Striker(node, fleet, watch, plan.size.patience, say)
        try:
            async with _kept(fleet):
                await _wait_until_consuming(fleet)
                say(f"{plan.size.workers} workers consume; {plan.size.rate:.0f} events a second are published")
                planned, stalled = await _load_and_strike(bootstrap, settings, plan, striker)
                books = await _settled_books(fleet)
            await asyncio.gather(*(fleet.stop(worker) for worker in fleet.running()))
            await asyncio.to_thread(watch.look_again)
        finally:
            fleet.end()

    async def read(*topics: str) -> Sequence[Any]:
        return await read_topics(bootstrap, topics, plan.size.partitions)

    say("reading what stands in the topics")
    return Evidence(
        delivery=plan.delivery,
        planned=planned,
        events=await read(settings.events_topic),
        decisions=await read(settings.decisions_topic),
        dead_letters=await read(settings.dead_letters_topic),
        reviews=await read(*review_topics),
        review_prefix=settings.review_prefix,
        queues=_queues(policy),
        samples=watch.samples,
        faults=sorted(striker.struck, key=lambda struck: struck.began),
        stops=fleet.stops,
        expiries=[expiry for worker in fleet.workers for expiry in worker.expiries()],
        books=books,
        stalled=stalled,
    )


async def _load_and_strike(
    bootstrap: str, settings: Settings, plan: Run, striker: Striker
) -> tuple[list[Planned], bool]:
    size = plan.size
    load = list(make_load(plan.seed, size))

    def may_publish(published: int) -> bool:
        # The load stretches over the whole run, however long it takes: every fault falls into it.
        return striker.due is None or published < striker.due + _AHEAD * size.spacing * size.rate

    publishing = asyncio.create_task(
        publish(
            bootstrap,
            settings.events_topic,
            load,
            size.rate,
            may_publish,
            Random(f"bursts {plan.seed}"),
        )
    )
    striking = asyncio.create_task(striker.strike_all(schedule(plan.seed, size)))
    try:
        await asyncio.gather(publishing, striking)
        await striker.wait_for(size.events)
    except Stalled:
        return load, True
    finally:
        for task in (publishing, striking):
            task.cancel()
        await asyncio.gather(publishing, striking, return_exceptions=True)
    return load, False


@contextlib.asynccontextmanager
async def _kept(fleet: Fleet) -> AsyncIterator[None]:
    keeping = asyncio.create_task(fleet.keep())
    try:
        yield
    finally:
        keeping.cancel()


async def _wait_until_consuming(fleet: Fleet) -> None:
    """Wait until all workers have partitions."""
    end = time.monotonic() + _READY_SECONDS
    while not (told := await _ask(fleet, WorkerProcess.partitions)) or not all(told):
        if time.monotonic() > end:
            raise TimeoutError(f"the workers do not consume after {_READY_SECONDS:g} s; see their logs, {fleet.folder}")
        await asyncio.sleep(_LOOK_SECONDS)


async def _settled_books(fleet: Fleet) -> list[Books]:
    """Give the books of all that live, once all tell them and nothing is in flight any more."""
    end = time.monotonic() + _READY_SECONDS
    while True:
        told = await _ask(fleet, WorkerProcess.books)
        books = [each for each in told if each is not None]
        if (len(books) == len(told) and not any(each.in_flight for each in books)) or time.monotonic() > end:
            return books
        await asyncio.sleep(_LOOK_SECONDS)


async def _ask(fleet: Fleet, question: Callable[[WorkerProcess], T]) -> list[T]:
    return await asyncio.gather(*(asyncio.to_thread(question, worker) for worker in fleet.running()))


def _settings(environment: dict[str, str]) -> Settings:
    fields = {name.removeprefix(_PREFIX).lower(): value for name, value in environment.items()}
    return Settings.model_validate({name: value for name, value in fields.items() if name in Settings.model_fields})


def _make_topics(bootstrap: str, wanted: Sequence[TopicSpec]) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        # The broker's own clock stamps every record: when it was there to be read is part of the evidence.
        stamped = {"message.timestamp.type": "LogAppendTime"}
        apply_topics(
            admin,
            [TopicSpec(one.name, one.partitions, one.replication, {**one.config, **stamped}) for one in wanted],
        )
    finally:
        admin.close()


def _queues(policy: Policy) -> list[str]:
    return [queue.name for queue in policy.queues]
