"""What a replay found, as plain figures."""

import msgspec

from sluicegate.models.comparison.report import ScoreDifference
from sluicegate.schemas import Provenance

__all__ = ["DEAD_LETTER", "NO_DECISION", "ChangedExample", "ReplayReport", "Served", "encode_replay_report"]

#: In place of an outcome: that of an event which became a dead letter, and of one of which nothing was found.
DEAD_LETTER = "dead letter"
NO_DECISION = "none"


class Served(msgspec.Struct, frozen=True):
    """A model with a policy, and the decisions that they made."""

    model: Provenance
    policy: Provenance
    decisions: int


class ChangedExample(msgspec.Struct, frozen=True):
    """An event that is decided otherwise: where it stands, and what was decided; nothing of what it says."""

    decision_id: str
    partition: int
    offset: int
    live: str
    replayed: str
    live_rule: str
    replayed_rule: str


class ReplayReport(msgspec.Struct, frozen=True):
    """How a stretch of the past is decided now, beside how it was decided.

    Attributes
    ----------
    events
        Records that were read.
    decided, dead_lettered
        Of them, now; the latter by reason.
    repeated
        Of the decided ones, those whose id came before in the stretch: they are compared with nothing.
    compared
        Decided now and then.
    same
        Of those: with the same outcome, action, queue and class.
    live_missing
        Decided now, of which no decision and no dead letter was found on the live topics.
    live_repeated
        Live decisions of an id that came before: the first counts.
    live_only
        Live decisions between compared ones, of events that have no decision now.
    opinions
        Of the compared, those where a second opinion had changed the live decision; a replay asks for none.
    outcomes
        Events by what they were (an outcome, ``dead letter`` or ``none``), then by what they are now.
    actions, queues, classes, rules
        Compared events of which it changed: by what it was, then by what it is now; ``none`` where there is none.
    scores
        By harm: probabilities now less those then, of compared events that both models scored.
    live, replayed
        By which models and policies the compared were decided.
    examples
        Some events of each change of outcome, action or queue.
    """

    events: int
    decided: int
    dead_lettered: dict[str, int]
    repeated: int
    compared: int
    same: int
    live_missing: int
    live_repeated: int
    live_only: int
    opinions: int
    outcomes: dict[str, dict[str, int]]
    actions: dict[str, dict[str, int]]
    queues: dict[str, dict[str, int]]
    classes: dict[str, dict[str, int]]
    rules: dict[str, dict[str, int]]
    scores: dict[str, ScoreDifference]
    live: tuple[Served, ...]
    replayed: tuple[Served, ...]
    examples: tuple[ChangedExample, ...]


def encode_replay_report(report: ReplayReport) -> bytes:
    """Write a report as JSON that people can read."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"
