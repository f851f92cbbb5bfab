"""What grows is told from what only swings, by a slope that a few outliers do not move."""

import os

import numpy as np

from sluicegate.bench.sampling import BOUNDS, Held, held_by, laid_out, metric, trend_of, trends_of

MEMORY = BOUNDS["memory_mb"]


def course(rise: float, noise: float = 1.0, seconds: int = 1_800) -> list[tuple[float, float]]:
    random = np.random.default_rng(1)
    return [(second, 200 + rise * second / seconds + random.normal(0, noise)) for second in range(0, seconds, 2)]


def test_memory_that_only_swings_is_flat() -> None:
    trend = trend_of(course(0.0, noise=8.0), MEMORY)
    assert trend is not None
    assert trend.flat is True
    assert trend.low < 0 < trend.high


def test_memory_that_leaks_is_not_flat() -> None:
    trend = trend_of(course(20.0), MEMORY)
    assert trend is not None
    assert trend.flat is False
    assert 38 < trend.slope_per_hour < 42
    assert 19 < trend.rise < 21
    assert trend.bound == trend.median * MEMORY.share


def test_a_few_outliers_do_not_move_the_slope() -> None:
    samples = [(second, 4_000.0 if second > 1_700 and second % 10 == 0 else size) for second, size in course(0.0)]
    trend = trend_of(samples, MEMORY)
    assert trend is not None
    assert trend.flat is True
    assert trend.most == 4_000


def test_one_handle_that_is_left_open_now_and_then_is_not_flat() -> None:
    trend = trend_of([(second, 40.0 + second // 300) for second in range(0, 1_800, 2)], BOUNDS["handles"])
    assert trend is not None
    assert trend.flat is False


def test_few_samples_say_nothing() -> None:
    trend = trend_of([(0.0, 1.0), (1.0, 100.0)], MEMORY)
    assert trend is not None
    assert trend.flat is None
    assert trend_of([], MEMORY) is None
    assert "too short to tell" in "\n".join(laid_out({"memory_mb": trend}))


def test_what_a_worker_takes_at_its_start_is_left_out() -> None:
    samples = [Held(second, 200.0 if second > 60 else 100 + second, 40, 9, None) for second in range(400)]
    assert trends_of(samples, warming=61)["memory_mb"].flat is True
    assert "lag" not in trends_of(samples)


def test_a_process_is_looked_at_with_its_children() -> None:
    held = held_by(os.getpid(), 3.0, 7.0)
    assert held is not None
    assert held.memory_mb > 10
    assert held.handles >= 3
    assert held.threads >= 1
    assert (held.seconds, held.lag) == (3.0, 7.0)
    assert held_by(2**22 + 1, 0.0) is None


def test_a_metric_is_the_sum_over_the_labels_that_are_not_given() -> None:
    exposition = '# TYPE a counter\na_total{b="x",c="1"} 1\na_total{b="x",c="2"} 2\na_total{b="y",c="1"} 4\n'
    assert metric(exposition, "a_total") == 7
    assert metric(exposition, "a_total", b="x") == 3
