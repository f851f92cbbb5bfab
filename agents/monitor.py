"""Watches a running worker every second: lag, progress and connection, and what follows for its health."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection
from time import monotonic, time
from typing import Final, cast

import faust
from aiokafka.errors import KafkaError
from faust.types import TP

from sluicegate.agents.health import Health, ProgressWatch
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.pressure import Pressure
from sluicegate.agents.publisher import OutcomePublisher
from sluicegate.agents.refusals import RefusalWatch
from sluicegate.agents.settings import Settings
from sluicegate.agents.timestamps import lag_seconds
from sluicegate.agents.transport import Consumer

__all__ = ["BrokerLostError", "Monitor", "StandstillError"]

_LOG: Final = logging.getLogger("sluicegate.worker")
_INTERVAL: Final = 1.0
#: Seconds between looks while the worker joins its group: it is ready as soon as that is seen.
_JOINING_INTERVAL: Final = 0.1
#: Seconds from one look to the next at the most, unless the loop does not run.
_LONGEST_LOOK: Final = 5.0


class BrokerLostError(Exception):
    """No broker was connected for longer than the worker was told to wait."""


class StandstillError(Exception):
    """A batch was in flight for longer than it may be."""


class Monitor:
    """Keeps the gauges and the health of a worker.

    Parameters
    ----------
    settings
        Of this process.
    app, publisher
        What is watched.
    metrics, health
        What is kept up to date.
    fail
        Ends the process.
    pressure
        Told how far behind the worker is; one of its own without.
    refusals
        Asks brokers that were lost for the reason.
    """

    def __init__(
        self,
        settings: Settings,
        app: faust.App,
        publisher: OutcomePublisher,
        metrics: Metrics,
        health: Health,
        fail: Callable[[BaseException], None],
        pressure: Pressure | None = None,
        refusals: RefusalWatch | None = None,
    ) -> None:
        self._settings = settings
        self._app = app
        self._publisher = publisher
        self._metrics = metrics
        self._health = health
        self._fail = fail
        self._pressure = pressure or Pressure(settings.pressure_after)
        self._refusals = refusals
        self._progress: ProgressWatch[TP] = ProgressWatch(settings.progress_deadline, _LONGEST_LOOK)
        self._in_flight: ProgressWatch[TP] = ProgressWatch(settings.in_flight_deadline, _LONGEST_LOOK)
        self._unconnected_since: float | None = None
        self._lagging_since: dict[TP, tuple[int, float]] = {}
        self._shown: set[TP] = set()
        self._ends: dict[TP, int] = {}
        #: Partitions whose ends were told in this look, those that have a leader, and how often each was told.
        self._told: frozenset[TP] = frozenset()
        self._led: frozenset[TP] = frozenset()
        self._times_told: dict[TP, int] = {}
        self._silence: ProgressWatch[TP] = ProgressWatch(settings.progress_deadline, _LONGEST_LOOK)
        #: Where reading begins, of partitions of which nothing was read yet.
        self._firsts: dict[TP, int] = {}
        self._commits = self._rebalances = 0
        self._committed: dict[TP, int] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        self._health.deadline = max(self._settings.progress_deadline, _LONGEST_LOOK)
        try:
            while True:
                self._health.looked = now = monotonic()
                await self._look(now)
                await asyncio.sleep(_INTERVAL if self._health.joined else _JOINING_INTERVAL)
        finally:
            self._health.looked = None

    async def _look(self, now: float) -> None:
        if self._app.crashed:
            # Faust only marks a part that failed, and goes on without it.
            self._fail(self._app.crash_reason or RuntimeError("a part of the stream failed"))
            return
        consumer = cast(Consumer, self._app.consumer)
        connected = consumer.connected and self._publisher.connected
        self._look_at_connection(now, connected)
        if not connected:
            self._publisher.look_for_brokers()
        joined = consumer.rebalances > 0 and not self._app.rebalancing
        if joined and not self._health.joined:
            self._health.stage = "consuming"
        self._health.joined = joined
        self._told = frozenset()
        if joined and self._health.connected:
            await self._ask(consumer)
        self._look_at_batches(now, consumer)
        self._look_at_partitions(now, consumer)

    async def _ask(self, consumer: Consumer) -> None:
        """Ask the brokers where partitions end, and where those begin that are not read yet."""
        led = consumer.led()
        self._led = frozenset(led)
        # While brokers do not answer, lag is what it was when they last did.
        with contextlib.suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(_INTERVAL):
                ends = await consumer.end_offsets(led)
                self._ends |= ends
                self._told = frozenset(ends)
                unread = [tp for tp in led if consumer.tracker.committed_to(tp) is None]
                self._firsts = await consumer.first_offsets(unread) if unread else {}

    def _look_at_connection(self, now: float, connected: bool) -> None:
        if connected != self._health.connected:
            if connected:
                _LOG.warning("connected to a broker again")
            else:
                _LOG.error("no broker is connected; waiting for %s to come back", ", ".join(self._settings.brokers))
        self._health.connected = connected
        if self._refusals is not None:
            self._refusals.look(now, connected=connected)
        if connected:
            self._unconnected_since = None
            return
        if self._unconnected_since is None:
            self._unconnected_since = now
        limit = self._settings.broker_lost_wait
        if limit is not None and now - self._unconnected_since > limit:
            self._fail(
                BrokerLostError(
                    f"no broker was connected for {limit:g} s (SLUICEGATE_BROKER_LOST_WAIT); nothing that was not "
                    "acknowledged is committed"
                )
            )

    def _look_at_batches(self, now: float, consumer: Consumer) -> None:
        begun = consumer.tracker.begun()
        # Without a broker nothing can be written, and waiting for one has a limit of its own.
        waiting = dict.fromkeys(begun, 1) if self._health.connected else {}
        if standing := self._in_flight.standing_still(now, begun, waiting):
            self._fail(
                StandstillError(
                    f"batches of {self._settings.events_topic}, partitions "
                    f"{', '.join(str(tp.partition) for tp in sorted(standing))}, have been in flight for more than "
                    f"{self._settings.in_flight_deadline:g} s (SLUICEGATE_IN_FLIGHT_DEADLINE); see whether the "
                    "brokers take what is written: nothing that was not acknowledged is committed, and it is read again"
                )
            )

    def _look_at_partitions(self, now: float, consumer: Consumer) -> None:
        tracker, metrics = consumer.tracker, self._metrics
        partitions = tracker.partitions
        self._ends = {tp: end for tp, end in self._ends.items() if tp in partitions}
        begun = {tp: offset for tp in partitions if (offset := tracker.committed_to(tp)) is not None}
        committed = {**{tp: offset for tp, offset in self._firsts.items() if tp in partitions}, **begun}
        lag = {tp: max(0, self._ends.get(tp, 0) - committed.get(tp, 0)) for tp in partitions}
        excused = bool(self._health.halted) or not self._health.connected or not self._health.joined
        # What may not move cannot be late: the deadline begins anew when it may.
        late = {} if excused else lag
        standing = self._progress.standing_still(now, {tp: committed.get(tp, 0) for tp in partitions}, late)
        self._lagging_since = {tp: self._since(tp, committed.get(tp, 0), now) for tp in partitions if lag[tp]}
        ages = {tp: self._age(tp, lag[tp], now, consumer) for tp in committed}
        self._look_at_pressure(now, committed, lag, ages)
        silent = self._look_at_silence(now, partitions, excused=excused)
        self._health.stuck = (
            f"no progress for {self._settings.progress_deadline:g} s, though there is lag, on partitions "
            + ", ".join(str(tp.partition) for tp in sorted(standing))
            if standing
            else ""
        )
        with metrics.together():
            # Until a broker has said where reading begins, or where a partition ends to which more may have been
            # written, it is not known how much is left. To one without a leader nothing can be.
            known = set(committed) - (silent & self._led)
            for tp in self._shown - known:
                for name in ("sluicegate_lag_records", "sluicegate_lag_seconds", "sluicegate_committed_offset"):
                    metrics.remove(name, str(tp.partition))
            self._shown = known
            for tp in known:
                label = str(tp.partition)
                metrics.gauge("sluicegate_lag_records", label).set(lag[tp])
                metrics.gauge("sluicegate_lag_seconds", label).set(ages[tp])
                metrics.gauge("sluicegate_committed_offset", label).set(committed[tp])
            metrics.gauge("sluicegate_assigned_partitions").set(len(partitions))
            metrics.gauge("sluicegate_worker_ready").set(self._health.ready)
            metrics.gauge("sluicegate_worker_halted").set(bool(self._health.halted))
            metrics.gauge("sluicegate_broker_connected").set(self._health.connected)
            metrics.gauge("sluicegate_under_pressure").set(self._pressure.is_on())
            metrics.counter("sluicegate_commits_total").inc(consumer.commits - self._commits)
            metrics.counter("sluicegate_rebalances_total").inc(consumer.rebalances - self._rebalances)
            if not any(lag.values()) and self._told.issuperset(partitions):
                metrics.gauge("sluicegate_progress_timestamp_seconds").set(time())
        self._commits, self._rebalances = consumer.commits, consumer.rebalances

    def _look_at_silence(self, now: float, partitions: Collection[TP], *, excused: bool) -> set[TP]:
        """Give the partitions of which no broker has told for long where they end."""
        self._times_told = {tp: self._times_told.get(tp, 0) + (tp in self._told) for tp in partitions}
        untold = {} if excused else {tp: 1 for tp in partitions if tp not in self._told}
        silent = self._silence.standing_still(now, self._times_told, untold)
        blind = (
            f"brokers have not told for {self._settings.progress_deadline:g} s where partitions "
            f"{', '.join(str(tp.partition) for tp in sorted(silent))} of {self._settings.events_topic} end"
            if silent
            else ""
        )
        if blind and blind != self._health.blind:
            _LOG.error("%s; how much is left there is not known", blind)
        elif self._health.blind and not blind:
            _LOG.warning("brokers tell again")
        self._health.blind = blind
        return set(silent)

    def _look_at_pressure(
        self, now: float, committed: dict[TP, int], lag: dict[TP, int], ages: dict[TP, float]
    ) -> None:
        done = sum(max(0, offset - self._committed.get(tp, offset)) for tp, offset in committed.items())
        self._committed = committed
        before = self._pressure.is_on()
        # Between assignments, and while no broker answers, nothing is known of it.
        if self._health.joined and self._health.connected:
            is_on = self._pressure.observe(max(ages.values(), default=0.0), sum(lag.values()), done, now)
            if is_on and not before:
                _LOG.warning(
                    "under pressure: optional stages (second opinions, a shadow) are left out until the worker has "
                    "caught up"
                )
            elif before and not is_on:
                _LOG.info("under pressure no longer")

    def _since(self, tp: TP, committed: int, now: float) -> tuple[int, float]:
        before = self._lagging_since.get(tp)
        return before if before is not None and before[0] == committed else (committed, now)

    def _age(self, tp: TP, lag: int, now: float, consumer: Consumer) -> float:
        if not lag:
            return 0.0
        return lag_seconds(consumer.tracker.oldest(tp), time(), now - self._lagging_since[tp][1])
