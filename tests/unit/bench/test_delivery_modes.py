"""The delays of decisions that a reader of committed records saw."""

import numpy as np
import pytest

from sluicegate.bench.delivery_modes import delays


def test_a_delay_is_what_came_less_what_was_due_in_each_partition_since_a_moment() -> None:
    arrivals = [[10.5, 11.25], [12.0]]
    due = [np.array([10.0, 11.0]), np.array([11.5])]

    assert sorted(delays(arrivals, due, since=11.0)) == pytest.approx([0.25, 0.5])


def test_another_number_of_decisions_than_of_events_is_no_measurement() -> None:
    with pytest.raises(ValueError, match="could not be broadcast"):
        delays([[10.5, 11.5]], [np.array([10.0, 11.0, 12.0])], since=0.0)
