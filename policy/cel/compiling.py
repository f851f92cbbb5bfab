"""From checked trees to array operations over a batch, with CEL's errors kept as masks beside the values.

Equal parts of all conditions of a policy share one slot, so each is computed once a batch.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluicegate.policy.cel.ast import (
    And,
    Arith,
    Bool,
    Call,
    Compare,
    Has,
    If,
    In,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Score,
    Signal,
    Text,
    Variable,
)
from sluicegate.policy.features import Features, comparable

Mask = NDArray[np.bool_]
Array = NDArray[Any]
#: The values of a part for each row (or one for all rows), and where CEL gives an error instead, if anywhere.
Values = tuple[Array, Mask | None]
Step = Callable[["Rows"], Values]

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_METHODS: dict[str, Callable[[Array, str], Mask]] = {
    "startsWith": np.strings.startswith,
    "endsWith": np.strings.endswith,
    "contains": lambda subject, argument: np.strings.find(subject, argument) >= 0,
}


class Rows:
    """One batch while its conditions are evaluated.

    Parameters
    ----------
    features
        The batch.
    scores
        Each harm's probabilities, float64 of shape (n,).
    """

    def __init__(self, features: Features, scores: Mapping[str, NDArray[np.float64]]) -> None:
        self.features = features
        self.scores = scores
        self.length = len(features)
        self.done: dict[int, Values] = {}

    def signal(self, name: str) -> Values:
        """Give a signal's values and where it is missing."""
        values = self.features.signals.get(name)
        if values is None:
            return np.zeros(self.length), np.ones(self.length, dtype=np.bool_)
        return _with_missing(values)


class Compiler:
    """Compiles the conditions of one policy.

    Examples
    --------
    >>> from sluicegate.policy.cel import parse_condition
    >>> step = Compiler().compile(parse_condition("scores.spam > 0.5"))
    """

    def __init__(self) -> None:
        self._steps: dict[Node, Step] = {}

    def compile(self, node: Node) -> Step:
        """Compile a part; the step it gives computes values and errors for all rows, once a batch."""
        known = self._steps.get(node)
        if known is not None:
            return known
        build = self._build(node)
        slot = len(self._steps)

        def step(rows: Rows) -> Values:
            found = rows.done.get(slot)
            if found is None:
                found = rows.done[slot] = build(rows)
            return found

        self._steps[node] = step
        return step

    def _build(self, node: Node) -> Step:
        match node:
            case Number() | Text() | Bool():
                constant: Values = (np.asarray(_literal(node)), None)
                return lambda _: constant
            case Score(harm):
                return lambda rows: (rows.scores[harm], None)
            case Signal(name):
                return lambda rows: rows.signal(name)
            case Has(name):
                return lambda rows: (_inverted(rows.signal(name)[1], rows.length), None)
            case Variable(name):
                return _variable(name)
            case Not(operand):
                inner = self.compile(operand)
                return lambda rows: _not(inner(rows))
            case Negative(operand):
                inner = self.compile(operand)
                return lambda rows: _negative(inner(rows))
            case And(items):
                return _conjunction([self.compile(item) for item in items])
            case Or(items):
                return _disjunction([self.compile(item) for item in items])
            case If(condition, then, otherwise):
                return _choice(self.compile(condition), self.compile(then), self.compile(otherwise))
            case Compare(symbol, left, right):
                return _comparison(_COMPARISONS[symbol], self.compile(left), self.compile(right))
            case Arith(symbol, left, right):
                return _arithmetic(_ARITHMETIC[symbol], self.compile(left), self.compile(right))
            case In(item, values):
                return _membership(self.compile(item), [_literal(value) for value in values])
            case Call(method, subject, argument):
                return _method(_METHODS[method], self.compile(subject), argument.value)
            case _:
                raise TypeError(type(node).__name__)


def _literal(node: Number | Text | Bool) -> float | str | bool:
    return comparable(node.value) if isinstance(node, Text) else node.value


def _with_missing(values: NDArray[np.float64]) -> Values:
    missing = np.isnan(values)
    return values, missing if missing.any() else None


def _inverted(missing: Mask | None, length: int) -> Mask:
    return np.ones(length, dtype=np.bool_) if missing is None else ~missing


def _either(one: Mask | None, other: Mask | None) -> Mask | None:
    if one is None:
        return other
    return one if other is None else one | other


def _variable(name: str) -> Step:
    if name == "age_hours":
        return lambda rows: _with_missing(rows.features.age_hours)
    return lambda rows: (getattr(rows.features, name), None)


def _not(values: Values) -> Values:
    return ~values[0], values[1]


def _negative(values: Values) -> Values:
    return -values[0], values[1]


def _comparison(compare: Callable[[Any, Any], Any], left: Step, right: Step) -> Step:
    def run(rows: Rows) -> Values:
        a, a_error = left(rows)
        b, b_error = right(rows)
        return np.asarray(compare(a, b)), _either(a_error, b_error)

    return run


def _arithmetic(operate: Callable[[Any, Any], Any], left: Step, right: Step) -> Step:
    def run(rows: Rows) -> Values:
        a, a_error = left(rows)
        b, b_error = right(rows)
        # Doubles overflow to infinity in CEL.
        with np.errstate(all="ignore"):
            return np.asarray(operate(a, b)), _either(a_error, b_error)

    return run


def _conjunction(steps: list[Step]) -> Step:
    """Combine by ``&&``: with ``false`` an error is false, with ``true`` it stays one."""

    def run(rows: Rows) -> Values:
        value, error = steps[0](rows)
        for step in steps[1:]:
            other, other_error = step(rows)
            if error is None and other_error is None:
                value = value & other
                continue
            is_false = _certain(~value, error) | _certain(~other, other_error)
            error = ~is_false & _shaped(_either(error, other_error), rows)
            value = ~is_false & ~error
        return value, error

    return run


def _disjunction(steps: list[Step]) -> Step:
    """Combine by ``||``: with ``true`` an error is true, with ``false`` it stays one."""

    def run(rows: Rows) -> Values:
        value, error = steps[0](rows)
        for step in steps[1:]:
            other, other_error = step(rows)
            if error is None and other_error is None:
                value = value | other
                continue
            is_true = _certain(value, error) | _certain(other, other_error)
            error = ~is_true & _shaped(_either(error, other_error), rows)
            value = is_true
        return value, error

    return run


def _certain(value: Mask, error: Mask | None) -> Mask:
    return value if error is None else value & ~error


def _shaped(error: Mask | None, rows: Rows) -> Mask:
    return np.zeros(rows.length, dtype=np.bool_) if error is None else error


def _choice(condition: Step, then: Step, otherwise: Step) -> Step:
    def run(rows: Rows) -> Values:
        chosen, error = condition(rows)
        a, a_error = then(rows)
        b, b_error = otherwise(rows)
        value = np.where(chosen, a, b)
        if a_error is not None or b_error is not None:
            within = np.where(chosen, _shaped(a_error, rows), _shaped(b_error, rows))
            error = _either(error, within)
        return value, error

    return run


def _membership(item: Step, values: list[Any]) -> Step:
    def run(rows: Rows) -> Values:
        found, error = item(rows)
        value = found == values[0]
        for other in values[1:]:
            value = value | (found == other)
        return np.asarray(value), error

    return run


def _method(call: Callable[[Array, str], Mask], subject: Step, argument: str) -> Step:
    def run(rows: Rows) -> Values:
        value, error = subject(rows)
        return np.asarray(call(value, argument)), error

    return run
