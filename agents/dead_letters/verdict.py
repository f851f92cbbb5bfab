"""What can be done with a dead letter: whether its original may be redriven, and if not, why. A pure function."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sluicegate.agents.dead_letters.letter import Letter
from sluicegate.agents.dead_letters.originals import Originals

__all__ = ["MOST_ATTEMPTS", "Destination", "Verdict", "judge", "record_bytes"]

#: After so many redrives of one event nothing but a mended event helps.
MOST_ATTEMPTS: Final = 5

#: Bytes of a record batch and of a record around key, value and headers, and the most that our own headers take.
_BATCH_BYTES: Final = 61 + 32
_HEADER_BYTES: Final = 16
_PROVENANCE_BYTES: Final = 1_536


#: Of letters whose value is no event's.
_BATCH_REASON: Final = "record.unreadable_batch"


class Verdict(StrEnum):
    """What becomes of a dead letter in a redrive; in words that follow its count."""

    REDRIVE = "to be redriven"
    REDRIVEN = "redriven before, or by another of these"
    RETURNED = "came back after a redrive"
    EXHAUSTED = "came back too often"
    NOT_KEPT = "without their value"
    BATCH = "whole record batches"
    ELSEWHERE = "of another topic or partition"
    TOO_LARGE = "too large for the events' topic"
    FOREIGN = "no dead letters of a worker's"


@dataclass(frozen=True, slots=True)
class Destination:
    """The topic that originals are put back into.

    Attributes
    ----------
    topic
        That of the events.
    partitions
        How many it has.
    max_bytes
        Of a record batch, that it takes.
    """

    topic: str
    partitions: int
    max_bytes: int


def judge(letter: Letter, destination: Destination, redriven: Originals, *, again: bool) -> Verdict:
    """Say what becomes of a dead letter.

    Parameters
    ----------
    letter
        To be judged.
    destination
        Where originals go.
    redriven
        Those that were redriven.
    again
        Whether events that came back after a redrive may be redriven once more.
    """
    told, original = letter.told, letter.original
    if told is None or original is None:
        return Verdict.FOREIGN
    if told.topic != destination.topic or not 0 <= told.partition < destination.partitions:
        return Verdict.ELSEWHERE
    if told.value_digest is not None:
        return Verdict.NOT_KEPT
    if told.reason == _BATCH_REASON:
        return Verdict.BATCH
    if original in redriven:
        return Verdict.REDRIVEN
    if letter.attempts >= MOST_ATTEMPTS:
        return Verdict.EXHAUSTED
    if letter.attempts and not again:
        return Verdict.RETURNED
    if record_bytes(letter) > destination.max_bytes:
        return Verdict.TOO_LARGE
    return Verdict.REDRIVE


def record_bytes(letter: Letter) -> int:
    """Give the bytes of a batch with the original alone in it, uncompressed, at the most."""
    headers = sum(len(name.encode()) + len(content or b"") + _HEADER_BYTES for name, content in letter.original_headers)
    return len(letter.key or b"") + len(letter.value or b"") + headers + _BATCH_BYTES + _PROVENANCE_BYTES
