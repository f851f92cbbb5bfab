"""Guarantees about when things happened: commits, duplicates, ends. Pure functions from a ledger to findings."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Final

from sluicegate.bench.chaos.evidence import Struck
from sluicegate.bench.chaos.guarantees import Finding, finding
from sluicegate.bench.chaos.ledger import Ledger
from sluicegate.bench.chaos.schedule import Kind
from sluicegate.schemas.identity import withdrawal_id

__all__ = ["DUPLICATES", "TIMED_GUARANTEES", "duplicates", "duplicates_by_fault"]

#: The name of the guarantee that is another with each kind of delivery.
DUPLICATES: Final = "duplicates"

#: After these, what was written and not committed is written again.
_CRASHES: Final = frozenset({Kind.KILL, Kind.ZOMBIE, Kind.BROKER_KILL, Kind.BROKER_FREEZE})
_NEVER: Final = 2**63


def _offsets(ledger: Ledger) -> Finding:
    """Find whether all below a committed offset was in the topics by then, and no committed offset went back.

    What is missing to the end is lost, and another guarantee's matter.
    """
    evidence = ledger.evidence
    # By partition: offsets in order, and the time by which all that follows from the records up to each was there.
    done: dict[int, tuple[list[int], list[int]]] = {}
    for partition, times in _done_times(ledger).items():
        done[partition] = (sorted(times), list(accumulate((times[offset] for offset in sorted(times)), max)))

    def faults() -> Iterable[str]:
        for sample in evidence.samples:
            for partition, offset in sample.offsets.items():
                offsets, times = done.get(partition, ([], []))
                below = bisect_left(offsets, offset)
                there = times[below - 1] if below else 0
                if there > sample.time:
                    yield f"partition {partition} was committed to {offset} {there - sample.time} ms before its outputs"
        for before, after in pairwise(evidence.samples):
            for partition, offset in before.offsets.items():
                if after.offsets.get(partition, 0) < offset:
                    yield f"partition {partition} went back from {offset} to {after.offsets.get(partition)}"

    return finding("offsets", f"{len(evidence.samples):,} looks at committed offsets", faults())


def _done_times(ledger: Ledger) -> Mapping[int, Mapping[int, int]]:
    """Give by partition and offset when the last of what follows from a record was first there."""
    queues = ledger.evidence.queues
    times: dict[int, int] = {}
    for event, planned in ledger.good.items():
        raw = ledger.decided.get(event)
        if not raw:
            continue
        first = raw[0]
        needed = [first.read.timestamp]
        if first.topic is not None:
            needed += [ledger.tasks[first.id][0].read.timestamp] if first.id in ledger.tasks else []
        for queue in queues if planned.type == "content.deleted" else ():
            withdrawn = ledger.withdrawals.get(withdrawal_id(first.id, queue))
            needed += [withdrawn[0].read.timestamp] if withdrawn else []
        times[planned.sequence] = max(needed)
    for sequence in ledger.poison.keys() & ledger.letters.keys():
        times[sequence] = ledger.letters[sequence][0].read.timestamp
    found: dict[int, dict[int, int]] = {}
    for sequence, places in ledger.places.items():
        for partition, offset in places:
            found.setdefault(partition, {})[offset] = times.get(sequence, 0)
    return found


def duplicates(ledger: Ledger) -> list[tuple[int, int, int]]:
    """Give every raw decision, task, withdrawal and dead letter that repeats an earlier one.

    Returns
    -------
    list of (int, int, int)
        Its partition, and the times of the first of its kind and of itself, in milliseconds.
    """
    reads = [
        [each.read for each in raw]
        for kind in (ledger.decided, ledger.tasks, ledger.withdrawals, ledger.letters)
        for raw in kind.values()
    ]
    return [
        (again.partition, same[0].timestamp, again.timestamp) for same in reads if len(same) > 1 for again in same[1:]
    ]


def duplicates_by_fault(ledger: Ledger) -> dict[str, int]:
    """Give how many raw decisions repeat an earlier one, by the last fault that explains it.

    Returns
    -------
    dict of str to int
        By kind of the fault, or "none" where only a lost membership or a worker that ended by itself explains it.
    """
    crashes = [struck for struck in ledger.evidence.faults if struck.kind in _CRASHES]
    found: dict[str, int] = {}
    for raw in ledger.decided.values():
        for again in raw[1:]:
            read, first = again.read, raw[0].read.timestamp
            explain = [each for each in crashes if _explains(each, read.partition, first, read.timestamp)]
            kind = str(max(explain, key=lambda each: each.began).kind) if explain else "none"
            found[kind] = found.get(kind, 0) + 1
    return found


def _duplicates(ledger: Ledger) -> Finding:
    """Find whether what is repeated is so after a crash; with exactly-once nothing may be."""
    repeated = duplicates(ledger)
    decisions = sum(len(raw) - 1 for raw in ledger.decided.values())
    share = decisions / max(1, len(ledger.decided))
    counted = f"{decisions:,} raw duplicates of decisions ({share:.2%})"
    if ledger.evidence.delivery == "exactly_once":
        return finding(DUPLICATES, counted, (f"in partition {partition}" for partition, _, _ in repeated))
    crashes = [struck for struck in ledger.evidence.faults if struck.kind in _CRASHES]
    ends = [stop.time for stop in ledger.evidence.stops if stop.seconds is None]
    expiries = [expiry.time for expiry in ledger.evidence.expiries]
    unexplained = (
        f"partition {partition} repeats at {again} what stood there at {first}, and nothing had crashed between"
        for partition, first, again in repeated
        if not any(_explains(crash, partition, first, again) for crash in crashes)
        and not any(first - _BATCH_MS <= 1000 * end <= again for end in ends)
        and not any(first <= 1000 * time <= again + _UNNOTICED_MS for time in expiries)
    )
    return finding(DUPLICATES, counted, unexplained)


#: Milliseconds that a round takes on its way: what falls into a crash may stand in a topic just after it.
_BATCH_MS: Final = 2_000
#: Milliseconds for which others may have had the partitions of a worker that had not noticed.
_UNNOTICED_MS: Final = 30_000


def _explains(crash: Struck, partition: int, first: int, again: int) -> bool:
    """Say whether a crash came between two writings, or so close to the first that this was on its way."""
    concerned = not crash.worker or partition in crash.partitions
    return concerned and 1000 * crash.began <= again and first - _BATCH_MS <= 1000 * crash.ended


def _books(ledger: Ledger) -> Finding:
    """Find whether at the end everything is committed, and the books of every worker that lives balance."""
    evidence = ledger.evidence
    last = evidence.samples[-1].offsets if evidence.samples else {}

    def faults() -> Iterable[str]:
        ends: dict[int, int] = {}
        for read in evidence.events:
            ends[read.partition] = max(ends.get(read.partition, 0), read.offset + 1)
        for partition, end in sorted(ends.items()):
            if last.get(partition, 0) != end:
                yield f"partition {partition} ends at {end} and is committed to {last.get(partition, 0)}"
        for books in evidence.books:
            if books.in_flight or books.consumed != books.decided + books.dead_lettered:
                yield (
                    f"{books.worker} consumed {books.consumed}, decided {books.decided}, dead-lettered "
                    f"{books.dead_lettered} and has {books.in_flight} in flight"
                )
        if not evidence.books:
            yield "no worker lived to tell its books"

    counted = f"{sum(last.values()):,} records committed, books of {len(evidence.books)} workers"
    return finding("books", counted, faults())


def _stops(ledger: Ledger) -> Finding:
    """Find whether every worker that was stopped exited with 0: none had to be killed for it."""
    stopped = [stop for stop in ledger.evidence.stops if stop.seconds is not None]
    faults = (f"{stop.worker} exited with {stop.code} after {stop.seconds:.1f} s" for stop in stopped if stop.code != 0)
    return finding("clean stops", f"{len(stopped)} workers stopped with SIGTERM", faults)


TIMED_GUARANTEES: Final[Sequence[Callable[[Ledger], Finding]]] = (_duplicates, _offsets, _books, _stops)
