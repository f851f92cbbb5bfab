"""Where a condition can be true: as boxes, each a set of limits that hold together.

A condition is true exactly where one of its boxes is. What is no limit on one variable stays in its box as it
is written, so that it is compared with its like only.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf

from sluicegate.policy.cel.ast import (
    MIRRORED,
    And,
    Bool,
    Compare,
    Comparison,
    Has,
    If,
    In,
    Node,
    Not,
    Number,
    Or,
    Score,
    Signal,
    Text,
    Variable,
)
from sluicegate.schemas import EVENT_TYPES

MAX_BOXES = 128
#: Deleted content is decided before any rule.
RULED_TYPES = frozenset(EVENT_TYPES) - {"content.deleted"}

_OPPOSITE: dict[Comparison, Comparison] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


class TooManyBoxes(Exception):
    """A condition too entangled to be looked through; it runs all the same."""


@dataclass(frozen=True)
class Interval:
    """Numbers between two bounds, each included or not. A missing signal is in none."""

    low: float = -inf
    high: float = inf
    low_open: bool = False
    high_open: bool = False

    def empty(self) -> bool:
        """Whether no number is in it."""
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def meet(self, other: "Interval") -> "Interval":
        """Give what is in both."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, high_shut = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Interval(low, high, low_open, not high_shut)

    def within(self, other: "Interval") -> bool:
        """Whether all of it is in the other."""
        return self.meet(other) == self


@dataclass(frozen=True)
class Words:
    """Strings: those named, or all but those named."""

    named: frozenset[str]
    excluded: bool = False

    def meet(self, other: "Words") -> "Words":
        """Give what is in both."""
        if self.excluded and other.excluded:
            return Words(self.named | other.named, True)
        if self.excluded:
            return Words(other.named - self.named)
        return Words(self.named - other.named if other.excluded else self.named & other.named)

    def empty(self) -> bool:
        """Whether no string is in it."""
        return not self.excluded and not self.named

    def within(self, other: "Words") -> bool:
        """Whether all of it is in the other."""
        return self.meet(other) == self


@dataclass(frozen=True)
class Box:
    """Limits that hold together.

    Parameters
    ----------
    numbers, words
        Limits on variables.
    literals
        What must come out true, or false, as it is written.
    """

    numbers: dict[Node, Interval] = field(default_factory=dict)
    words: dict[Node, Words] = field(default_factory=dict)
    literals: frozenset[tuple[Node, bool]] = frozenset()

    def empty(self) -> bool:
        """Whether nothing can be in it."""
        return (
            any(interval.empty() for interval in self.numbers.values())
            or any(words.empty() for words in self.words.values())
            or any((node, not held) in self.literals for node, held in self.literals)
            or any(
                isinstance(node, Has) and not held and Signal(node.signal) in self.numbers
                for node, held in self.literals
            )
        )

    def meet(self, other: "Box") -> "Box":
        """Give what is in both."""
        numbers, words = dict(self.numbers), dict(self.words)
        for node, interval in other.numbers.items():
            numbers[node] = interval.meet(numbers[node]) if node in numbers else interval
        for node, named in other.words.items():
            words[node] = named.meet(words[node]) if node in words else named
        return Box(numbers, words, self.literals | other.literals)

    def within(self, other: "Box") -> bool:
        """Whether all of it is certainly in the other."""
        return (
            all(node in self.numbers and self.numbers[node].within(limit) for node, limit in other.numbers.items())
            and all(node in self.words and self.words[node].within(limit) for node, limit in other.words.items())
            and other.literals <= self.literals
        )


def boxes_of(condition: Node) -> list[Box]:
    """Give the boxes in which a condition is true, without empty ones.

    Raises
    ------
    TooManyBoxes
        When there are more than can be looked through.
    """
    return [box for box in _boxes(condition, True) if not box.empty()]


def _boxes(node: Node, held: bool) -> list[Box]:
    match node:
        case Not(operand):
            return _boxes(operand, not held)
        case And(items) | Or(items):
            parts = [_boxes(item, held) for item in items]
            return _all_of(parts) if isinstance(node, And) == held else _any_of(parts)
        case If(condition, then, otherwise):
            chosen = _all_of([_boxes(condition, True), _boxes(then, held)])
            left = _all_of([_boxes(condition, False), _boxes(otherwise, held)])
            return _any_of([chosen, left])
        case Bool(value):
            return [Box()] if value == held else []
        case _:
            return list(_atom(node, held))


def _any_of(parts: list[list[Box]]) -> list[Box]:
    joined = [box for part in parts for box in part]
    if len(joined) > MAX_BOXES:
        raise TooManyBoxes
    return joined


def _all_of(parts: list[list[Box]]) -> list[Box]:
    met = [Box()]
    for part in parts:
        if len(met) * len(part) > MAX_BOXES:
            raise TooManyBoxes
        met = [one.meet(other) for one in met for other in part]
    return met


def _atom(node: Node, held: bool) -> Iterator[Box]:
    match node:
        case Has(name) if held:
            yield Box(numbers={Signal(name): Interval()})
        case Compare(operator, Number() as left, right) if not isinstance(right, Number):
            yield from _atom(Compare(MIRRORED[operator], right, left), held)
        case Compare(operator, Number(one), Number(other)):
            if _compared(operator, one, other) == held:
                yield Box()
        case Compare(operator, (Score() | Signal() | Variable()) as subject, Number(value)):
            symbol = operator if held else _OPPOSITE[operator]
            yield from (_number_box(subject, interval) for interval in _intervals(symbol, value))
        case Compare(operator, Text() as left, Variable() as right):
            yield from _atom(Compare(operator, right, left), held)
        case Compare(("==" | "!=") as operator, Variable() as subject, Text(word)):
            yield _word_box(subject, frozenset({word}), (operator == "==") != held)
        case In(Variable() as subject, values) if all(isinstance(value, Text) for value in values):
            yield _word_box(subject, frozenset(str(value.value) for value in values), not held)
        case _:
            yield Box(literals=frozenset({(node, held)}))


def _number_box(subject: Node, interval: Interval) -> Box:
    if isinstance(subject, Score):
        domain = Interval(0.0, 1.0)
        interval = interval.meet(domain)
        if interval == domain:
            return Box()
    return Box(numbers={subject: interval})


def _word_box(subject: Variable, named: frozenset[str], excluded: bool) -> Box:
    words = Words(named, excluded)
    if subject.name == "type":
        words = words.meet(Words(RULED_TYPES))
        if words.named == RULED_TYPES:
            return Box()
    return Box(words={subject: words})


def _intervals(operator: Comparison, value: float) -> list[Interval]:
    match operator:
        case "<":
            return [Interval(high=value, high_open=True)]
        case "<=":
            return [Interval(high=value)]
        case ">":
            return [Interval(low=value, low_open=True)]
        case ">=":
            return [Interval(low=value)]
        case "==":
            return [Interval(low=value, high=value)]
        case "!=":
            return [Interval(high=value, high_open=True), Interval(low=value, low_open=True)]


def _compared(operator: Comparison, one: float, other: float) -> bool:
    order = {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}
    return order.get(operator, (one == other) == (operator == "=="))
