"""The parts of a condition, after parsing and type checking.

Two nodes are equal when they say the same; where they stand in the text (``at``) does not count.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Type = Literal["bool", "double", "string"]
Comparison = Literal["<", "<=", ">", ">=", "==", "!="]
Arithmetic = Literal["+", "-", "*", "/"]
Method = Literal["startsWith", "endsWith", "contains"]

MIRRORED: dict[Comparison, Comparison] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True, kw_only=True)
class Node:
    """Any part of a condition; ``at`` is its offset in the condition's text."""

    at: int = field(compare=False, default=0)


@dataclass(frozen=True)
class Number(Node):
    """A number: an integer is read as the double of the same value."""

    value: float


@dataclass(frozen=True)
class Text(Node):
    """A string."""

    value: str


@dataclass(frozen=True)
class Bool(Node):
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True)
class Score(Node):
    """``scores.<harm>``: a calibrated probability, never missing."""

    harm: str


@dataclass(frozen=True)
class Signal(Node):
    """``signals.<name>``: a number which may be missing."""

    name: str


@dataclass(frozen=True)
class Variable(Node):
    """One of the named variables."""

    name: str


@dataclass(frozen=True)
class Has(Node):
    """``has(signals.<name>)``."""

    signal: str


@dataclass(frozen=True)
class Not(Node):
    """``!x``."""

    operand: Node


@dataclass(frozen=True)
class And(Node):
    """``a && b && ...``."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Or(Node):
    """``a || b || ...``."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class If(Node):
    """``condition ? then : otherwise``."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True)
class Compare(Node):
    """Two values of the same type compared."""

    operator: Comparison
    left: Node
    right: Node


@dataclass(frozen=True)
class In(Node):
    """``item in [literals]``."""

    item: Node
    values: tuple[Number, ...] | tuple[Text, ...]


@dataclass(frozen=True)
class Call(Node):
    """A method of a string, with a literal argument."""

    method: Method
    subject: Node
    argument: Text


@dataclass(frozen=True)
class Arith(Node):
    """Arithmetic on two doubles."""

    operator: Arithmetic
    left: Node
    right: Node


@dataclass(frozen=True)
class Negative(Node):
    """``-x``."""

    operand: Node


VARIABLES: dict[str, Type] = {
    "language": "string",
    "surface": "string",
    "type": "string",
    "tenant": "string",
    "text_truncated": "bool",
    "age_hours": "double",
}


def type_of(node: Node) -> Type:
    """Give the type of a part."""
    match node:
        case Number() | Score() | Signal() | Arith() | Negative():
            return "double"
        case Text():
            return "string"
        case Variable(name):
            return VARIABLES[name]
        case If(_, then, _):
            return type_of(then)
        case _:
            return "bool"


def parts_of(node: Node) -> tuple[Node, ...]:
    """Give the parts directly within a part."""
    match node:
        case Not(operand) | Negative(operand):
            return (operand,)
        case And(items) | Or(items):
            return items
        case If(condition, then, otherwise):
            return (condition, then, otherwise)
        case Compare(_, left, right) | Arith(_, left, right):
            return (left, right)
        case In(item, values):
            return (item, *values)
        case Call(_, subject, argument):
            return (subject, argument)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Give a part and all within it, outer ones first."""
    yield node
    for part in parts_of(node):
        yield from walk(part)
