"""One run of the whole benchmark: rounds in which every contestant runs once, shuffled, then steady loads."""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import fmean, median
from typing import Final

from sluicegate.bench.backlog import Rate, loop_rate, score_rate, stream_rate
from sluicegate.bench.cluster import Cluster
from sluicegate.bench.events import Event, make_events, texts_of
from sluicegate.bench.machine import describe_machine
from sluicegate.bench.paced import Paced, run_paced
from sluicegate.bench.processes import Process
from sluicegate.bench.results import Plan, Results
from sluicegate.models import load_bundle
from sluicegate.policy import Policy

__all__ = ["CONTESTANTS", "measure", "shuffled_rounds"]

CONTESTANTS: Final = ("silent", "faust", "worker", "loop", "score")

_SILENT: Final = ("sluicegate.bench.contestants.silent_worker",)
_FAUST: Final = ("sluicegate.bench.contestants.stock_faust",)
_WORKER: Final = ("sluicegate", "worker")


def shuffled_rounds(seed: int, repeats: int) -> list[list[str]]:
    """Give the order of the contestants in each round: what heats up or fills up in a run favours none of them."""
    random = Random(seed)
    return [random.sample(CONTESTANTS, k=len(CONTESTANTS)) for _ in range(repeats)]


def measure(bootstrap: str, bundle: Path, policy: Policy, plan: Plan, say: Callable[[str], None]) -> Results:
    """Measure everything.

    Parameters
    ----------
    bootstrap
        Address of a Kafka that nothing else uses.
    bundle
        The model.
    policy
        The policy that the workers serve, which is the shipped one.
    plan
        How much.
    say
        Told what goes on, in lines.
    """
    events = make_events(plan.events, plan.seed)
    texts = texts_of(events)
    cluster = Cluster(bootstrap, policy, plan.partitions)
    try:
        return _Measurement(cluster, bundle, events, texts, plan, say).run()
    finally:
        cluster.close()


class _Measurement:
    """What the parts of one run share."""

    def __init__(
        self,
        cluster: Cluster,
        bundle: Path,
        events: list[Event],
        texts: list[str],
        plan: Plan,
        say: Callable[[str], None],
    ) -> None:
        self._cluster = cluster
        self._bundle = bundle
        self._events = events
        self._texts = texts
        self._plan = plan
        self._say = say
        self._settings = {"SLUICEGATE_BUNDLE": str(bundle), "SLUICEGATE_BATCH_MAX": str(plan.batch_max)}

    def run(self) -> Results:
        plan = self._plan
        backlog = self._cluster.open_run("backlog").events
        self._cluster.publish(backlog, self._events)
        self._say(f"{plan.events:,} events in {plan.partitions} partitions, {_mean_length(self._texts):.0f} characters")
        order = shuffled_rounds(plan.seed, plan.repeats)
        rates: dict[str, list[Rate]] = {name: [] for name in CONTESTANTS}
        ready: list[float] = []
        for number, contestants in enumerate(order, 1):
            ready.append(self._start())
            self._say(f"round {number}: ready after {ready[-1]:.2f} s")
            for name in contestants:
                rates[name].append(self._rate(name, backlog))
                self._say(f"round {number}: {name} {rates[name][-1].events_per_second:,.0f}/s")
        half = median(run.events_per_second for run in rates["worker"]) / 2
        paced = [self._pace(half, plan.paced_seconds) for _ in range(plan.repeats)]
        memory = self._pace(half, plan.memory_seconds)
        manifest = load_bundle(self._bundle).manifest
        return Results(
            measured_at=datetime.now(UTC).isoformat(timespec="minutes"),
            machine=describe_machine(),
            plan=plan,
            model=f"{manifest.name} {manifest.version}",
            characters=_mean_length(self._texts),
            order=order,
            rates=rates,
            ready_seconds=ready,
            paced=paced,
            memory=memory,
        )

    def _rate(self, name: str, backlog: str) -> Rate:
        plan = self._plan
        if name == "loop":
            return loop_rate(self._bundle, self._texts, plan.batch_max)
        if name == "score":
            return score_rate(self._bundle, [event.value for event in self._events[: plan.score_events]])
        module = {"silent": _SILENT, "faust": _FAUST, "worker": _WORKER}[name]
        wanted = plan.faust_events if name == "faust" else plan.events
        return stream_rate(self._cluster, name, module, backlog, wanted, self._settings)

    def _start(self) -> float:
        """Give the seconds from the start of a worker, with nothing to do, to its being ready."""
        outputs = self._cluster.open_run("start")
        try:
            with (
                tempfile.TemporaryDirectory() as folder,
                Process(_WORKER, {**outputs.environment, **self._settings}, Path(folder)) as process,
            ):
                return process.wait_until_ready()
        finally:
            self._cluster.close_run(outputs)

    def _pace(self, rate: float, seconds: float) -> Paced:
        paced = run_paced(self._cluster, self._events, rate, seconds, self._settings)
        late = paced.latency
        grown = f", memory {paced.memory.grown:+.1f} MB after the first minute" if paced.memory else ""
        self._say(
            f"{rate:,.0f}/s for {seconds:.0f} s: p50 {late.p50:.0f}, p95 {late.p95:.0f}, p99 {late.p99:.0f} ms{grown}"
        )
        return paced


def _mean_length(texts: list[str]) -> float:
    return fmean(map(len, texts))
