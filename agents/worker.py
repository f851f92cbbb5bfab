"""One worker process, from its start to its exit: what it waits for, when it is ready, how it drains, why it ends."""

import asyncio
import contextlib
import gc
import logging
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any, Final, TypeVar, cast

from kafka.admin import KafkaAdminClient

from sluicegate import __version__
from sluicegate.agents.app import create_app
from sluicegate.agents.books import Books
from sluicegate.agents.broker import ask_brokers, client_arguments
from sluicegate.agents.bundle_watch import BundleWatch
from sluicegate.agents.connecting import connect
from sluicegate.agents.encoding import Topics
from sluicegate.agents.flood import DeadLetterWatch
from sluicegate.agents.health import Health
from sluicegate.agents.heap import keep_giving_back
from sluicegate.agents.languages import LoadingIdentifier
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.monitor import Monitor
from sluicegate.agents.permissions import explained, worker_needs
from sluicegate.agents.pressure import Pressure
from sluicegate.agents.publisher import OutcomePublisher, Publisher
from sluicegate.agents.refusals import RefusalWatch
from sluicegate.agents.scoring import ROUNDS_MOST, TRANSACTION_ROUNDS_MOST, ScoringAgent
from sluicegate.agents.serving import Serving
from sluicegate.agents.settings import Settings
from sluicegate.agents.topics import RecordLimits, check_topics, record_limits
from sluicegate.agents.transactions import TransactionalPublisher
from sluicegate.agents.transport import Consumer
from sluicegate.models.language import LanguageIdentifier
from sluicegate.models.opinion.consulted import Opinion
from sluicegate.policy import Policy

__all__ = ["DRAIN_SECONDS", "Worker"]

T = TypeVar("T")

_LOG: Final = logging.getLogger("sluicegate.worker")

#: Seconds that a worker takes at the most to drain after SIGTERM; what is not acknowledged by then is not committed.
DRAIN_SECONDS: Final = 7.0
#: Seconds that a failing worker takes at the most to commit what was acknowledged, and to leave its group.
_LEAVE_SECONDS: Final = 2.0


class Worker:
    """A worker of the role ``score``.

    Parameters
    ----------
    settings
        Of this process.
    serving, policy
        What it serves, loaded and checked.
    metrics, health
        What it keeps up to date.
    opinion
        Scores again what the model is unsure of.
    identifier
        Tells the language of texts whose events name none.
    processes
        How many processes there are beside this one and with it, of which it speaks; 1 where it speaks for itself.
    pressure
        Told how far behind the worker is.
    """

    def __init__(
        self,
        settings: Settings,
        serving: Serving,
        policy: Policy,
        metrics: Metrics,
        health: Health,
        opinion: Opinion | None = None,
        identifier: LoadingIdentifier | None = None,
        processes: int = 1,
        pressure: Pressure | None = None,
    ) -> None:
        self._settings = settings
        self._serving = serving
        self._policy = policy
        self._metrics = metrics
        self._health = health
        self._opinion = opinion
        self._identifier = identifier
        self._processes = processes
        self._pressure = pressure
        self._bundles = BundleWatch(serving, metrics, settings.bundle_poll)
        self._stopping = threading.Event()
        self._ended: asyncio.Future[BaseException | None]
        self._ending: Callable[[int], None]

    async def run(self, ending: Callable[[int], None]) -> BaseException | None:
        """Run until SIGTERM or SIGINT, or until something fails.

        Parameters
        ----------
        ending
            Called once with the exit code, when the worker begins to end.

        Returns
        -------
        BaseException or None
            What failed; None after a drain.
        """
        loop = asyncio.get_running_loop()
        self._ending = ending
        self._ended = loop.create_future()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop, number)
        if self._identifier is not None:
            self._identifier.loaded.add_done_callback(self._languages_loaded)
        serving = loop.create_task(self._serve())
        serving.add_done_callback(self._serving_ended)
        failure = await self._ended
        serving.cancel()
        await asyncio.wait([serving], timeout=DRAIN_SECONDS if failure is None else _LEAVE_SECONDS)
        return failure

    def fail(self, error: BaseException) -> None:
        """End the process with an error; may be called from any thread."""
        loop = self._ended.get_loop()
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._give_up, error)

    def _languages_loaded(self, loaded: Future[LanguageIdentifier]) -> None:
        if (error := loaded.exception()) is not None:
            self.fail(error)

    def _give_up(self, error: BaseException) -> None:
        error = explained(error, self._settings)
        # Leaving the group may take seconds, and only then is the user told: the log says at once what began it. Where
        # the stream has ended already, as at a start that fails, the sentence follows by itself.
        if not self._ended.done():
            _LOG.critical("ending: %s", str(error) or type(error).__name__)
        self._end(error)

    def _stop(self, number: int) -> None:
        _LOG.info("draining after %s", signal.Signals(number).name)
        self._health.stage, self._health.joined = "draining", False
        self._stopping.set()
        self._end(None)

    def _end(self, error: BaseException | None) -> None:
        if not self._ended.done():
            self._ending(0 if error is None else 1)
            self._ended.set_result(error)

    def _serving_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            failure = task.exception() or RuntimeError("the stream ended by itself")
            self._end(explained(failure, self._settings))

    async def _serve(self) -> None:
        settings, health = self._settings, self._health
        health.stage = "waiting for a broker"
        look = partial(_look_at_topics, settings=settings, policy=self._policy, processes=self._processes)
        limits = await _in_thread(partial(ask_brokers, settings, look, self._stopping.is_set))
        if limits is None:
            return
        health.connected = True
        topics = Topics(
            settings.decisions_topic,
            settings.dead_letters_topic,
            settings.review_prefix,
            limits.output,
            limits.dead_letter,
        )
        arguments = client_arguments(settings)
        publisher = self._create_publisher(arguments, limits)
        books = Books(self._metrics, settings.drift_window)
        watch = DeadLetterWatch(settings.dead_letter_share, settings.dead_letter_window, settings.dead_letter_minimum)
        pipeline = self._serving.pipeline(topics, self._opinion, self._identifier)
        rounds = ROUNDS_MOST if settings.delivery == "at_least_once" else TRANSACTION_ROUNDS_MOST
        bounds = (settings.batch_max, settings.batch_bytes, rounds)
        agent = ScoringAgent(pipeline, publisher, books, health, watch, self.fail, *bounds)
        await connect(settings, publisher.start)
        try:
            transactions = publisher if isinstance(publisher, TransactionalPublisher) else None
            app = create_app(settings, arguments, self.fail, transactions)
            app.agent(app.topic(settings.events_topic, key_serializer="raw", value_serializer="raw"), name="score")(
                agent.run
            )
            refusals = RefusalWatch(settings, arguments, self.fail)
            monitor = Monitor(settings, app, publisher, self._metrics, health, self.fail, self._pressure, refusals)
            health.stage = "joining the group"
            await app.start()
            loop = asyncio.get_running_loop()
            beside = [loop.create_task(self._follow(agent, topics)), loop.create_task(keep_giving_back())]
            try:
                if self._identifier is not None:
                    # Loaded meanwhile: the first batch would wait for it otherwise.
                    await asyncio.wrap_future(self._identifier.loaded)
                _settle()
                await monitor.run()
            finally:
                for task in beside:
                    task.cancel()
                if self._ended.done() and self._ended.result() is not None:
                    cast(Consumer, app.consumer).give_up()
                await app.stop()
        finally:
            await publisher.stop()

    def _create_publisher(self, arguments: Mapping[str, Any], limits: RecordLimits) -> OutcomePublisher:
        settings = self._settings
        least, most = sorted((limits.output, limits.dead_letter))
        if settings.delivery == "at_least_once":
            return Publisher(arguments, least, most, settings.compression)
        return TransactionalPublisher(
            arguments,
            partial(connect, settings),
            settings.events_topic,
            settings.group,
            least,
            most,
            settings.compression,
            settings.transaction_interval,
            self.fail,
        )

    async def _follow(self, agent: ScoringAgent, topics: Topics) -> None:
        def swap() -> None:
            agent.pipeline = self._serving.pipeline(topics, self._opinion, self._identifier)

        try:
            await self._bundles.run(swap)
        except Exception as error:  # noqa: BLE001 - ends the process
            self.fail(error)

    def describe(self) -> None:
        """Put into the metrics what this worker serves."""
        self._bundles.show()
        metrics = self._metrics
        policy = self._policy
        metrics.gauge("sluicegate_build_info", __version__).set(1)
        metrics.gauge("sluicegate_delivery_info", self._settings.delivery).set(1)
        metrics.gauge("sluicegate_policy_info", policy.name, policy.version, policy.digest).set(1)


def _settle() -> None:
    """Take what a start has made out of the collector's sight: looking through it every time would delay batches."""
    gc.collect()
    gc.freeze()


def _look_at_topics(admin: KafkaAdminClient, settings: Settings, policy: Policy, processes: int = 1) -> RecordLimits:
    review_topics = policy.review_topics(settings.review_prefix)
    topics, differing = check_topics(admin, settings, review_topics, worker_needs(settings, review_topics))
    for difference in differing:
        _LOG.warning("%s", difference)
    partitions = topics[settings.events_topic].partitions
    if partitions < processes:
        _LOG.warning(
            "%d processes, but %s has %d partitions, and each is read by one process: %d have nothing to do",
            processes,
            settings.events_topic,
            partitions,
            processes - partitions,
        )
    written = [*review_topics, settings.decisions_topic, settings.dead_letters_topic]
    return record_limits({name: topics[name] for name in written}, settings)


async def _in_thread(call: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(None, call)
