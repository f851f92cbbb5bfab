"""A flood of dead letters is a share of the stream that is exceeded for some time, not a handful of bad records."""

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
