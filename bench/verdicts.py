"""Whether one of two is slower than the other: the arithmetic of repetitions in turn."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import Final

import msgspec

__all__ = ["LIMIT", "Comparison", "compare_in_turn", "slower", "table_of"]

#: Times the base's time at which a benchmark counts as slower.
LIMIT: Final = 1.15


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
    """Lay comparisons out as lines."""
    lines = [f"{'benchmark':12}{'base, ms':>10}{'here, ms':>10}{'here to base':>14}"]
    for each in comparisons:
        mark = "  slower" if each.ratio >= limit else ""
        lines.append(
            f"{each.name:12}{median(each.base) * 1000:>10.1f}{median(each.here) * 1000:>10.1f}{each.ratio:>14.2f}{mark}"
        )
    return "\n".join(lines)
