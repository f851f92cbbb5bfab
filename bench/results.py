"""All that one run of the benchmark measured, as it is kept in JSON, and what it was aimed at."""

from collections.abc import Sequence
from statistics import median
from typing import Final

import msgspec

from sluicegate.bench.backlog import Rate
from sluicegate.bench.contestants.entrants import Workload, entrant
from sluicegate.bench.costs import Costs
from sluicegate.bench.figures import Spread, ratios
from sluicegate.bench.machine import Cores, Machine
from sluicegate.bench.steady import Steady

__all__ = ["AIMS", "Aim", "Plan", "Results", "Start", "best_peers", "figures_of", "rate_of"]


class Aim(msgspec.Struct, frozen=True):
    """What a figure is to be.

    Attributes
    ----------
    meaning, unit
        For the page.
    bound
        That it must hold.
    more
        Whether more is better.
    hoped
        A better bound, aimed at; None where there is none.
    """

    meaning: str
    unit: str
    bound: float
    more: bool
    hoped: float | None = None


AIMS: Final = {
    "default_to_best": Aim("the shipped bundle, to the best peer", "times", 5, True, 8),
    "default_to_scorer": Aim("the shipped bundle, to the bare scorer", "times", 0.6, True, 0.75),
    "words_to_best": Aim("words only, to the best peer", "times", 1.5, True),
    "none_to_confluent": Aim("no model, to a plain confluent-kafka loop", "times", 1, True),
    "none_to_faust": Aim("no model, to stock Faust", "times", 20, True),
    "scorer_rate": Aim("folding and scoring on one core", "texts/s", 60_000, True),
    "latency_half": Aim("p99 end to end at half the sustained rate", "ms", 50, False),
    "latency_3500": Aim("p99 end to end at 3,500 events/s", "ms", 20, False),
    "memory": Aim("most memory at 90 % of the sustained rate", "MB", 400, False),
    "lag_growth": Aim("growth of the lag at 90 %, in seconds of the load", "s", 0.1, False),
    "ready_second": Aim("from the second start to ready", "s", 3, False),
}


class Plan(msgspec.Struct, frozen=True):
    """What is measured, and how much of it."""

    seed: int
    repeats: int
    quick: bool
    #: Seconds of work that a backlog is chosen for, and its events at the most.
    seconds: float
    events: int
    partitions: int
    batch_max: int
    steady_seconds: float
    memory_seconds: float


class Start(msgspec.Struct, frozen=True):
    """Seconds from start to ready, with no compiled Python kept, and then with what the first start kept."""

    first: float
    second: float


class Results(msgspec.Struct, frozen=True):
    """One run."""

    measured_at: str
    machine: Machine
    cores: Cores
    plan: Plan
    model: str
    characters: float
    #: The order in which contestants ran, round by round, for each workload.
    order: dict[Workload, list[list[str]]]
    #: Workload to contestant to its runs, in the order of the rounds.
    rates: dict[Workload, dict[str, list[Rate]]]
    #: Whether the peers ran with the compiled kernels, and the trial runs by which that was chosen.
    peers_compiled: bool
    trials: dict[str, list[Rate]]
    starts: list[Start]
    steady: list[Steady]
    memory: Steady | None
    costs: Costs | None
    #: Steady loads that a contestant did not hold.
    missed: list[str]


def rate_of(results: Results, workload: Workload, name: str) -> float:
    """Give the median rate of a contestant."""
    return median(_rates(results, workload, name))


def best_peers(results: Results, workload: Workload) -> list[str]:
    """Give the peers of a workload, the fastest first."""
    peers = [name for name in results.rates.get(workload, {}) if entrant(name).is_peer]
    return sorted(peers, key=lambda name: -rate_of(results, workload, name))


def figures_of(results: Results) -> dict[str, Spread]:
    """Give the figures that have an aim and were measured; ratios are of runs of the same round."""
    found: dict[str, Spread] = {}
    for figure, workload, other in _COMPARED:
        names = results.rates.get(workload, {})
        against = best_peers(results, workload)[:1] if other is None else [other]
        if against and against[0] in names and "sluicegate" in names:
            found[figure] = ratios(_rates(results, workload, "sluicegate"), _rates(results, workload, against[0]))
    if "scorer" in results.rates.get("default", {}):
        found["scorer_rate"] = Spread.of(_rates(results, "default", "scorer"))
    own = [each for each in results.steady if each.contestant == "sluicegate" and each.latency is not None]
    found |= _latencies("latency_half", [each for each in own if each.share == 0.5])
    found |= _latencies("latency_3500", [each for each in own if each.share is None])
    if results.memory is not None:
        course = results.memory
        most = course.memory.most if course.memory else course.memory_mb
        found["memory"] = Spread.of([most])
        found["lag_growth"] = Spread.of([(course.lag.last - course.lag.first) / course.events_per_second])
    if results.starts:
        found["ready_second"] = Spread.of([each.second for each in results.starts])
    return found


_COMPARED: Final[tuple[tuple[str, Workload, str | None], ...]] = (
    ("default_to_best", "default", None),
    ("default_to_scorer", "default", "scorer"),
    ("words_to_best", "words", None),
    ("none_to_confluent", "none", "confluent"),
    ("none_to_faust", "none", "faust"),
)


def _rates(results: Results, workload: Workload, name: str) -> list[float]:
    return [run.events_per_second for run in results.rates[workload][name]]


def _latencies(figure: str, runs: Sequence[Steady]) -> dict[str, Spread]:
    found = [run.latency.p99 for run in runs if run.latency is not None]
    return {figure: Spread.of(found)} if found else {}
