"""Pressure begins when a worker is late with a backlog before it, and ends when it has kept up for a while."""

from sluicegate.agents.pressure import Pressure


def test_a_worker_that_is_late_with_a_backlog_is_under_pressure() -> None:
    pressure = Pressure(5.0)
    assert not pressure.is_on()
    assert not pressure.observe(4.9, 100_000, 1_000, now=0)
    assert pressure.observe(5.0, 100_000, 1_000, now=1)
    assert pressure.is_on()


def test_old_timestamps_alone_are_no_pressure() -> None:
    pressure = Pressure(5.0)
    # A backfill of last year's events that the worker keeps up with: what it does in a second is before it.
    assert not any(pressure.observe(3e7, 1_000, 1_000, now=second) for second in range(60))


def test_a_worker_that_stands_still_is_under_pressure_however_little_waits() -> None:
    assert Pressure(5.0).observe(6.0, 1, 0, now=0)


def test_pressure_ends_only_when_it_was_low_for_a_while() -> None:
    pressure = Pressure(5.0)
    pressure.observe(20.0, 10_000, 1_000, now=0)
    # Between the two bounds nothing changes.
    assert all(pressure.observe(3.0, 10_000, 1_000, now=second) for second in range(1, 30))
    assert all(pressure.observe(1.0, 10_000, 1_000, now=second) for second in range(30, 35))
    assert not pressure.observe(1.0, 10_000, 1_000, now=35)
    assert not pressure.is_on()


def test_a_lag_that_swings_around_the_bound_does_not_flap() -> None:
    pressure = Pressure(5.0)
    found = [pressure.observe(6.0 if second % 4 == 0 else 1.0, 10_000, 1_000, now=second) for second in range(100)]
    assert all(found)


def test_what_was_done_is_reckoned_by_the_second() -> None:
    pressure = Pressure(5.0)
    pressure.observe(0.0, 0, 0, now=0)
    # Ten seconds passed since the last look: 1,000 a second, and 5,000 are before it.
    assert pressure.observe(6.0, 5_000, 10_000, now=10)
