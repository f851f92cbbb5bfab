"""How long the stream stood still after a fault, from the times of the decisions. Pure functions."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
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
    spans = [(fault, _recovered_at(fault, times)) for fault in evidence.faults]
    found = []
    for fault, end in spans:
        if fault.kind is not kind:
            continue
        began = fault.ended if kind is Kind.BROKER_KILL else fault.began
        undisturbed = _undisturbed(evidence, spans, fault, end, calm)
        found.append(Recovery(fault, None if end is None else end - began, undisturbed))
    return found


def _recovered_at(fault: Struck, times: Mapping[int, Sequence[float]]) -> float | None:
    """Give when all that a fault concerned moved again; of what only passes, when it had."""
    if fault.kind not in (Kind.KILL, Kind.BROKER_KILL):
        return fault.ended
    since = fault.ended if fault.kind is Kind.BROKER_KILL else fault.began + _AFTER_DEATH
    concerned = sorted(times) if fault.kind is Kind.BROKER_KILL else fault.partitions
    ends = [_next(times.get(partition, []), since) for partition in concerned]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


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


def _undisturbed(
    evidence: Evidence, spans: Sequence[tuple[Struck, float | None]], fault: Struck, end: float | None, calm: float
) -> bool:
    if end is None:
        return False
    # A worker that was killed disturbs until its partitions move: brokers that restart meanwhile give its session anew.
    others = [
        (other.began, other.ended if other.worker and not other.partitions else over or inf)
        for other, over in spans
        if other is not fault
    ]
    crashed = [stop.time for stop in evidence.stops if stop.seconds is None]
    return not any(began < end and over > fault.began - calm for began, over in others) and not any(
        fault.began - calm < time < end for time in crashed
    )
