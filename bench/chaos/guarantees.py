"""What Sluicegate guarantees of its outputs, each a pure function from a ledger to what it found.

Each speaks of one thing alone, so that a worker which breaks one guarantee is charged with that one.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final
from uuid import uuid5

from sluicegate.bench.chaos.ledger import Ledger, without_times
from sluicegate.schemas.identity import NAMESPACE, withdrawal_id

__all__ = ["GUARANTEES", "Finding", "finding"]

_EXAMPLES: Final = 5


@dataclass(frozen=True)
class Finding:
    """Whether a guarantee held.

    Attributes
    ----------
    guarantee
        Its name.
    counted
        What was counted, in words.
    faults
        How often it was broken.
    examples
        Some of these.
    """

    guarantee: str
    counted: str
    faults: int
    examples: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it was never broken."""
        return self.faults == 0


def finding(guarantee: str, counted: str, faults: Iterable[str]) -> Finding:
    """Make a finding of the faults that were found, each in words."""
    found = list(faults)
    return Finding(guarantee, counted, len(found), tuple(islice(found, _EXAMPLES)))


def _load(ledger: Ledger) -> Finding:
    """Find whether the load itself stands in its topic, once and as planned; else nothing is proved."""

    def faults() -> Iterable[str]:
        read = {(each.partition, each.offset): each for each in ledger.evidence.events}
        for planned in ledger.evidence.planned:
            places = ledger.places.get(planned.sequence, [])
            if len(places) != 1:
                yield f"record {planned.sequence} stands {len(places)} times among the events"
                continue
            there = read[places[0]]
            as_planned = (planned.partition, planned.key, planned.value, planned.headers)
            if (there.partition, there.key, there.value, there.headers) != as_planned:
                yield f"record {planned.sequence} was altered on its way"

    return finding("load", f"{len(ledger.evidence.events):,} records published", faults())


def _nothing_lost(ledger: Ledger) -> Finding:
    """Find whether every event that can be read is decided."""
    lost = (f"{source} {event_id}" for source, event_id in ledger.good if (source, event_id) not in ledger.decided)
    decided = sum(event in ledger.decided for event in ledger.good)
    return finding("nothing lost", f"{decided:,} of {len(ledger.good):,} events decided", lost)


def _nothing_invented(ledger: Ledger) -> Finding:
    """Find decisions on poison or on events that were never published, and outputs that nobody can read."""
    strange = (f"{source} {event_id}" for source, event_id in ledger.decided if (source, event_id) not in ledger.good)
    unreadable = (f"{read.topic}, partition {read.partition}, offset {read.offset}" for read in ledger.unreadable)
    counted = f"{len(ledger.poison):,} records of poison, {len({p.reason for p in ledger.poison.values()})} reasons"
    return finding("no decision for poison", counted, [*strange, *unreadable])


def _one_identity(ledger: Ledger) -> Finding:
    """Find whether an event has one decision id, which is the UUIDv5 of its source and id."""
    ids = {each.id for raw in ledger.decided.values() for each in raw}

    def faults() -> Iterable[str]:
        for (source, event_id), raw in ledger.decided.items():
            expected = str(uuid5(NAMESPACE, f"{len(source)}:{source}:{event_id}"))
            if {each.id for each in raw} != {expected}:
                yield f"{source} {event_id} was decided under {', '.join(sorted({each.id for each in raw}))}"

    return finding("one id", f"{len(ids):,} decision ids for {len(ledger.decided):,} events", faults())


def _dead_letters(ledger: Ledger) -> Finding:
    """Find whether the dead letters are the poison, byte for byte, each under its reason, and nothing else."""

    def faults() -> Iterable[str]:
        for sequence, planned in ledger.poison.items():
            if sequence not in ledger.letters:
                yield f"record {sequence} ({planned.reason}) has no dead letter"
        for sequence, letters in ledger.letters.items():
            poison = ledger.poison.get(sequence)
            if poison is None:
                yield f"record {sequence} is no poison and has a dead letter"
                continue
            as_planned = (poison.partition, poison.key, poison.value, poison.headers, poison.reason)
            for letter in letters:
                as_found = (letter.read.partition, letter.read.key, letter.read.value, letter.headers, letter.reason)
                if as_found != as_planned or letter.place not in ledger.places.get(sequence, []):
                    yield f"record {sequence} ({poison.reason}) has a dead letter that differs from it"

    counted = f"{len(ledger.letters):,} dead letters for {len(ledger.poison):,} records of poison"
    return finding("dead letters", counted, faults())


def _tasks(ledger: Ledger) -> Finding:
    """Find whether each decision for review has one task, each deletion one withdrawal a queue, and no others are."""
    wanted = {
        each.id: (each.topic, each.read.partition) for raw in ledger.decided.values() for each in raw if each.topic
    }
    deleted = [raw for event, raw in ledger.decided.items() if event in ledger.good and _is_deletion(ledger, event)]
    prefix = ledger.evidence.review_prefix
    withdrawn = {
        withdrawal_id(each.id, queue): (f"{prefix}{queue}.0", each.read.partition)
        for raw in deleted
        for each in raw
        for queue in ledger.evidence.queues
    }

    def faults() -> Iterable[str]:
        for kind, due, found in (("task", wanted, ledger.tasks), ("withdrawal", withdrawn, ledger.withdrawals)):
            yield from (f"{kind} {id_} is missing from {due[id_][0]}" for id_ in due.keys() - found.keys())
            yield from (f"{kind} {id_} follows from no decision" for id_ in found.keys() - due.keys())
            for id_ in due.keys() & found.keys():
                if any((each.read.topic, each.read.partition) != due[id_] for each in found[id_]):
                    yield f"{kind} {id_} is not where its decision says, {due[id_][0]}"

    counted = f"{len(ledger.tasks):,} tasks for {len(wanted):,} decisions, {len(ledger.withdrawals):,} withdrawals"
    return finding("review tasks", counted, sorted(faults()))


def _order(ledger: Ledger) -> Finding:
    """Find whether the first decisions of an actor stand in the order of its events, in their partition."""

    def faults() -> Iterable[str]:
        last: dict[str, int] = {}
        firsts = [each for each in ledger.firsts if (each.source, each.event_id) in ledger.good]
        for each in sorted(firsts, key=lambda each: (each.read.partition, each.read.offset)):
            planned = ledger.good[each.source, each.event_id]
            if each.read.partition != planned.partition:
                yield f"{each.event_id} was decided in partition {each.read.partition}, not {planned.partition}"
            if planned.number < last.get(planned.actor, 0):
                yield f"{each.event_id} was decided behind {planned.actor}/{last[planned.actor]}"
            last[planned.actor] = planned.number

    actors = len({planned.actor for planned in ledger.good.values()})
    return finding("order", f"first decisions of {actors:,} actors", faults())


def _same_content(ledger: Ledger) -> Finding:
    """Find whether what was written more than once differs in times alone."""
    decided = [[each.read.value for each in raw] for raw in ledger.decided.values()]
    messages = [[e.read.value for e in raw] for kind in (ledger.tasks, ledger.withdrawals) for raw in kind.values()]
    repeated = [values for values in (*decided, *messages) if len(values) > 1]

    def faults() -> Iterable[str]:
        for values in repeated:
            contents = {json.dumps(without_times(value), sort_keys=True) for value in values}
            if len(contents) > 1:
                yield f"{json.loads(values[0] or b'{}').get('id')} was written with different contents"

    return finding("same content", f"{len(repeated):,} messages were written more than once", faults())


def _is_deletion(ledger: Ledger, event: tuple[str, str]) -> bool:
    return ledger.good[event].type == "content.deleted"


GUARANTEES: Final[Sequence[Callable[[Ledger], Finding]]] = (
    _load,
    _nothing_lost,
    _nothing_invented,
    _one_identity,
    _same_content,
    _dead_letters,
    _tasks,
    _order,
)
