"""The leaves of cel-python's tree: where they stand, and what a literal means."""

import lark
from celpy.evaluation import celstr

from sluicegate.policy.cel.ast import Bool, Node, Number, Text
from sluicegate.policy.cel.syntax import ConditionError


def place_of(tree: lark.Tree[lark.Token]) -> int:
    """Give the offset of a part in the condition's text."""
    # cel-python's parser gives no place to `true` and `false`, nor to what begins with them.
    return int(getattr(tree.meta, "start_pos", None) or 0)


def read_literal(tree: lark.Tree[lark.Token]) -> Node:
    """Read a number, a string, ``true`` or ``false``."""
    literal = tree.children[0]
    at = place_of(tree)
    if not isinstance(literal, lark.Token):
        raise ConditionError(at, "not a literal", "see docs/policy.md")
    match literal.type:
        case "INT_LIT":
            return _number(int(literal, 16) if "x" in literal.lower() else literal, at)
        case "FLOAT_LIT":
            return _number(literal, at)
        case "STRING_LIT" | "MLSTRING_LIT":
            try:
                return Text(str(celstr(literal)), at=at)
            except (ValueError, OverflowError):
                raise ConditionError(at, "an escape stands for no character", "write the character itself") from None
        case "BOOL_LIT":
            return Bool(literal == "true", at=at)
        case _:
            raise ConditionError(at, f"{literal} is not in the subset", "use a number, a string, true or false")


def _number(text: str | int, at: int) -> Number:
    try:
        value = float(text)
    except OverflowError:
        value = float("inf")
    if abs(value) > 1e15:
        raise ConditionError(at, "the number is larger than 1e15", "write a smaller one")
    return Number(value, at=at)
