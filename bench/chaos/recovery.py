"""How long the stream stood still after a fault, from the times of the decisions. Pure functions."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from sluicegate.bench.chaos.evidence import Evidence, Read, Struck
from sluicegate.bench.chaos.schedule import Kind

__all__ = ["Recoveries", "Recovery", "moved_zombies", "recoveries"]

#: Seconds after a SIGKILL in which the broker may still write what the dead worker had sent.
_AFTER_DEATH: Final = 0.25


@dataclass(frozen=True)
class Recovery:
    """How long it took after one fault.

    Attributes
    ----------
    fault
        What befell.
    seconds
        Until every partition concerned moved again; None where one never did.
    undisturbed
        Whether nothing else befell from shortly before until then.
    """

    fault: Struck
    seconds: float | None
    undisturbed: bool


@dataclass(frozen=True)
class Recoveries:
    """Median and longest of some recoveries, in seconds; None where there are none."""

    count: int
    median: float | None
    longest: float | None

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Recoveries":
        """Sum up."""
        return cls(len(seconds), median(seconds) if seconds else None, max(seconds, default=None))


def recoveries(evidence: Evidence, kind: Kind, calm: float) -> list[Recovery]:
    """Give how long it took after each fault of a kind.

    Of a worker, from its death until each of its partitions had a decision again; of the broker, from when it was
    back until every partition had.

    Parameters
    ----------
    evidence
        Of the run.
    kind
        Of the faults.
    calm
        Seconds before a fault in which another still disturbs.
    """
    times = _times(evidence.decisions)
    found = []
    for fault in evidence.faults:
        if fault.kind is not kind:
            continue
        since = fault.ended if kind is Kind.BROKER_KILL else fault.began + _AFTER_DEATH
        concerned = sorted(times) if kind is Kind.BROKER_KILL else fault.partitions
        ends = [_next(times.get(partition, []), since) for partition in concerned]
        known = [end for end in ends if end is not None]
        whole = len(known) == len(ends) and known
        end = max(known) if whole else None
        began = fault.ended if kind is Kind.BROKER_KILL else fault.began
        found.append(Recovery(fault, None if end is None else end - began, _undisturbed(evidence, fault, end, calm)))
    return found


def moved_zombies(evidence: Evidence) -> int:
    """Count the workers that stood still until each of their partitions was decided by another."""
    times = _times(evidence.decisions)
    zombies = [fault for fault in evidence.faults if fault.kind is Kind.ZOMBIE and fault.partitions]
    return sum(
        all(
            (moved := _next(times.get(partition, []), zombie.began + _AFTER_DEATH)) is not None and moved < zombie.ended
            for partition in zombie.partitions
        )
        for zombie in zombies
    )


def _times(decisions: Sequence[Read]) -> Mapping[int, Sequence[float]]:
    times: dict[int, list[float]] = {}
    for read in decisions:
        times.setdefault(read.partition, []).append(read.timestamp / 1000)
    return {partition: sorted(found) for partition, found in times.items()}


def _next(times: Sequence[float], since: float) -> float | None:
    place = bisect_left(times, since)
    return times[place] if place < len(times) else None


def _undisturbed(evidence: Evidence, fault: Struck, end: float | None, calm: float) -> bool:
    if end is None:
        return False
    others = [other for other in evidence.faults if other is not fault]
    crashed = [stop.time for stop in evidence.stops if stop.seconds is None]
    return not any(other.began < end and other.ended > fault.began - calm for other in others) and not any(
        fault.began - calm < time < end for time in crashed
    )
