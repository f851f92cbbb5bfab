"""How long a partition stood still is told from the timestamps of its decisions, and repetitions from offsets."""

import pytest

from sluicegate.bench.duplicates import spread
from sluicegate.bench.faults import Counts
from sluicegate.bench.processes import ContestantError
from sluicegate.bench.recovery import first_after, longest_gap


def test_a_standstill_is_the_longest_time_between_two_decisions_of_a_stretch() -> None:
    stamps = [500, 1_000, 1_100, 4_100, 4_200, 60_000]
    assert longest_gap(stamps, 1, 10) == pytest.approx(3)
    assert longest_gap(stamps, 4, 100) == pytest.approx(55.8)


def test_a_standstill_is_found_where_a_repetition_stands_behind_what_came_after_it() -> None:
    assert longest_gap([1_000, 3_000, 2_000], 0, 10) == pytest.approx(1)


def test_a_stretch_without_decisions_has_no_standstill() -> None:
    with pytest.raises(ContestantError, match="1 decisions in a stretch of 1 s"):
        longest_gap([1_500, 9_000], 1, 2)


def test_a_partition_moves_again_with_its_first_decision_after_the_moment() -> None:
    assert first_after([1_000, 2_500, 9_000], 2) == pytest.approx(0.5)
    with pytest.raises(ContestantError, match="no decision"):
        first_after([1_000], 2)


def test_lag_and_what_would_be_repeated_are_counted_over_all_partitions() -> None:
    counts = Counts({0: 10, 1: 20}, {0: 9, 1: 15}, {0: 8, 1: 15})
    assert (counts.lag, counts.beyond) == (7, 1)


def test_a_partition_without_a_committed_offset_counts_from_its_beginning() -> None:
    assert Counts({0: 10, 1: 20}, {0: 9, 1: 15}, {0: 8}).beyond == 16


def test_repetitions_are_told_by_their_median_and_the_most() -> None:
    assert spread([1, 9, 2]) == {"median": 2, "most": 9, "count": 3}
