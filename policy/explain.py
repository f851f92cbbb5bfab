"""Why one event was decided as it was: each rule's condition with its values, and the arithmetic of its priority."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sluicegate.policy.cel.ast import And, If, Node, Not, Or, Score, Signal, Variable, walk
from sluicegate.policy.cel.compiling import Compiler, Rows
from sluicegate.policy.cel.text import to_text
from sluicegate.policy.deciding import DELETED_RULE, OUTCOME_NAMES, REVIEW, Decisions, decide
from sluicegate.policy.desk import DeskState
from sluicegate.policy.document import Policy
from sluicegate.policy.features import Features
from sluicegate.policy.views import RATE_SIGNAL

Answer = Literal["true", "false", "missing"]


@dataclass(frozen=True)
class Step:
    """A part of a condition, and what it came out as.

    Parameters
    ----------
    depth
        0 for the whole condition, 1 for its parts, and so on.
    text
        The part, in CEL.
    answer
        ``missing`` where a signal that it needs is.
    operands
        What the part compares, as (name, value) with the value in CEL or ``missing``; empty for a chain.
    """

    depth: int
    text: str
    answer: Answer
    operands: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RuleExplained:
    """One rule: ``fired``, ``no`` (its condition is not true), or ``later`` (an earlier one had decided)."""

    name: str
    then: str
    verdict: Literal["fired", "no", "later"]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class HarmShare:
    """What one harm contributes: its probability times its severity."""

    harm: str
    probability: float
    severity: float
    minutes: float


@dataclass(frozen=True)
class PriorityExplained:
    """The arithmetic of a review's priority (see docs/policy.md)."""

    views_left: float
    shares: tuple[HarmShare, ...]
    missed: float
    averted: float
    false_alarm_cost: float
    value: float
    minutes: float
    value_per_minute: float
    price: float
    class_: int
    class_bounds: tuple[float, float]


@dataclass(frozen=True)
class Explanation:
    """Everything about the decision on one event."""

    outcome: str
    rule: str
    queue: str | None
    action: str | None
    watch: bool
    harms: tuple[tuple[str, float], ...]
    rules: tuple[RuleExplained, ...]
    priority: PriorityExplained | None


def explain(
    policy: Policy,
    features: Features,
    scores: NDArray[np.float64],
    harms: tuple[str, ...],
    state: DeskState | None = None,
) -> Explanation:
    """Explain the decision on one event.

    Parameters
    ----------
    features, scores
        As for ``decide``, of one row.

    Raises
    ------
    ValueError
        When there is not exactly one row.
    """
    if len(features) != 1:
        raise ValueError(f"explain takes one event, not {len(features)}")
    decisions = decide(policy, features, scores, harms, state)
    rows = Rows(features, {harm: scores[:, harms.index(harm)] for harm in policy.harms})
    fired = int(decisions.rule[0])
    compiler = Compiler()
    rules = tuple(
        RuleExplained(
            rule.name,
            rule.outcome,
            "fired" if index == fired else "no" if fired < 0 or index < fired else "later",
            tuple(_steps(rule.condition, 0, compiler, rows)),
        )
        for index, rule in enumerate(policy.rules)
    )
    queue, action = int(decisions.queue[0]), int(decisions.action[0])
    return Explanation(
        outcome=OUTCOME_NAMES[int(decisions.outcome[0])],
        rule=decisions.rule_name(0),
        queue=policy.queues[queue].name if queue >= 0 else None,
        action=policy.actions[action] if action >= 0 else None,
        watch=bool(decisions.watch[0]),
        harms=() if fired == DELETED_RULE else decisions.harms_reached(0),
        rules=() if fired == DELETED_RULE else rules,
        priority=_priority(policy, features, rows, decisions, state) if decisions.outcome[0] == REVIEW else None,
    )


def _steps(node: Node, depth: int, compiler: Compiler, rows: Rows) -> Iterator[Step]:
    value, error = compiler.compile(node)(rows)
    answer: Answer = "true" if np.broadcast_to(value, (1,))[0] else "false"
    if error is not None and error[0]:
        answer = "missing"
    chain = isinstance(node, And | Or | Not | If)
    operands = () if chain else tuple(_operands(node, compiler, rows))
    yield Step(depth, to_text(node), answer, operands)
    parts: tuple[Node, ...] = ()
    match node:
        case And(items) | Or(items):
            parts = items
        case Not(operand):
            parts = (operand,)
        case If(condition, then, otherwise):
            parts = (condition, then, otherwise)
    for part in parts:
        yield from _steps(part, depth + 1, compiler, rows)


def _operands(node: Node, compiler: Compiler, rows: Rows) -> Iterator[tuple[str, str]]:
    for part in dict.fromkeys(walk(node)):
        if isinstance(part, Score | Signal | Variable):
            value, error = compiler.compile(part)(rows)
            yield to_text(part), "missing" if error is not None and error[0] else _told(value[0])


def _told(value: object) -> str:
    if isinstance(value, str):
        return repr(str(value))
    if isinstance(value, np.bool_):
        return "true" if value else "false"
    return f"{value:.6g}"


def _priority(
    policy: Policy, features: Features, rows: Rows, decisions: Decisions, state: DeskState | None
) -> PriorityExplained:
    rate = features.signals.get(RATE_SIGNAL, np.full(1, np.nan))
    views_left = float(policy.views.views_left(features.age_hours, rate)[0])
    shares = tuple(
        HarmShare(harm.name, float(rows.scores[harm.name][0]), harm.severity, harm.minutes)
        for harm in policy.harms.values()
    )
    value, minutes = float(decisions.value[0]), float(decisions.minutes[0])
    averted = (1.0 - policy.missed) * sum(share.probability * share.severity for share in shares) * views_left
    return PriorityExplained(
        views_left=views_left,
        shares=tuple(sorted(shares, key=lambda share: -share.probability * share.severity)),
        missed=policy.missed,
        averted=averted,
        false_alarm_cost=averted - value,
        value=value,
        minutes=minutes,
        value_per_minute=value / minutes,
        price=float(decisions.price[0]),
        class_=int(decisions.class_[0]),
        class_bounds=policy.class_bounds if state is None else state.class_bounds,
    )
