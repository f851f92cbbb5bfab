"""Decides a batch: the first rule that fires for each row, and what a review is worth. No loop over rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sluicegate.policy.cel.compiling import Mask, Rows, Step
from sluicegate.policy.desk import DeskState, classes_of, minutes_of, prices_of, value_of
from sluicegate.policy.document import Policy, Rule
from sluicegate.policy.features import Features
from sluicegate.policy.views import RATE_SIGNAL
from sluicegate.schemas import OUTCOMES

ALLOW, REVIEW, ACT = 0, 1, 2
OUTCOME_NAMES = OUTCOMES
DEFAULT_RULE, DELETED_RULE = -1, -2
DELETED_TYPE = "content.deleted"

Floats = NDArray[np.float64]


class DecidedRow(NamedTuple):
    """What was decided about one event, in plain values; the attributes are those of :class:`Decisions`.

    ``queue`` and ``action`` are names, None where there is none.
    """

    outcome: str
    rule: str
    queue: str | None
    action: str | None
    value: float
    minutes: float
    price: float
    class_: int
    watch: bool


class Reached(NamedTuple):
    """Harms that reached the rule, as arrays of n; those of one event stand together, highest first.

    Attributes
    ----------
    rows
        Place of the event among those that were asked about.
    harms
        Columns of the scores.
    probabilities
        Of these harms.
    """

    rows: NDArray[np.intp]
    harms: NDArray[np.intp]
    probabilities: Floats


_OUTCOMES = {name: code for code, name in enumerate(OUTCOME_NAMES)}


@dataclass(frozen=True)
class Decisions:
    """What was decided, as arrays of n.

    Parameters
    ----------
    outcome
        int8: ``ALLOW``, ``REVIEW`` or ``ACT``.
    rule
        int32 index of the rule that fired, ``DEFAULT_RULE`` or ``DELETED_RULE``.
    queue
        int32 index into the policy's queues, -1 unless reviewed.
    action
        int32 index into the policy's actions, -1 unless acted on.
    value, minutes, price
        float64: worth of the review, its handling time, price of a minute in its queue; 0 unless reviewed.
    class_
        int8: 0, 1 or 2; -1 unless reviewed.
    watch
        bool: view counts of this content are wanted again.
    """

    policy: Policy = field(repr=False)
    outcome: NDArray[np.int8]
    rule: NDArray[np.int32]
    queue: NDArray[np.int32]
    action: NDArray[np.int32]
    value: Floats
    minutes: Floats
    price: Floats
    class_: NDArray[np.int8]
    watch: NDArray[np.bool_]
    _scores: Floats = field(repr=False)
    _harms: tuple[str, ...] = field(repr=False)
    _reached: NDArray[np.bool_] = field(repr=False)

    def __len__(self) -> int:
        return len(self.outcome)

    def rule_name(self, row: int) -> str:
        """Give the name of the rule that fired; ``default`` and ``deleted`` are built in."""
        return self.rule_names()[int(self.rule[row])]

    def rows(self) -> list[DecidedRow]:
        """Give all rows in plain values, made at once: one by one out of arrays they cost ten times as much."""
        policy, rules = self.policy, self.rule_names()
        queues = {-1: None, **{index: queue.name for index, queue in enumerate(policy.queues)}}
        actions = {-1: None, **dict(enumerate(policy.actions))}
        return [
            DecidedRow(OUTCOME_NAMES[outcome], rules[rule], queues[queue], actions[action], *rest)
            for outcome, rule, queue, action, *rest in zip(
                self.outcome.tolist(),
                self.rule.tolist(),
                self.queue.tolist(),
                self.action.tolist(),
                self.value.tolist(),
                self.minutes.tolist(),
                self.price.tolist(),
                self.class_.tolist(),
                self.watch.tolist(),
                strict=True,
            )
        ]

    def rule_names(self) -> dict[int, str]:
        """Give the name of each rule by its index; ``default`` and ``deleted`` are built in."""
        return {DEFAULT_RULE: "default", DELETED_RULE: "deleted"} | {
            index: rule.name for index, rule in enumerate(self.policy.rules)
        }

    def reached(self, rows: NDArray[np.intp]) -> "Reached":
        """Give the harms for which the rule fired on some of the rows, as `harms_reached` gives those of one."""
        scores = self._scores[rows]
        marked = self._reached[rows].copy()
        unmarked = np.flatnonzero(~marked.any(axis=1))
        marked[unmarked, scores[unmarked].argmax(axis=1)] = True
        places, harms = np.nonzero(marked)
        # Stable, and by row before score: of two that are equally high the harm that the model names first stays first.
        order = np.lexsort((-scores[places, harms], places))
        places, harms = places[order], harms[order]
        return Reached(places, harms, scores[places, harms])

    def harms_reached(self, row: int) -> tuple[tuple[str, float], ...]:
        """Give the harms for which the rule fired, highest first, with their probabilities.

        Those are the harms that the rule's condition wants high and which came out so; where it asks for
        none (truncated text, for example) it is the highest one.
        """
        scores = self._scores[row]
        chosen = np.flatnonzero(self._reached[row])
        if len(chosen) == 0:
            chosen = np.array([int(np.argmax(scores))])
        ordered = chosen[np.argsort(-scores[chosen], kind="stable")]
        return tuple((self._harms[column], float(scores[column])) for column in ordered)


def decide(
    policy: Policy,
    features: Features,
    scores: Floats,
    harms: tuple[str, ...],
    state: DeskState | None = None,
) -> Decisions:
    """Decide a batch of n events.

    Parameters
    ----------
    policy
        A policy whose harms are among ``harms`` (see ``check_harms``).
    features
        Of the same n events.
    scores
        Calibrated probabilities, shape (n, len(harms)); those of ``content.deleted`` do not matter.
    harms
        Names of the columns of ``scores``.
    state
        The desk's state: its prices and class bounds hold. Without one, prices are 0 and the policy's
        bounds hold.

    Returns
    -------
    Decisions
    """
    columns = {harm: scores[:, harms.index(harm)] for harm in policy.harms}
    rows = Rows(features, columns)
    n = len(features)
    rule = np.full(n, DEFAULT_RULE, dtype=np.int32)
    deleted = features.type == DELETED_TYPE
    rule[deleted] = DELETED_RULE
    undecided = ~deleted
    outcome = np.zeros(n, dtype=np.int8)
    queue = np.full(n, -1, dtype=np.int32)
    action = np.full(n, -1, dtype=np.int32)
    reached = np.zeros((n, len(harms)), dtype=np.bool_)
    for index, stated in enumerate(policy.rules):
        firing = undecided & _holds(stated.fires, rows)
        if not firing.any():
            continue
        undecided &= ~firing
        rule[firing] = index
        outcome[firing] = _OUTCOMES[stated.outcome]
        if stated.action is not None:
            action[firing] = policy.actions.index(stated.action)
        if stated.queues:
            _route(policy, stated, features, firing, queue)
        if stated.outcome != "allow":
            _mark_reasons(stated, rows, firing, harms, reached)
    watch = np.zeros(n, dtype=np.bool_)
    if policy.watch is not None:
        watch = _holds(policy.watch, rows) & ~deleted & (outcome != ACT)
    value, minutes, price, class_ = _prioritise(policy, features, columns, outcome, queue, state)
    return Decisions(policy, outcome, rule, queue, action, value, minutes, price, class_, watch, scores, harms, reached)


def _holds(step: Step, rows: Rows) -> Mask:
    """Say where a condition is true; where it ends in an error it is not."""
    value, error = step(rows)
    holds = value if error is None else value & ~error
    # A condition without variables has one value for all rows.
    return holds if holds.ndim else np.full(rows.length, holds)


def _route(policy: Policy, rule: Rule, features: Features, firing: Mask, queue: NDArray[np.int32]) -> None:
    """Give each firing row the first of the rule's queues that serves its language."""
    open_rows = np.flatnonzero(firing)
    for candidate in rule.queues:
        languages = policy.queues[candidate].languages
        if languages is None:
            queue[open_rows] = candidate
            return
        served = np.isin(features.language[open_rows], sorted(languages))
        queue[open_rows[served]] = candidate
        open_rows = open_rows[~served]


def _mark_reasons(rule: Rule, rows: Rows, firing: Mask, harms: tuple[str, ...], reached: NDArray[np.bool_]) -> None:
    for evidence in rule.evidence:
        value, error = evidence.comparison(rows)
        came_out = (value if evidence.held else ~value) & firing
        if error is not None:
            came_out &= ~error
        for harm in evidence.harms:
            reached[:, harms.index(harm)] |= came_out


def _prioritise(
    policy: Policy,
    features: Features,
    columns: Mapping[str, Floats],
    outcome: NDArray[np.int8],
    queue: NDArray[np.int32],
    state: DeskState | None,
) -> tuple[Floats, Floats, Floats, NDArray[np.int8]]:
    """Compute value, minutes, price and class of the rows to review."""
    n = len(features)
    value, minutes, price = np.zeros(n), np.zeros(n), np.zeros(n)
    class_ = np.full(n, -1, dtype=np.int8)
    reviewed = np.flatnonzero(outcome == REVIEW)
    if len(reviewed):
        scores = np.column_stack([column[reviewed] for column in columns.values()])
        rate = features.signals.get(RATE_SIGNAL)
        rates = np.full(len(reviewed), np.nan) if rate is None else rate[reviewed]
        views_left = policy.views.views_left(features.age_hours[reviewed], rates)
        value[reviewed] = value_of(policy, scores, views_left)
        minutes[reviewed] = minutes_of(policy, scores)
        price[reviewed] = prices_of(policy, state)[queue[reviewed]]
        class_[reviewed] = classes_of(policy, state, value[reviewed] / minutes[reviewed])
    return value, minutes, price, class_
