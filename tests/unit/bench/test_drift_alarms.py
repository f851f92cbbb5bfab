"""The simulation of drift finds a shift and no drift where there is none."""

import pytest

from sluicegate.bench.drift_alarms import alarms, noticed


def test_a_day_without_drift_has_looks_and_no_alarm() -> None:
    found = alarms(0.2, 1, days=1, seed=1)
    assert (found.days, found.level_1, found.level_2, found.changes) == (1, 0, 0, 0)
    assert found.looks > 500
    assert found.highest_index < 0.1


def test_a_shift_is_noticed_after_it_came_and_dated() -> None:
    found = noticed(0.5, 1, times=8.0, seed=1)
    assert found.index == pytest.approx(0.97, abs=0.01)
    assert found.level_1 is not None
    assert found.level_2 is not None
    assert 0 < found.level_1 < found.level_2 < 24
    assert found.change is not None
    assert 0 < found.change < 3
    assert found.dated == pytest.approx(0, abs=0.25)
