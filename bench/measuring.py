"""One run of the whole benchmark: rounds in which every contestant runs once, shuffled, then steady loads and costs."""

import json
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import fmean, median
from typing import Final

import msgspec

from sluicegate.bench.answers import Answers
from sluicegate.bench.backlog import LADDER, Rate, backlog_size, loop_rate, run_module, stream_rate
from sluicegate.bench.cluster import Cluster
from sluicegate.bench.contestants.entrants import WORKLOADS, Workload, command_of, entrant, entrants_of
from sluicegate.bench.costs import Costs
from sluicegate.bench.derived import words_only
from sluicegate.bench.events import make_events, texts_of
from sluicegate.bench.machine import Cores, Machine
from sluicegate.bench.processes import ContestantError, Place, Process
from sluicegate.bench.results import Plan, Results, Start, best_peers, rate_of
from sluicegate.bench.steady import Stage, Steady, run_steady
from sluicegate.models import load_bundle
from sluicegate.policy import Policy
from sluicegate.schemas.kernels import SWITCH

__all__ = ["Measurement", "shuffled_rounds"]

#: By how much the peers must be faster without the compiled kernels to be given none.
_BETTER: Final = 1.03
_SHARES: Final = (0.25, 0.5, 0.75)
_GIVEN_RATE: Final = 3_500.0
_BUSY: Final = 0.9
_PEERS_PACED: Final = 2


def shuffled_rounds(names: Sequence[str], seed: int, repeats: int) -> list[list[str]]:
    """Give the order of the contestants in each round: what heats up or fills up in a run favours none of them."""
    random = Random(seed)
    return [random.sample(names, k=len(names)) for _ in range(repeats)]


class Measurement:
    """Everything that is measured on one Kafka.

    Parameters
    ----------
    bootstrap
        Address of a Kafka that nothing else uses.
    bundle, policy
        The model, and the policy that workers serve, which is the shipped one.
    plan
        How much.
    cores
        Whose they are.
    kept
        Folder of the bundles that are derived of the model.
    unpin
        Lets everything run on all cores, before steady loads.
    say
        Told what goes on, in lines.
    """

    def __init__(
        self,
        bootstrap: str,
        bundle: Path,
        policy: Policy,
        plan: Plan,
        cores: Cores,
        kept: Path,
        unpin: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self._plan, self._cores, self._kept, self._unpin, self._say = plan, cores, kept, unpin, say
        self._cluster = Cluster(bootstrap, policy, plan.partitions)
        self._bundles: dict[Workload, Path] = {"default": bundle, "words": words_only(bundle, kept), "none": bundle}
        self._events = make_events(plan.events, plan.seed)
        self._texts = texts_of(self._events[: LADDER[-2]])
        ids = [json.loads(event.value)["id"] for event in self._events]
        manifest = load_bundle(bundle).manifest
        self._model = f"{manifest.name} {manifest.version}"
        harms: dict[Workload, Sequence[str]] = {
            "default": manifest.harms,
            "words": manifest.harms,
            "none": tuple(policy.harms),
        }
        self._answers = {workload: Answers(ids, names) for workload, names in harms.items()}
        self._backlogs: dict[int, str] = {}
        self._pinned = None if cores.contestant is None else frozenset(cores.contestant)
        self._peers_compiled = True

    def run(self, machine: Machine) -> Results:
        """Measure everything.

        Raises
        ------
        ContestantError
            Where a contestant does not decide as the others do.
        """
        try:
            return self._run(machine)
        finally:
            self._cluster.close()

    def _run(self, machine: Machine) -> Results:
        plan = self._plan
        characters = fmean(map(len, self._texts))
        self._say(f"up to {plan.events:,} events in {plan.partitions} partitions, {characters:.0f} characters")
        trials = self._trials()
        order: dict[Workload, list[list[str]]] = {}
        rates: dict[Workload, dict[str, list[Rate]]] = {}
        for number, workload in enumerate(WORKLOADS):
            names = entrants_of(workload, quick=plan.quick)
            order[workload] = shuffled_rounds(names, plan.seed + number, plan.repeats)
            rates[workload] = {name: [] for name in names}
        for place in range(plan.repeats):
            for workload in WORKLOADS:
                for name in order[workload][place]:
                    done = rates[workload][name]
                    done.append(self._rate(workload, name, [run.events_per_second for run in done]))
                    self._say(f"round {place + 1}: {workload:8} {name:12} {done[-1].events_per_second:>10,.0f}/s")
        results = Results(
            measured_at=datetime.now(UTC).isoformat(timespec="minutes"),
            machine=machine,
            cores=self._cores,
            plan=plan,
            model=self._model,
            characters=characters,
            order=order,
            rates=rates,
            peers_compiled=self._peers_compiled,
            trials=trials,
            starts=[self._start() for _ in range(plan.repeats)],
            steady=[],
            memory=None,
            costs=self._costs(),
            missed=[],
        )
        return self._with_steady(results)

    def _trials(self) -> dict[str, list[Rate]]:
        """Give the peers the folding that they are faster with."""
        trials: dict[str, list[Rate]] = {"compiled": [], "python": []}
        for _ in range(1 if self._plan.quick else 2):
            for name, runs in trials.items():
                self._peers_compiled = name == "compiled"
                runs.append(self._rate("default", "confluent", [run.events_per_second for run in runs]))
        speeds = {name: median(run.events_per_second for run in runs) for name, runs in trials.items()}
        self._peers_compiled = speeds["python"] < _BETTER * speeds["compiled"]
        self._say(f"the peers' folding: compiled {speeds['compiled']:,.0f}/s, Python {speeds['python']:,.0f}/s")
        return trials

    def _rate(self, workload: Workload, name: str, before: Sequence[float]) -> Rate:
        plan, contestant = self._plan, entrant(name)
        expected = median(before) if before else contestant.expected[workload]
        count = backlog_size(expected, plan.seconds, plan.events)
        place = Place(contestant.is_peer, self._pinned)
        if name == "scorer":
            return loop_rate(self._bundles[workload], self._texts[:count], plan.batch_max, place)
        command = command_of(contestant, workload)
        settings = self._settings(workload, peer=contestant.is_peer)
        backlog = self._backlog(count), count
        return stream_rate(self._cluster, name, command, place, backlog, settings, self._answers[workload])

    def _settings(self, workload: Workload, *, peer: bool) -> dict[str, str]:
        settings = {
            "SLUICEGATE_BUNDLE": str(self._bundles[workload]),
            "SLUICEGATE_BATCH_MAX": str(self._plan.batch_max),
        }
        return settings if self._peers_compiled or not peer else {**settings, SWITCH: "off"}

    def _backlog(self, count: int) -> str:
        if count not in self._backlogs:
            self._backlogs[count] = self._cluster.open_run("backlog").events
            self._cluster.publish(self._backlogs[count], self._events[:count])
        return self._backlogs[count]

    def _start(self) -> Start:
        """Start a worker with nothing to do twice, without and with compiled Python."""
        with tempfile.TemporaryDirectory() as folder:
            # Where nothing else is asked for, as an installed worker has it.
            kept = {"PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
            environment = {**self._settings("default", peer=False), **kept}
            first, second = self._ready(environment), self._ready(environment)
        self._say(f"ready after {first:.2f} s, and {second:.2f} s")
        return Start(first, second)

    def _ready(self, environment: dict[str, str]) -> float:
        outputs = self._cluster.open_run("start")
        try:
            with tempfile.TemporaryDirectory() as folder:
                command, place = command_of(entrant("sluicegate"), "default"), Place(cores=self._pinned)
                with Process(command, {**outputs.environment, **environment}, Path(folder), place) as process:
                    return process.wait_until_ready()
        finally:
            self._cluster.close_run(outputs)

    def _costs(self) -> Costs | None:
        if self._plan.quick:
            return None
        self._say("growth of cost")
        module = ["sluicegate.bench.costs", str(self._bundles["default"]), str(self._kept), str(self._plan.seed)]
        with tempfile.TemporaryDirectory() as folder:
            found = run_module(module, Path(folder), Place(cores=self._pinned))
        return msgspec.convert(found, Costs)

    def _with_steady(self, results: Results) -> Results:
        plan, sustained = self._plan, rate_of(results, "default", "sluicegate")
        self._unpin()
        shares = (0.5,) if plan.quick else _SHARES
        loads: list[tuple[str, float, float | None]] = [("sluicegate", sustained * share, share) for share in shares]
        loads.append(("sluicegate", _GIVEN_RATE, None))
        peers = best_peers(results, "default")[: 1 if plan.quick else _PEERS_PACED]
        loads += [(name, rate_of(results, "default", name) / 2, 0.5) for name in peers]
        steady: list[Steady] = []
        missed: list[str] = []
        for name, rate, share in loads:
            steady += self._steady(name, rate, plan.steady_seconds, share, missed)
        memory = self._steady("sluicegate", sustained * _BUSY, plan.memory_seconds, _BUSY, missed)
        return msgspec.structs.replace(results, steady=steady, memory=memory[0] if memory else None, missed=missed)

    def _steady(self, name: str, rate: float, seconds: float, share: float | None, missed: list[str]) -> list[Steady]:
        contestant = entrant(name)
        settings = self._settings("default", peer=contestant.is_peer)
        stage = Stage(self._cluster, self._events[: LADDER[-4]], settings)
        try:
            found = run_steady(stage, contestant, rate, seconds, share)
        except ContestantError as fault:
            missed.append(f"{name} at {rate:,.0f} events/s: {str(fault).splitlines()[0]}")
            self._say(missed[-1])
            return []
        late = found.latency
        shown = f"p50 {late.p50:.0f}, p95 {late.p95:.0f}, p99 {late.p99:.0f} ms" if late else "no latencies"
        self._say(
            f"{name} at {rate:,.0f}/s for {seconds:.0f} s: {shown}, lag {found.lag.first:.0f} to {found.lag.last:.0f}"
        )
        return [found]
