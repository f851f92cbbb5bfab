"""Whether one of two is slower than the other: the arithmetic of repetitions in turn."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import Final

import msgspec

__all__ = ["LIMIT", "Comparison", "compare_in_turn", "slower", "table_of"]

#: Times the base's time at which a benchmark counts as slower.
LIMIT: Final = 1.15

#: Not the ratio of the medians beside it: that may even be on the other side of 1.
_RATIO: Final = "median of here / base, by pairs"


class Comparison(msgspec.Struct, frozen=True):
    """Seconds of repetitions of one benchmark, those of the same place being neighbours."""

    name: str
    base: list[float]
    here: list[float]

    @property
    def ratio(self) -> float:
        """The median of the ratios, above 1 where this tree takes longer."""
        return median(here / base for base, here in zip(self.base, self.here, strict=True))


def compare_in_turn(
    name: str, base: Callable[[str], float], here: Callable[[str], float], repetitions: int
) -> Comparison:
    """Run a benchmark of both in turn; who begins alternates, so that going second favours neither.

    Parameters
    ----------
    name
        Of the benchmark.
    base, here
        Run it once, and give the seconds.
    repetitions
        Of each.
    """
    found = Comparison(name, [], [])
    for place in range(repetitions):
        turns = [(base, found.base), (here, found.here)]
        for run, seconds in turns if place % 2 else reversed(turns):
            seconds.append(run(name))
    return found


def slower(comparisons: Sequence[Comparison], limit: float = LIMIT) -> list[str]:
    """Give the names of the benchmarks that are slower than the base by the limit."""
    return [each.name for each in comparisons if each.ratio >= limit]


def table_of(comparisons: Sequence[Comparison], limit: float = LIMIT) -> str:
    """Lay comparisons out as lines, with the median of each column."""
    rows: list[tuple[str, ...]] = [("benchmark", "base, ms", "here, ms", _RATIO)]
    for each in comparisons:
        times = [f"{median(seconds) * 1000:.1f}" for seconds in (each.base, each.here)]
        rows.append((each.name, *times, f"{each.ratio:.2f}{'  slower' if each.ratio >= limit else ''}"))
    named = max(len(row[0]) for row in rows)
    lines = [f"{name:{named}}{base:>10}{here:>10}  {ratio}" for name, base, here, ratio in rows]
    return "\n".join(lines)
