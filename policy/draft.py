"""A policy as its document states it, each part with its place: what the static checks look at."""

from dataclasses import dataclass

from sluicegate.policy.cel.ast import Node as Condition
from sluicegate.policy.document import FalseAlarm, Harm, Queue
from sluicegate.policy.source import Node, Source
from sluicegate.policy.views import ViewsTable


@dataclass(frozen=True)
class When:
    """A condition and where it is written."""

    node: Node
    condition: Condition


@dataclass(frozen=True)
class RuleDraft:
    """A rule as stated; what could not be read is empty or ``None``."""

    node: Node
    name: str
    when: When | None
    then: str
    queues: tuple[Node, ...]
    action: str | None


@dataclass(frozen=True)
class QueueDraft:
    """A queue as stated."""

    node: Node
    queue: Queue


@dataclass(frozen=True)
class Draft:
    """The whole document as stated."""

    source: Source
    name: str
    revision: str
    harms: dict[str, Harm]
    missed: float
    false_alarm: FalseAlarm
    wait_minutes: float
    class_bounds: tuple[float, ...]
    class_bounds_node: Node | None
    views: ViewsTable
    views_node: Node | None
    queues: dict[str, QueueDraft]
    rules: tuple[RuleDraft, ...]
    watch: When | None
