"""The plan past one machine: what it sizes bears the rate, and the model of latency is what it is a model of."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.bench.processes_scaling import ProcessesMeasured, ProcessesRun, Written, summary
from sluicegate.bench.scaling.inputs import Assumed, LatencySeen, inputs_from, read_inputs
from sluicegate.bench.scaling.latency import Delays, fit
from sluicegate.bench.scaling.page import replaced
from sluicegate.bench.scaling.sizing import catch_up_seconds, hot_limit, process_rate, size_for, topics_touched

INPUTS, ASSUMED = read_inputs(), Assumed()


@given(st.floats(1, 500_000), st.integers(1, 64))
def test_what_is_sized_bears_the_rate_also_where_a_machine_is_lost(rate: float, cores: int) -> None:
    assumed = Assumed(cores_of_a_machine=max(cores, 4))
    found = size_for(rate, INPUTS, assumed)
    assert found.machines >= 2
    assert found.processes <= found.machines * assumed.cores_of_a_machine
    assert found.processes % found.machines == 0
    assert found.partitions >= 2 * found.processes
    assert found.usual <= assumed.most
    assert found.without_one <= 1.0
    left = found.processes - found.processes // found.machines
    assert rate <= left * process_rate(INPUTS) * assumed.most * 1.000001
    assert found.brokers >= 3


@given(st.floats(10, 200_000))
def test_more_events_never_take_less(rate: float) -> None:
    one, two = size_for(rate, INPUTS, ASSUMED), size_for(2 * rate, INPUTS, ASSUMED)
    assert two.processes >= one.processes
    assert two.mb_in == pytest.approx(2 * one.mb_in)
    assert two.terabytes == pytest.approx(2 * one.terabytes)


def test_what_no_number_of_partitions_bears_is_refused() -> None:
    with pytest.raises(ValueError, match="take more than 1536 partitions"):
        size_for(1e8, INPUTS, ASSUMED)


def test_traffic_is_that_of_each_replica_and_each_reader() -> None:
    inputs = msgspec.structs.replace(INPUTS, event_bytes=500, decision_bytes=200, task_bytes=0)
    found = size_for(10_000, inputs, Assumed(replicas=3, readers=2))
    assert found.mb_in == pytest.approx(10_000 * 700 * 3 / 1e6)
    assert found.mb_out == pytest.approx(10_000 * (500 + 200 * 2 + 700 * 2) / 1e6)


def test_a_hot_actor_bounds_the_rate_whatever_partitions_there_are() -> None:
    assert hot_limit(0.0, 12, INPUTS) == pytest.approx(12 * process_rate(INPUTS))
    assert hot_limit(0.1, 10**9, INPUTS) == pytest.approx(10 * process_rate(INPUTS))


def test_lag_lasts_as_long_as_the_spare_rate_takes() -> None:
    assert catch_up_seconds(10, 0.5) == 10
    assert catch_up_seconds(10, 0.9) == pytest.approx(90)


def test_a_batch_touches_no_more_topics_than_there_are_nor_than_it_has_outputs() -> None:
    assert topics_touched(1, INPUTS, ASSUMED) == pytest.approx(1 + INPUTS.tasks)
    assert topics_touched(1e9, INPUTS, ASSUMED) == pytest.approx(1 + 3 * ASSUMED.queues)


def test_delays_that_grow_with_the_load_are_found_again_by_fitting() -> None:
    delays = Delays(20.0, 45.0, 60_000)
    seen = [LatencySeen(rate, *delays.at(rate)) for rate in (3_000, 30_000, 50_000)]
    assert fit(seen, 60_000) == pytest.approx(delays)
    assert delays.at(30_000) == pytest.approx((40.0, 90.0))


def test_with_one_rate_measured_its_delays_are_kept() -> None:
    assert fit([LatencySeen(3_000, 50, 100)], 6_000).at(3_000) == pytest.approx((50, 100))


def test_one_that_does_not_fit_moves_the_others_little() -> None:
    seen = [LatencySeen(0, 10, 10), LatencySeen(5_400, 100, 100), LatencySeen(600, 1, 1)]
    assert fit(seen, 6_000).at(5_400) == pytest.approx((100, 100), rel=0.1)


def measured() -> ProcessesMeasured:
    runs = [ProcessesRun(1, 5_000, 0.9, 0.2), ProcessesRun(2, 9_000, 1.6, 0.4), ProcessesRun(1, 5_200, 1.0, 0.2)]
    return ProcessesMeasured("2026-01-01", 2, 1_000, 4, 0.1, Written(500, 200, 30, 0.1), runs)


def test_two_processes_are_held_against_the_cores_that_the_broker_left() -> None:
    lines = summary(measured())
    assert lines[0].startswith("1 process: 5,100 events/s")
    assert lines[1].startswith("2 processes: 9,000 events/s, 177.8 us an event in the workers, 44.4 us in the broker")
    # 9,000 / 5,100, and that with 2 cores in place of 1.6.
    assert "two to one: 1.76 times" in lines[2]
    assert "2.21 times" in lines[2]


def steady(contestant: str, latency: dict[str, float] | None) -> dict[str, object]:
    return {"contestant": contestant, "events_per_second": 3_000.4, "latency": latency}


def test_inputs_are_made_of_a_benchmark_and_a_measurement_of_processes(tmp_path: Path) -> None:
    results = {
        "measured_at": "2026-01-02T10:00+00:00",
        "plan": {"partitions": 4, "batch_max": 500, "other": 1},
        "starts": [{"first": 4.0, "second": 2.0}, {"first": 4.0, "second": 3.0}, {"first": 4.0, "second": 2.5}],
        "steady": [
            steady("sluicegate", {"p50": 40.04, "p99": 90.0, "p95": 80.0}),
            steady("confluent", {"p50": 50.0, "p99": 91.0, "p95": 81.0}),
            steady("sluicegate", None),
        ],
        "memory": {"memory_mb": 211.6},
    }
    (tmp_path / "results.json").write_text(json.dumps(results))
    (tmp_path / "processes.json").write_bytes(msgspec.json.encode(measured()))
    found = inputs_from(tmp_path / "results.json", tmp_path / "processes.json")
    assert found.events_per_second == 5_100
    assert found.two_to_one == 2.21
    assert found.latency == [LatencySeen(3_000, 40.0, 90.0)]
    assert (found.process_mb, found.ready_seconds, found.event_bytes) == (212, 2.5, 500)
    assert "bench.processes_scaling of 2026-01-01, 2 runs of 1,000 events" in found.sources.values()


def test_only_what_stands_between_the_markers_is_written_anew() -> None:
    begin, end = "<!-- begin: written by python -m sluicegate.bench.scaling -->", "<!-- end -->"
    page = replaced(f"before\n{begin}\nold\n{end}\nafter\n", INPUTS, ASSUMED)
    assert page.startswith(f"before\n{begin}\n\n### Measured")
    assert page.endswith(f"{end}\nafter\n")
    assert "old" not in page
    assert replaced(page, INPUTS, ASSUMED) == page
    with pytest.raises(ValueError, match="has no lines"):
        replaced("no markers", INPUTS, ASSUMED)
