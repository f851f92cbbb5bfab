"""Workers that come, go and are restarted one after the other under a steady load repeat nothing.

Those that have names in the group cost each other no rebalance either.
"""

from pathlib import Path

from sluicegate.deploy.kafka.fixtures import Cluster
from tests.integration.steady import SteadyLoad
from tests.integration.streams import Stream, open_stream
from tests.integration.test_delivery import assert_each_decided_in_order
from tests.integration.test_processes import ports, start, workers
from tests.integration.test_rebalances import rebalances
from tests.integration.worker_process import WorkerProcess, until

#: Longer than a restart takes, also on a machine that does much else.
RESTART = {"SLUICEGATE_SESSION_TIMEOUT": "300"}


def share(*workers: WorkerProcess) -> list[float]:
    return [worker.metric("sluicegate_assigned_partitions") for worker in workers]


def wait_for_share(expected: list[float], *workers: WorkerProcess) -> None:
    until(lambda: share(*workers) == expected, 240, *workers)


def decides(worker: WorkerProcess) -> None:
    """Wait until a worker has decided something since now."""
    before = worker.metric("sluicegate_events_decided_total")
    until(lambda: worker.metric("sluicegate_events_decided_total") > before, 240, worker)


def assert_each_decided_once(stream: Stream, count: int) -> None:
    stream.wait_until_committed(count, 90)
    raw = stream.wait_for_decisions(count)
    assert_each_decided_in_order(raw, count)
    assert len(raw) == count


def test_workers_that_join_and_leave_again_and_again_under_a_steady_load_repeat_nothing(stream: Stream) -> None:
    # Nearly always a commit is under way when partitions are taken away.
    stays = stream.start_worker(SLUICEGATE_COMMIT_INTERVAL="0.001").wait_until_ready(240)
    with SteadyLoad(stream) as load:
        for _ in range(3):
            passing = stream.start_worker(SLUICEGATE_COMMIT_INTERVAL="0.001")
            wait_for_share([2, 2], stays, passing)
            decides(passing)
            assert passing.terminate()[0] == 0
            wait_for_share([4], stays)
            decides(stays)
    assert_each_decided_once(stream, load.count)
    # Its own, and one for each that came and each that went.
    assert rebalances(stays) >= 7
    assert stays.terminate()[0] == 0


def test_a_rolling_restart_of_workers_with_names_costs_the_others_no_rebalance_and_repeats_nothing(
    kafka: Cluster, tmp_path: Path
) -> None:
    stream = open_stream(kafka.bootstrap, tmp_path, partitions=3)
    try:
        running = [stream.start_worker(SLUICEGATE_INSTANCE=f"worker-{number}", **RESTART) for number in range(3)]
        wait_for_share([1, 1, 1], *running)
        with SteadyLoad(stream) as load:
            for number in range(3):
                others = [worker for worker in running if worker is not running[number]]
                before = [rebalances(worker) for worker in others]
                decides(running[number])
                assert running[number].terminate()[0] == 0
                running[number] = stream.start_worker(SLUICEGATE_INSTANCE=f"worker-{number}", **RESTART)
                running[number].wait_until_ready(240)
                decides(running[number])
                assert [rebalances(worker) for worker in others] == before
                assert share(*running) == [1, 1, 1]
        assert_each_decided_once(stream, load.count)
    finally:
        stream.close()


def test_several_processes_of_one_name_that_restart_cost_a_worker_beside_them_no_rebalance(
    kafka: Cluster, tmp_path: Path
) -> None:
    stream = open_stream(kafka.bootstrap, tmp_path, partitions=3)
    try:
        beside = stream.start_worker(SLUICEGATE_INSTANCE="beside", **RESTART)
        unit = start(stream, SLUICEGATE_INSTANCE="unit", **RESTART)
        until(lambda: len(ports(unit)) == 2 and share(beside, *workers(unit)) == [1, 1, 1], 240, unit)
        before = rebalances(beside)
        with SteadyLoad(stream) as load:
            decides(beside)
            assert unit.terminate()[0] == 0
            unit = start(stream, SLUICEGATE_INSTANCE="unit", **RESTART)
            wait_for_share([1, 1], *workers(unit))
            for worker in workers(unit):
                decides(worker)
        assert_each_decided_once(stream, load.count)
        assert rebalances(beside) == before
        assert unit.terminate()[0] == 0
    finally:
        stream.close()
