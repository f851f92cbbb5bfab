"""The page says what was measured, and whether it is what was aimed at."""

from pathlib import Path

import msgspec

from sluicegate.bench.backlog import Rate
from sluicegate.bench.contestants.entrants import WORKLOADS
from sluicegate.bench.costs import Costs, Point
from sluicegate.bench.figures import Growth, Latency
from sluicegate.bench.machine import Cores, Machine
from sluicegate.bench.plots import write_plots
from sluicegate.bench.report import benchmarks_document
from sluicegate.bench.results import Plan, Results, Start, best_peers
from sluicegate.bench.steady import Lag, Steady

_LATENCY = Latency(p50=5, p95=20, p99=40, most=120, count=1000)
_STAGES = {"decode": 1.0, "score": 10.0, "decide": 2.0, "encode": 5.0, "publish": 30.0}
_POINTS = [Point(1, 10.0), Point(100, 12.5)]


def _runs(*rates: float) -> list[Rate]:
    return [Rate(rate, 40_000, 1e6 / rate, 200.0, difference=0.0, stages=_STAGES) for rate in rates]


def _steady(share: float | None, rate: float) -> Steady:
    return Steady("sluicegate", share, rate, 30.0, _LATENCY, _LATENCY, Lag(40, 60, 300), None, 210.0)


_RATES = {
    "sluicegate": _runs(60_000, 40_000, 50_000),
    "faust": _runs(1_000, 1_000, 1_000),
    "bytewax": _runs(6_000, 4_000, 10_000),
    "confluent": _runs(5_000, 5_000, 5_000),
    "scorer": _runs(100_000, 100_000, 100_000),
}
_RESULTS = Results(
    measured_at="2026-01-01T00:00+00:00",
    machine=Machine(
        2, "A Processor", 24, "Linux", "x86_64", "3.11.7", "4.3.0", {"aiokafka": "0.14.0"}, {"bytewax": "0.21.1"}, {}
    ),
    cores=Cores((1,), (0,)),
    plan=Plan(1, 3, False, 5, 320_000, 4, 500, 30, 120),
    model="default 1",
    characters=100.0,
    order={workload: [list(_RATES)] * 3 for workload in WORKLOADS},
    rates=dict.fromkeys(WORKLOADS, _RATES),
    peers_compiled=True,
    trials={"compiled": _runs(6_000), "python": _runs(5_000)},
    starts=[Start(4.0, 2.5), Start(4.5, 2.0)],
    steady=[_steady(0.5, 25_000), _steady(None, 3_500)],
    memory=msgspec.structs.replace(_steady(0.9, 45_000), memory=Growth(200.0, 201.0, 1.0, 0.5, 203.0, 120.0)),
    costs=Costs(_POINTS, _POINTS, _POINTS, _POINTS),
    missed=[],
)


def _row(document: str, beginning: str) -> str:
    return next(line for line in document.splitlines() if line.startswith(f"| {beginning}"))


def test_a_figure_that_is_held_says_so() -> None:
    row = _row(benchmarks_document(_RESULTS), "the shipped bundle, to the best peer")

    assert row.endswith("| 10.00 times | 5.00 to 10.00 | at least 5 times; hoped 8 | yes |")


def test_a_figure_that_falls_short_says_so() -> None:
    slow = msgspec.structs.replace(_RESULTS, starts=[Start(9.0, 7.0)])

    assert _row(benchmarks_document(slow), "from the second start").endswith(
        "| 7.00 s | one run | at most 3 s | **no** |"
    )


def test_the_best_peer_is_that_with_the_highest_median() -> None:
    assert best_peers(_RESULTS, "default") == ["bytewax", "confluent", "faust"]


def test_ratios_stand_beside_each_contestant_and_none_beside_sluicegate_itself() -> None:
    document = benchmarks_document(_RESULTS)

    assert "| 50.00 (40.00 to 60.00) |" in _row(document, "stock Faust")
    assert _row(document, "**Sluicegate's worker**").split("|")[4].strip() == ""


def test_steady_loads_that_were_not_held_are_named() -> None:
    missed = msgspec.structs.replace(_RESULTS, missed=["quix at 9 events/s: too few"])

    assert "Not held: quix at 9 events/s: too few." in benchmarks_document(missed)


def test_a_run_shorter_than_ten_minutes_is_no_long_one() -> None:
    assert _RESULTS.memory is not None
    long = msgspec.structs.replace(_RESULTS, memory=msgspec.structs.replace(_RESULTS.memory, seconds=600.0))

    assert "shorter run" in benchmarks_document(_RESULTS)
    assert "shorter run" not in benchmarks_document(long)


def test_a_quick_run_without_costs_or_memory_has_a_page() -> None:
    quick = msgspec.structs.replace(_RESULTS, costs=None, memory=None, steady=[], starts=[], trials={})

    assert "Growth of cost" not in benchmarks_document(quick)


def test_plots_are_the_same_bytes_for_the_same_results_and_the_page_shows_them(tmp_path: Path) -> None:
    first, second = (write_plots(_RESULTS, tmp_path / name) for name in ("first", "second"))

    assert [file.name for file in first] == ["rates.svg", "latency.svg", "costs.svg"]
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]
    document = benchmarks_document(_RESULTS, [f"benchmarks/{file.name}" for file in first])
    assert all(f"(benchmarks/{file.name})" in document for file in first)


def test_results_are_the_same_after_they_were_kept_as_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(_RESULTS), type=Results) == _RESULTS
