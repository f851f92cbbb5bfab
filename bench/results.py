"""All that one run of the benchmark measured, as it is kept in JSON, and what it was aimed at."""

from typing import Final

import msgspec

from sluicegate.bench.backlog import Rate
from sluicegate.bench.figures import Spread, ratios
from sluicegate.bench.machine import Machine
from sluicegate.bench.paced import Paced

__all__ = ["AIMS", "Plan", "Results", "figures_of"]

#: Name of a figure to (bound, whether more is better).
AIMS: Final = {
    "silent_to_faust": (4.0, True),
    "worker_to_loop": (0.8, True),
    "latency_p99_ms": (150.0, False),
    "memory_growth_mb": (5.0, False),
    "score_to_worker": (1.0, True),
    "ready_seconds": (3.0, False),
    "loading_seconds": (1.5, False),
}


class Plan(msgspec.Struct, frozen=True):
    """What is measured, and how much of it."""

    seed: int
    repeats: int
    events: int
    faust_events: int
    score_events: int
    partitions: int
    batch_max: int
    paced_seconds: float
    memory_seconds: float


class Results(msgspec.Struct, frozen=True):
    """One run."""

    measured_at: str
    machine: Machine
    plan: Plan
    model: str
    characters: float
    #: The order in which contestants ran, round by round.
    order: list[list[str]]
    #: Contestant to its runs, in the order of the rounds.
    rates: dict[str, list[Rate]]
    ready_seconds: list[float]
    paced: list[Paced]
    memory: Paced


def figures_of(results: Results) -> dict[str, Spread]:
    """Give the figures that have an aim; ratios are of runs of the same round."""
    rate = {name: [run.events_per_second for run in runs] for name, runs in results.rates.items()}
    loading = [run.loading_seconds for run in results.rates["loop"] if run.loading_seconds is not None]
    grown = [results.memory.memory.grown] if results.memory.memory else []
    found = {
        "silent_to_faust": ratios(rate["silent"], rate["faust"]),
        "worker_to_loop": ratios(rate["worker"], rate["loop"]),
        "latency_p99_ms": Spread.of([each.latency.p99 for each in results.paced]),
        "score_to_worker": ratios(rate["score"], rate["worker"]),
        "ready_seconds": Spread.of(results.ready_seconds),
        "loading_seconds": Spread.of(loading),
    }
    return found | ({"memory_growth_mb": Spread.of(grown)} if grown else {})
