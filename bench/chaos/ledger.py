"""The evidence of a run put in order: each record of the load with all that follows from it in the topics."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sluicegate.bench.chaos.evidence import Evidence, Read
from sluicegate.bench.chaos.load import SEQUENCE, Headers, Planned
from sluicegate.schemas.dead_letter import HEADER_PREFIX, read_error_headers
from sluicegate.schemas.review import TASK_TYPE, WITHDRAWAL_TYPE

__all__ = ["Decided", "Ledger", "Letter", "Message", "without_times"]

#: Members of data that say when: a replay may differ in them alone.
_TIMES: Final = ("enqueued_at", "due_at", "withdrawn_at")
_FIRST_OF_OURS: Final = f"{HEADER_PREFIX}topic"


class Decided(NamedTuple):
    """A raw decision: its record, id, event, and the queue and class that it names, if it is for review."""

    read: Read
    id: str
    source: str
    event_id: str
    outcome: str
    topic: str | None


class Message(NamedTuple):
    """A raw task or withdrawal: its record, id and type."""

    read: Read
    id: str
    type: str


class Letter(NamedTuple):
    """A raw dead letter: its record, the headers of the original, where that was read, and the reason."""

    read: Read
    headers: Headers
    place: tuple[int, int] | None
    reason: str


@dataclass
class Ledger:
    """What stands in the topics, by the load.

    Attributes
    ----------
    evidence
        Of the run.
    good, poison
        The load by source and id of its events, of poison the event that was spoilt; and poison by its number.
    places
        Partition and offset of each record of the load, by its number.
    decided
        Raw decisions by the source and id of their event, in the order of their offsets.
    tasks, withdrawals
        Raw messages of the review topics, by id.
    letters
        Raw dead letters by the number of their record; those without one under -1.
    unreadable
        Outputs that are no message of the contract.
    """

    evidence: Evidence
    good: dict[tuple[str, str], Planned] = field(default_factory=dict)
    poison: dict[int, Planned] = field(default_factory=dict)
    places: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    decided: dict[tuple[str, str], list[Decided]] = field(default_factory=lambda: defaultdict(list))
    tasks: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    withdrawals: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    letters: dict[int, list[Letter]] = field(default_factory=lambda: defaultdict(list))
    unreadable: list[Read] = field(default_factory=list)

    @classmethod
    def of(cls, evidence: Evidence) -> "Ledger":
        """Put evidence in order."""
        ledger = cls(evidence)
        for planned in evidence.planned:
            if planned.reason is None:
                ledger.good[planned.source, planned.event_id] = planned
            else:
                ledger.poison[planned.sequence] = planned
        for read in evidence.events:
            ledger.places[_sequence(read.headers)].append((read.partition, read.offset))
        for read in evidence.decisions:
            ledger._enter_decision(read)
        for read in evidence.reviews:
            ledger._enter_message(read)
        for read in evidence.dead_letters:
            ledger._enter_letter(read)
        return ledger

    @property
    def firsts(self) -> Iterable[Decided]:
        """The first decision of every event that has one."""
        return (raw[0] for raw in self.decided.values())

    def _enter_decision(self, read: Read) -> None:
        try:
            message = json.loads(read.value or b"")
            data = message["data"]
            topic = None
            if data["outcome"] == "review":
                topic = f"{self.evidence.review_prefix}{data['queue']}.{data['priority']['class']}"
            event = data["event"]
            decided = Decided(read, message["id"], event["source"], event["id"], data["outcome"], topic)
        except (ValueError, LookupError, TypeError):
            self.unreadable.append(read)
        else:
            self.decided[decided.source, decided.event_id].append(decided)

    def _enter_message(self, read: Read) -> None:
        kinds = {TASK_TYPE: self.tasks, WITHDRAWAL_TYPE: self.withdrawals}
        try:
            message = json.loads(read.value or b"")
            entered = Message(read, message["id"], message["type"])
            kinds[entered.type][entered.id].append(entered)
        except (ValueError, LookupError, TypeError):
            self.unreadable.append(read)

    def _enter_letter(self, read: Read) -> None:
        # Where the original had such headers too, ours are the last.
        ours = [place for place, (name, _) in enumerate(read.headers) if name == _FIRST_OF_OURS]
        original = read.headers[: ours[-1]] if ours else read.headers
        told = read_error_headers(read.headers)
        place = None if told is None else (told.partition, told.offset)
        letter = Letter(read, original, place, "" if told is None else told.reason)
        self.letters[_sequence(original)].append(letter)


def without_times(value: bytes | None) -> dict[str, Any]:
    """Give a message without what says when it was written."""
    message: dict[str, Any] = json.loads(value or b"{}")
    data = {name: member for name, member in message.get("data", {}).items() if name not in _TIMES}
    return {**{name: member for name, member in message.items() if name not in ("time", "id")}, "data": data}


def _sequence(headers: Sequence[tuple[str, bytes]]) -> int:
    numbers = [content for name, content in headers if name == SEQUENCE]
    return int(numbers[-1]) if numbers and numbers[-1].isdigit() else -1
