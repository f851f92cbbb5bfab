"""A flood of dead letters is a share of the stream that is exceeded for some time, not a handful of bad records."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sluicegate.agents.flood import DeadLetterWatch


def test_a_share_above_the_limit_for_the_whole_window_is_a_flood() -> None:
    watch = DeadLetterWatch(share=0.5, window=10, minimum=5)
    assert [watch.add(float(second), 10, 6) for second in range(11)] == [False] * 10 + [True]


def test_a_share_at_the_limit_is_no_flood() -> None:
    watch = DeadLetterWatch(share=0.5, window=10, minimum=1)
    assert not any(watch.add(float(second), 10, 5) for second in range(50))


def test_a_burst_that_good_records_outweigh_in_time_is_no_flood() -> None:
    watch = DeadLetterWatch(share=0.5, window=10, minimum=1)
    assert not watch.add(0, 100, 100)
    assert not watch.add(5, 300, 0)
    assert not any(watch.add(float(second), 10, 0) for second in range(6, 40))


def test_a_quiet_stream_is_not_stopped_by_fewer_than_the_minimum() -> None:
    watch = DeadLetterWatch(share=0.5, window=10, minimum=100)
    assert not any(watch.add(float(second), 1, 1) for second in range(60))


def test_one_dead_letter_after_a_long_silence_is_no_flood() -> None:
    watch = DeadLetterWatch(share=0.5, window=10, minimum=5)
    watch.add(0, 10, 10)
    assert not watch.add(3600, 1, 1)


def test_a_burst_after_a_dead_letter_and_a_silence_is_no_flood() -> None:
    watch = DeadLetterWatch(share=0.5, window=10, minimum=5)
    watch.add(0, 1, 1)
    assert not watch.add(3600, 5, 5)


@pytest.mark.parametrize("pause", [0.0, 5.0, 9.0, 10.0])
def test_a_burst_after_one_dead_letter_is_no_flood_however_short_the_silence(pause: float) -> None:
    watch = DeadLetterWatch(share=0.5, window=10, minimum=5)
    watch.add(0, 1, 1)
    assert not watch.add(pause, 5, 5)


def test_a_flood_that_a_silence_broke_off_counts_from_its_new_beginning() -> None:
    watch = DeadLetterWatch(share=0.5, window=10, minimum=5)
    assert not any(watch.add(float(second), 10, 10) for second in range(9))
    assert [watch.add(100.0 + second, 10, 10) for second in range(11)] == [False] * 10 + [True]


#: A batch: the seconds since the one before, its records, and how many of them are dead letters.
batches = st.tuples(st.integers(1, 15), st.integers(0, 10), st.integers(0, 10)).map(
    lambda batch: (batch[0], batch[1], min(batch[1:]))
)


def over_all_the_time(samples: list[tuple[int, int, int]], watch: DeadLetterWatch, now: int) -> bool:
    """Look at every half second of the last window, at what stood in the window then."""
    halves = range(2 * (now - int(watch.window)), 2 * now + 1)
    for at in (half / 2 for half in halves):
        within = [sample for sample in samples if at - watch.window <= sample[0] <= at]
        consumed, dead = sum(sample[1] for sample in within), sum(sample[2] for sample in within)
        if dead < watch.minimum or dead <= watch.share * consumed:
            return False
    return True


@example(batches=[(1, 1, 0), (1, 0, 0), (1, 3, 1), (12, 1, 1), (11, 0, 0)], share=0.25, window=12, minimum=1)
@given(
    batches=st.lists(batches, max_size=40),
    share=st.sampled_from([0.25, 0.5, 0.75]),
    window=st.integers(1, 12),
    minimum=st.integers(1, 6),
)
def test_it_is_a_flood_exactly_where_share_and_minimum_were_exceeded_at_every_moment_of_the_window(
    batches: list[tuple[int, int, int]], share: float, window: int, minimum: int
) -> None:
    watch = DeadLetterWatch(share, window, minimum)
    samples: list[tuple[int, int, int]] = []
    now = 0
    for pause, consumed, dead in batches:
        now += pause
        samples.append((now, consumed, dead))
        assert watch.add(now, consumed, dead) == over_all_the_time(samples, watch, now)
