"""What worker processes hold, sampled from the system, and whether it grows: by a robust slope, with bounds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np
import psutil
from prometheus_client.parser import text_string_to_metric_families
from scipy.stats import theilslopes

__all__ = ["BOUNDS", "Bound", "Held", "Trend", "held_by", "laid_out", "metric", "trend_of", "trends_of"]

#: Samples that a slope is estimated from at the most: it takes every pair of them.
_SAMPLES_MOST: Final = 1_000
#: Fewer say nothing of a slope.
_SAMPLES_LEAST: Final = 10


class Held(msgspec.Struct, frozen=True):
    """What a process and its children hold at a moment.

    Attributes
    ----------
    seconds
        Since the beginning of the measurement.
    memory_mb
        Resident.
    handles, threads
        Open files and sockets, and threads.
    lag
        Events that are not decided yet; None where that is nothing of this process.
    """

    seconds: float
    memory_mb: float
    handles: int
    threads: int
    lag: float | None = None


class Bound(msgspec.Struct, frozen=True):
    """By how much a figure may rise over the whole time and count as flat: the larger of a share and a number."""

    share: float
    least: float


#: Of the median of the figure, and in its unit. A percentage of memory is what the allocator's own rounding moves in
#: minutes; a leak of a handle or a thread an event, a batch, a commit or a rebalance would be hundreds.
BOUNDS: Final[Mapping[str, Bound]] = {
    "memory_mb": Bound(0.05, 5.0),
    "handles": Bound(0.0, 2.0),
    "threads": Bound(0.0, 1.0),
    "lag": Bound(0.5, 500.0),
}


class Trend(msgspec.Struct, frozen=True):
    """How a figure went over time.

    Attributes
    ----------
    median, most
        Of the samples.
    slope_per_hour
        By the estimator of Theil and Sen: the median of the slopes of all pairs, which a few outliers do not move.
    low, high
        Its interval of 95 %.
    rise
        What the slope makes of the time that was watched.
    bound
        The rise up to which it is flat.
    flat
        Whether it is; None where there were too few samples to tell.
    """

    median: float
    most: float
    slope_per_hour: float
    low: float
    high: float
    rise: float
    bound: float
    flat: bool | None


def held_by(pid: int, seconds: float, lag: float | None = None) -> Held | None:
    """Look at a process with its children; None where it has ended."""
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
        return Held(
            seconds,
            sum(each.memory_info().rss for each in family) / 1e6,
            sum(each.num_fds() for each in family),
            sum(each.num_threads() for each in family),
            lag,
        )
    except psutil.Error:
        return None


def trend_of(samples: Sequence[tuple[float, float]], bound: Bound) -> Trend | None:
    """Say how a figure went.

    Parameters
    ----------
    samples
        Seconds, and the figure.
    bound
        Up to which it is flat.

    Returns
    -------
    Trend or None
        None of no samples.
    """
    if not samples:
        return None
    seconds, values = np.array(samples, dtype=np.float64).T
    middle, most = float(np.median(values)), float(values.max())
    allowed = max(bound.share * abs(middle), bound.least)
    if len(values) < _SAMPLES_LEAST:
        return Trend(middle, most, 0.0, 0.0, 0.0, 0.0, allowed, None)
    step = -(-len(values) // _SAMPLES_MOST)
    estimated = theilslopes(values[::step], seconds[::step], 0.95)
    slope, low, high = (3_600.0 * float(each) for each in (estimated[0], estimated[2], estimated[3]))
    rise = slope * float(seconds[-1] - seconds[0]) / 3_600.0
    return Trend(middle, most, slope, low, high, rise, allowed, rise <= allowed)


def trends_of(samples: Sequence[Held], *, warming: float = 0.0) -> dict[str, Trend]:
    """Say how each figure went, from a number of seconds after the first sample on."""
    kept = [each for each in samples if each.seconds >= samples[0].seconds + warming]

    def course(read: Callable[[Held], float | None]) -> list[tuple[float, float]]:
        return [(each.seconds, float(value)) for each in kept if (value := read(each)) is not None]

    courses = {
        "memory_mb": course(lambda each: each.memory_mb),
        "handles": course(lambda each: each.handles),
        "threads": course(lambda each: each.threads),
        "lag": course(lambda each: each.lag),
    }
    found = {name: trend_of(each, BOUNDS[name]) for name, each in courses.items()}
    return {name: trend for name, trend in found.items() if trend is not None}


def laid_out(trends: Mapping[str, Trend]) -> Iterable[str]:
    """Give the lines of a table."""
    yield f"{'figure':<10} {'median':>10} {'most':>10} {'slope/h':>10} {'(95 %)':>22} {'rise':>8} {'bound':>8}  verdict"
    for name, each in trends.items():
        interval = f"{each.low:+.1f} to {each.high:+.1f}"
        verdict = {True: "flat", False: "NOT FLAT", None: "too short to tell"}[each.flat]
        yield (
            f"{name:<10} {each.median:>10,.1f} {each.most:>10,.1f} {each.slope_per_hour:>+10.1f} {interval:>22} "
            f"{each.rise:>+8.1f} {each.bound:>8.1f}  {verdict}"
        )


def metric(exposition: str, name: str, **labels: str) -> float:
    """Give the sum of a metric over all labels that are not given."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
        if sample.name == name and all(sample.labels.get(key) == value for key, value in labels.items())
    )
