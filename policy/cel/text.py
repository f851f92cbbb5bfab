"""From a checked tree back to CEL, in one normal form: integers as doubles, brackets wherever parts nest."""

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

_ATOMS = (Number, Text, Bool, Score, Signal, Variable, Has, Call)


def to_text(node: Node) -> str:
    """Write a part of a condition as CEL that cel-python reads as the same.

    Examples
    --------
    >>> from sluicegate.policy.cel import parse_condition
    >>> to_text(parse_condition("scores.spam>=1||!has(signals.reports)"))
    'scores.spam >= 1.0 || !has(signals.reports)'
    """
    match node:
        case Number(value):
            return repr(value)
        case Text(value):
            return quoted(value)
        case Bool(value):
            return "true" if value else "false"
        case Score(harm):
            return f"scores.{harm}"
        case Signal(name):
            return f"signals.{name}"
        case Variable(name):
            return name
        case Has(signal):
            return f"has(signals.{signal})"
        case Not(operand):
            return f"!{_nested(operand)}"
        case Negative(operand):
            return f"-({to_text(operand)})"
        case And(items):
            return " && ".join(_operand(item) for item in items)
        case Or(items):
            return " || ".join(_operand(item) for item in items)
        case If(condition, then, otherwise):
            return f"{_nested(condition)} ? {_nested(then)} : {_nested(otherwise)}"
        case Compare(operator, left, right) | Arith(operator, left, right):
            return f"{_nested(left)} {operator} {_nested(right)}"
        case In(item, values):
            return f"{_nested(item)} in [{', '.join(to_text(value) for value in values)}]"
        case Call(method, subject, argument):
            return f"{to_text(subject)}.{method}({to_text(argument)})"
        case _:
            raise TypeError(type(node).__name__)


def quoted(text: str) -> str:
    """Write a string as a CEL literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def _nested(node: Node) -> str:
    return to_text(node) if isinstance(node, _ATOMS) else f"({to_text(node)})"


def _operand(node: Node) -> str:
    plain = isinstance(node, (*_ATOMS, Not, Compare, In))
    return to_text(node) if plain else f"({to_text(node)})"
