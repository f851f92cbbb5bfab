"""How long a recovery took is read off the times of decisions."""

from dataclasses import replace

import pytest

from sluicegate.bench.chaos.evidence import Evidence, Read, Stop, Struck
from sluicegate.bench.chaos.recovery import Recoveries, moved_zombies, recoveries
from sluicegate.bench.chaos.schedule import Kind

CALM = 2.0


def decided(partition: int, *times: float) -> list[Read]:
    return [
        Read("t.decisions", partition, offset, int(1000 * time), None, None, ()) for offset, time in enumerate(times)
    ]


def evidence(decisions: list[Read], *faults: Struck, stops: tuple[Stop, ...] = ()) -> Evidence:
    return Evidence("at_least_once", [], [], decisions, [], [], "", [], [], faults, stops, [])


KILL = Struck(Kind.KILL, 100.0, 100.0, "worker-0", (0, 1))


def test_a_kill_is_recovered_from_when_each_of_its_partitions_is_decided_again() -> None:
    ran = evidence([*decided(0, 99, 107), *decided(1, 99.9, 112), *decided(2, 100.5)], KILL)
    (found,) = recoveries(ran, Kind.KILL, CALM)
    assert found.seconds == 12.0
    assert found.undisturbed


def test_what_the_dead_worker_had_sent_is_no_recovery() -> None:
    (found,) = recoveries(evidence([*decided(0, 100.1, 107), *decided(1, 105)], KILL), Kind.KILL, CALM)
    assert found.seconds == 7.0


def test_a_partition_that_never_moves_again_is_not_recovered() -> None:
    (found,) = recoveries(evidence([*decided(0, 107), *decided(1, 99)], KILL), Kind.KILL, CALM)
    assert found.seconds is None
    assert not found.undisturbed


@pytest.mark.parametrize(
    ("other", "undisturbed"),
    [
        (Struck(Kind.KILL, 106.0, 106.0, "worker-1", ()), False),
        (Struck(Kind.ZOMBIE, 80.0, 99.0, "worker-1", ()), False),
        (Struck(Kind.ZOMBIE, 80.0, 97.0, "worker-1", ()), True),
        (Struck(Kind.BROKER_KILL, 113.0, 115.0), True),
        # It had no partitions that could come back.
        (Struck(Kind.KILL, 97.0, 97.0, "worker-1", ()), True),
    ],
)
def test_a_recovery_is_disturbed_by_what_falls_into_it_or_shortly_before(other: Struck, undisturbed: bool) -> None:
    ran = evidence([*decided(0, 107), *decided(1, 112)], KILL, other)
    assert recoveries(ran, Kind.KILL, CALM)[0].undisturbed is undisturbed


def test_a_broker_comes_back_to_the_partitions_of_a_worker_that_was_killed_before_and_has_not_been_replaced() -> None:
    broker = Struck(Kind.BROKER_KILL, 108.0, 110.0)
    late = [*decided(0, 99, 120), *decided(1, 99, 121)]
    assert not recoveries(evidence(late, KILL, broker), Kind.BROKER_KILL, CALM)[0].undisturbed
    replaced = [*decided(0, 99, 104, 111), *decided(1, 99, 105, 112)]
    assert recoveries(evidence(replaced, KILL, broker), Kind.BROKER_KILL, CALM)[0].undisturbed


def test_a_recovery_is_disturbed_by_a_worker_that_ends_by_itself() -> None:
    ran = evidence([*decided(0, 107), *decided(1, 112)], KILL, stops=(Stop("worker-1", 105.0, 1, None),))
    assert not recoveries(ran, Kind.KILL, CALM)[0].undisturbed


def test_the_broker_is_recovered_from_when_all_partitions_are_decided_after_its_return() -> None:
    ran = evidence([*decided(0, 99, 104), *decided(1, 99, 106)], Struck(Kind.BROKER_KILL, 100.0, 103.0))
    (found,) = recoveries(ran, Kind.BROKER_KILL, CALM)
    assert found.seconds == 3.0


def test_a_zombie_counts_whose_partitions_were_all_decided_while_it_stood_still() -> None:
    zombie = Struck(Kind.ZOMBIE, 100.0, 115.0, "worker-0", (0, 1))
    moved = evidence([*decided(0, 99, 112), *decided(1, 99, 113)], zombie)
    assert moved_zombies(moved) == 1
    assert moved_zombies(replace(moved, decisions=[*decided(0, 99, 112), *decided(1, 99, 116)])) == 0


def test_recoveries_are_summed_up_by_median_and_longest() -> None:
    assert Recoveries.of([3.0, 9.0, 4.0]) == Recoveries(3, 4.0, 9.0)
    assert Recoveries.of([]) == Recoveries(0, None, None)
