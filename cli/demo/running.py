"""One run of the demo, from the broker's start to the books at the end; whatever happens, nothing is left running."""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sluicegate.agents.broker import admin_client
from sluicegate.agents.settings import Settings
from sluicegate.agents.topics import apply_topics, compare_topics
from sluicegate.cli.demo.broker import HOST, EmbeddedBroker, free_port
from sluicegate.cli.demo.generator import Generator
from sluicegate.cli.demo.leash import LeashedProcess, tail
from sluicegate.cli.demo.ledger import Ledger
from sluicegate.cli.demo.producing import produce
from sluicegate.cli.demo.scrape import is_ready
from sluicegate.cli.demo.surroundings import demo_settings, worker_environment
from sluicegate.cli.demo.tansu import ask_with_newer_request
from sluicegate.cli.demo.watching import TopicWatch, watch_metrics
from sluicegate.cli.errors import CommandError
from sluicegate.cli.trusted import served_policy
from sluicegate.policy import Policy

__all__ = ["Demo"]

#: Seconds that the worker may take to be ready, and then at the end to decide what is still in the stream.
_START_DEADLINE = 60.0
_DRAIN_DEADLINE = 15.0
_WORKER_GRACE = 10.0
_CLEANUP_DEADLINE = 2.0
_LOOK_EVERY = 0.1


class Demo:
    """Embedded broker, topics, worker and generator.

    Parameters
    ----------
    settings
        The user's; of them the bundle, the policy and the names of the topics are used.
    rate
        Events a second.
    duration
        Seconds to produce for; None until interrupted.
    seed
        Of the generator.

    Attributes
    ----------
    ledger
        What was seen so far.
    stage
        What it is doing, in a few words.
    addresses
        Of the broker and the worker's metrics, once the worker is ready.
    queues
        Names of the policy's queues.
    """

    def __init__(self, settings: Settings, rate: float, duration: float | None, seed: int) -> None:
        self._user_settings = settings
        self._rate = rate
        self._duration = duration
        self._generator = Generator(seed)
        self._interrupts = 0
        self.ledger = Ledger()
        self.stage = "starting"
        self.addresses = ""
        self.queues: list[str] = []
        self.began = time.monotonic()
        self.ran = False

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.began

    @property
    def first_decision(self) -> float | None:
        """Seconds from the start to the first decision."""
        first = self.ledger.first_decision
        return None if first is None else first - self.began

    def run(self, show: Callable[["Demo"], Coroutine[Any, Any, None]]) -> None:
        """Run it to its end.

        Must be called from the main thread: the children are on its leash.

        Parameters
        ----------
        show
            Shows the demo until it is cancelled.

        Raises
        ------
        CommandError
            When the broker or the worker did not start, or ended by itself.
        KeyboardInterrupt
            When interrupted before anything flowed, or twice.
        """
        signal.signal(signal.SIGTERM, _as_interrupt)
        ask_with_newer_request()
        policy = served_policy(self._user_settings.policy)
        self.queues = [queue.name for queue in policy.queues]
        with ExitStack() as ending:
            folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="sluicegate-demo-")))
            broker = EmbeddedBroker(folder)
            ending.callback(broker.stop)
            broker.start()
            settings = demo_settings(self._user_settings, broker.address, free_port())
            with admin_client(settings) as admin:
                _, differences = compare_topics(admin, settings, policy.review_topics(settings.review_prefix))
                apply_topics(admin, differences.missing)
            worker = LeashedProcess(
                [sys.executable, "-m", "sluicegate.cli.demo.worker"],
                folder / "worker.log",
                worker_environment(settings, os.environ),
                folder,
            )
            # SIGKILL is enough where it has not been told to drain: the broker and all it holds end as well.
            ending.callback(worker.stop, grace=0.0)
            asyncio.run(self._flow(settings, policy, worker, broker, show))
            if worker.stop(_WORKER_GRACE) != 0:
                raise CommandError(
                    f"The worker did not end well (exit code {worker.exit_code}); its last lines:\n{tail(worker.log)}"
                )

    async def _flow(
        self,
        settings: Settings,
        policy: Policy,
        worker: LeashedProcess,
        broker: EmbeddedBroker,
        show: Callable[["Demo"], Coroutine[Any, Any, None]],
    ) -> None:
        stopping = asyncio.Event()
        metrics_address = f"{HOST}:{settings.metrics_port}"
        course = asyncio.create_task(self._course(settings, metrics_address, stopping))
        companions = [
            asyncio.create_task(TopicWatch(settings, policy, self.ledger).run()),
            asyncio.create_task(watch_metrics(metrics_address, self.ledger)),
            asyncio.create_task(_guard(worker, broker)),
            asyncio.create_task(show(self)),
        ]
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._interrupt, stopping, course)
        try:
            done, _ = await asyncio.wait([course, *companions], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if task.cancelled():
                    raise KeyboardInterrupt
                task.result()
        finally:
            # Without a broker a producer would wait for ever to send what it has: asyncio.run cancels it once more.
            for task in (course, *companions):
                task.cancel()
            await asyncio.wait([course, *companions], timeout=_CLEANUP_DEADLINE)

    def _interrupt(self, stopping: asyncio.Event, course: asyncio.Task[None]) -> None:
        self._interrupts += 1
        stopping.set()
        # Before anything flows there is nothing to bring to an end, and who interrupts twice does not want to wait.
        if self._interrupts > 1 or not self.ran:
            course.cancel()

    async def _course(self, settings: Settings, metrics_address: str, stopping: asyncio.Event) -> None:
        self.stage = "starting the worker"
        deadline = time.monotonic() + _START_DEADLINE
        while not await asyncio.to_thread(is_ready, metrics_address):
            if time.monotonic() > deadline:
                raise CommandError(f"The worker was not ready within {_START_DEADLINE:.0f} s.")
            await asyncio.sleep(_LOOK_EVERY)
        self.addresses = self.stage = f"{settings.brokers[0]} · metrics at http://{metrics_address}/metrics"
        self.ran = True
        if self._duration is not None:
            asyncio.get_running_loop().call_later(self._duration, stopping.set)
        await produce(settings, self._generator, self.ledger, self._rate, stopping)
        self.stage = "bringing everything in the stream to its end"
        deadline = time.monotonic() + _DRAIN_DEADLINE
        while self.ledger.faults() and time.monotonic() < deadline:  # noqa: ASYNC110 - others write the ledger
            await asyncio.sleep(_LOOK_EVERY)


async def _guard(worker: LeashedProcess, broker: EmbeddedBroker) -> None:
    """Raise when a child ends by itself."""
    while worker.exit_code is None and broker.alive:  # noqa: ASYNC110 - the kernel sets no events
        await asyncio.sleep(_LOOK_EVERY)
    name, code, log = (
        ("broker", None, broker.log) if worker.exit_code is None else ("worker", worker.exit_code, worker.log)
    )
    said = "" if code is None else f" with exit code {code}"
    raise CommandError(f"The {name} ended by itself{said}; its last lines:\n{tail(log)}")


def _as_interrupt(*_: object) -> None:
    raise KeyboardInterrupt
