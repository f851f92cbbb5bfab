"""A timestamp that cannot be when its record was written makes no figure of lag or freshness absurd."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.agents.books import Books
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.outcome import Counts, Outcome
from sluicegate.agents.timestamps import age_seconds, are_usable, lag_seconds

NOW = 1_795_000_000.0
MILLISECONDS = int(NOW * 1000)
#: None, in seconds in place of milliseconds, in microseconds, of a clock two hours ahead, and the bounds of the format.
ABSURD = [-1, 0, int(NOW), MILLISECONDS * 1000, MILLISECONDS + 7_200_000, -(2**63), 2**63 - 1]

int64 = st.integers(-(2**63), 2**63 - 1)


@pytest.mark.parametrize("timestamp", ABSURD)
def test_an_absurd_timestamp_gives_no_age(timestamp: int) -> None:
    assert age_seconds(timestamp, NOW) is None


def test_an_age_is_told_of_what_was_written_years_ago_and_is_0_where_a_clock_is_somewhat_ahead() -> None:
    assert age_seconds(MILLISECONDS - 1500, NOW) == 1.5
    assert age_seconds(MILLISECONDS - 10 * 365 * 86_400_000, NOW) == 10 * 365 * 86_400
    assert age_seconds(MILLISECONDS + 60_000, NOW) == 0


@given(st.lists(int64 | st.integers(MILLISECONDS - 10**13, MILLISECONDS + 10**7)))
def test_a_batch_is_judged_as_its_records_are_one_by_one(timestamps: list[int]) -> None:
    usable = are_usable(np.array(timestamps, dtype=np.int64), NOW).tolist()
    assert usable == [age_seconds(timestamp, NOW) is not None for timestamp in timestamps]


@given(int64, st.floats(0, 1e6))
def test_lag_in_seconds_is_never_longer_than_kafka_has_been_there(oldest: int, standing: float) -> None:
    assert 0 <= lag_seconds(oldest, NOW, standing) <= max(standing, NOW - 1_293_840_000)


@pytest.mark.parametrize("oldest", [None, *ABSURD, MILLISECONDS + 60_000])
def test_lag_counts_from_when_it_began_where_the_oldest_record_does_not_tell(oldest: int | None) -> None:
    assert lag_seconds(oldest, NOW, 42.0) == 42.0


def test_lag_is_the_age_of_the_oldest_record_also_where_it_began_just_now() -> None:
    assert lag_seconds(MILLISECONDS - 90_000, NOW, 1.0) == 90.0


def test_events_with_absurd_timestamps_are_left_out_of_freshness_and_counted() -> None:
    metrics = Metrics()
    timestamps = np.array([MILLISECONDS - 250, *ABSURD], dtype=np.int64)
    outcome = Outcome([], Counts(consumed=len(timestamps)), timestamps, [], {})
    Books(metrics).finished(outcome, 0.0, NOW)
    freshness = metrics.histogram("sluicegate_freshness_seconds")
    assert (int(freshness.counts.sum()), freshness.sum) == (1, 0.25)
    assert f"sluicegate_timestamps_unusable_total {len(ABSURD)}.0" in metrics.exposition().decode()
