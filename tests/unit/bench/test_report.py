"""The page says what was measured, and whether it is what was aimed at."""

import msgspec

from sluicegate.bench.backlog import Rate
from sluicegate.bench.figures import Growth, Latency
from sluicegate.bench.machine import Machine
from sluicegate.bench.paced import Paced
from sluicegate.bench.report import benchmarks_document
from sluicegate.bench.results import Plan, Results

_LATENCY = Latency(p50=20, p95=60, p99=90, most=120, count=1000)
_STAGES = {"decode": 1.0, "score": 100.0, "decide": 2.0, "encode": 5.0, "publish": 30.0}
_RESULTS = Results(
    measured_at="2026-01-01T00:00+00:00",
    machine=Machine(2, 24, "Linux", "x86_64", "3.11.7", "4.3.0", {"aiokafka": "0.14.0"}),
    plan=Plan(1, 3, 40_000, 12_000, 10_000, 4, 256, 60, 120),
    model="default 1",
    characters=100.0,
    order=[["silent", "faust", "worker", "loop", "score"]] * 3,
    rates={
        "silent": [Rate(20_000.0, 40.0, stages=_STAGES)] * 3,
        "faust": [Rate(2_000.0, 400.0)] * 3,
        "worker": [Rate(8_500.0, 110.0, stages=_STAGES)] * 3,
        "loop": [Rate(10_000.0, 100.0, loading_seconds=0.1)] * 3,
        "score": [Rate(8_600.0, command_seconds=2.0)] * 3,
    },
    ready_seconds=[2.0, 2.5, 3.0],
    paced=[Paced(4_250.0, 60.0, 2.0, _LATENCY, _LATENCY, None)] * 3,
    memory=Paced(4_250.0, 120.0, 2.0, _LATENCY, _LATENCY, Growth(200.0, 201.0, 1.0, 0.5, 203.0, 120.0)),
)


def _row(document: str, beginning: str) -> str:
    return next(line for line in document.splitlines() if line.startswith(f"| {beginning}"))


def test_a_figure_that_is_held_says_so() -> None:
    row = _row(benchmarks_document(_RESULTS), "the stream without scoring")

    assert row.endswith("| 10.00 times | 10.00 to 10.00 | at least 4 times | yes |")


def test_a_figure_that_falls_short_says_so() -> None:
    slow = msgspec.structs.replace(_RESULTS, ready_seconds=[6.0, 7.0, 8.0])

    assert _row(benchmarks_document(slow), "from the start").endswith(
        "| 7.00 s | 6.00 to 8.00 | at most 3 s | **no** |"
    )


def test_a_run_shorter_than_ten_minutes_is_no_long_one() -> None:
    long = msgspec.structs.replace(
        _RESULTS, memory=msgspec.structs.replace(_RESULTS.memory, memory=Growth(200.0, 201.0, 1.0, 0.1, 203.0, 600.0))
    )

    assert "shorter run" in benchmarks_document(_RESULTS)
    assert "shorter run" not in benchmarks_document(long)


def test_results_are_the_same_after_they_were_kept_as_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(_RESULTS), type=Results) == _RESULTS
