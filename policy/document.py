"""A policy as it runs: what the document says, checked and compiled. Frozen; made by ``load_policy``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from sluicegate.policy.cel.ast import Has, Node, Signal, walk
from sluicegate.policy.cel.compiling import Step
from sluicegate.policy.views import RATE_SIGNAL, ViewsTable

Outcome = Literal["allow", "review", "act"]
CLASSES = (0, 1, 2)

#: Of the severity of the most severe harm: from there on a harm is severe.
_SEVERE_FROM = 1 / 3

# Longer ones are well formed, and none was ever registered (RFC 5646, section 2.2.1).
PRIMARY_SUBTAG = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True)
class Harm:
    """What a harm costs, and what its review takes.

    Parameters
    ----------
    severity
        Harm done by one view of violating content, in units common to all harms of the policy.
    minutes
        Handling time of a review about this harm.
    warning
        Shown to the reviewer before the content; may be empty.
    line, column
        Where the document names it, both counted from 1.
    """

    name: str
    severity: float
    minutes: float
    warning: str = ""
    line: int = field(compare=False, repr=False, default=1)
    column: int = field(compare=False, repr=False, default=1)


@dataclass(frozen=True)
class Queue:
    """A review queue.

    Parameters
    ----------
    languages
        Those it serves, or ``None`` for any, an unknown one included.
    goal_minutes
        Service goal: a task is due this long after it was enqueued.
    planned_minutes_per_hour
        Reviewers' minutes planned for each hour.
    """

    name: str
    languages: frozenset[str] | None
    goal_minutes: float
    planned_minutes_per_hour: float

    def serves(self, language: str) -> bool:
        """Whether content in this language may go here."""
        return self.languages is None or language in self.languages


@dataclass(frozen=True)
class Evidence:
    """A comparison within a rule that names a harm as a reason: it does when it comes out as ``held``."""

    harms: tuple[str, ...]
    comparison: Step = field(compare=False, repr=False)
    held: bool = True


@dataclass(frozen=True)
class Rule:
    """One rule. The first whose condition is true decides.

    Parameters
    ----------
    queues
        Indices of candidate queues in order, with ``review``: the first one that serves the language is taken.
    action
        Name of the action, with ``act``.
    condition, text
        The condition's tree, and as it was written.
    fires, evidence
        The same, compiled.
    """

    name: str
    outcome: Outcome
    queues: tuple[int, ...]
    action: str | None
    condition: Node = field(repr=False)
    text: str
    fires: Step = field(compare=False, repr=False)
    evidence: tuple[Evidence, ...] = field(compare=False, repr=False, default=())


@dataclass(frozen=True)
class FalseAlarm:
    """What a wrongful removal costs, and how often reviewers do it to benign content."""

    rate: float
    fixed: float
    per_view: float


@dataclass(frozen=True)
class Policy:
    """A policy that may run.

    Parameters
    ----------
    name, version
        As the document states; ``version`` is its ``revision``, or else the format's.
    digest
        ``sha256:`` and the digest of the document's bytes.
    file
        What faults call the document: its path.
    missed
        Share of violating content that reviewers take for benign.
    wait_minutes
        The wait in a queue that the desk aims at.
    class_bounds
        Value per minute from which a task is of class 0, and of class 1.
    watch
        Compiled condition: which content's view counts are wanted again; ``None`` for none.
    """

    name: str
    version: str
    digest: str
    harms: Mapping[str, Harm]
    queues: tuple[Queue, ...]
    rules: tuple[Rule, ...]
    missed: float
    false_alarm: FalseAlarm
    wait_minutes: float
    class_bounds: tuple[float, float]
    views: ViewsTable
    watch: Step | None = field(compare=False, repr=False, default=None)
    watch_condition: Node | None = field(repr=False, default=None)
    file: str = field(compare=False, repr=False, default="")

    @cached_property
    def actions(self) -> tuple[str, ...]:
        """The actions of all rules, each once, in the rules' order."""
        return tuple(dict.fromkeys(rule.action for rule in self.rules if rule.action is not None))

    @cached_property
    def signals(self) -> frozenset[str]:
        """The names of the signals that a decision depends on."""
        conditions = [rule.condition for rule in self.rules]
        if self.watch_condition is not None:
            conditions.append(self.watch_condition)
        asked = (part for condition in conditions for part in walk(condition))
        named = {
            part.name if isinstance(part, Signal) else part.signal for part in asked if isinstance(part, Signal | Has)
        }
        return frozenset(named | {RATE_SIGNAL})

    @cached_property
    def severe_harms(self) -> tuple[str, ...]:
        """The harms that nothing may be left out for: those at least a third as severe as the most severe one."""
        worst = max((harm.severity for harm in self.harms.values()), default=0.0)
        return tuple(name for name, harm in self.harms.items() if harm.severity >= worst * _SEVERE_FROM)

    def review_topics(self, prefix: str) -> list[str]:
        """Give the topics that the policy's queues need: ``<prefix><queue>.<class>``."""
        return [f"{prefix}{queue.name}.{class_}" for queue in self.queues for class_ in CLASSES]
