"""The faults of a run are those that are promised, and the same ones for the same seed."""

from collections import Counter

import pytest

from sluicegate.bench.chaos.schedule import FULL, QUICK, Fault, Kind, Size, schedule


def kinds(faults: tuple[Fault, ...]) -> Counter[Kind]:
    return Counter(fault.kind for fault in faults)


def test_the_same_seed_gives_the_same_faults_and_another_seed_others() -> None:
    assert schedule(7, FULL) == schedule(7, FULL)
    assert schedule(7, FULL) != schedule(8, FULL)
    assert kinds(schedule(7, FULL)) == kinds(schedule(8, FULL))


def test_at_full_size_as_much_befalls_as_is_promised() -> None:
    befalls = kinds(schedule(1, FULL))
    assert FULL.events == 100_000
    assert befalls[Kind.KILL] >= 30
    assert befalls[Kind.BROKER_KILL] >= 3
    assert befalls[Kind.ZOMBIE] >= 3
    assert befalls[Kind.BROKER_FREEZE] >= 2
    assert befalls.keys() == set(Kind)


def test_at_reduced_size_something_of_each_kind_befalls() -> None:
    assert kinds(schedule(1, QUICK)).keys() == set(Kind)


@pytest.mark.parametrize("size", [FULL, QUICK])
@pytest.mark.parametrize("seed", range(5))
def test_faults_fall_within_the_load_in_the_order_of_their_episodes(size: Size, seed: int) -> None:
    faults = schedule(seed, size)
    assert [fault.at for fault in faults] == sorted(fault.at for fault in faults)
    assert faults[0].at > 0
    assert faults[-1].at < 0.95 * size.events
    for fault in faults:
        assert 0 <= fault.victim < 1
        assert all(other.at == fault.at for other in faults if other.episode == fault.episode)


def test_a_frozen_worker_stands_still_for_longer_than_its_session() -> None:
    zombies = [fault for fault in schedule(1, FULL) if fault.kind is Kind.ZOMBIE]
    assert min(fault.seconds for fault in zombies) > FULL.session_timeout + 2


def test_as_many_workers_leave_as_join() -> None:
    for size in (FULL, QUICK):
        befalls = kinds(schedule(1, size))
        assert befalls[Kind.ADD] == befalls[Kind.REMOVE] < size.workers + 1
