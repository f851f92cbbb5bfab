"""From the text of a condition to a typed tree; what is outside the subset is refused by name."""

import lark
from celpy.celparser import CELParseError, CELParser

from sluicegate.policy.cel.ast import (
    VARIABLES,
    And,
    Arith,
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
    Type,
    Variable,
    type_of,
)
from sluicegate.policy.cel.literals import place_of, read_literal
from sluicegate.policy.cel.syntax import ConditionError, syntax_error
from sluicegate.policy.faults import did_you_mean

MAX_LENGTH = 4096
MAX_DEPTH = 50

_ORDERED = {"relation_lt": "<", "relation_le": "<=", "relation_gt": ">", "relation_ge": ">="}
_EQUAL = {"relation_eq": "==", "relation_ne": "!="}
_ARITHMETIC = {
    "addition_add": "+",
    "addition_sub": "-",
    "multiplication_mul": "*",
    "multiplication_div": "/",
}
_ROOTS = (*VARIABLES, "scores", "signals")


def parse_condition(text: str) -> Node:
    """Parse and type check a condition.

    Parameters
    ----------
    text
        A CEL expression.

    Returns
    -------
    Node
        Its tree, of type bool.

    Raises
    ------
    ConditionError
        When it is no CEL, is outside the documented subset, or is not true or false.
    """
    if len(text) > MAX_LENGTH:
        raise ConditionError(0, f"the condition is longer than {MAX_LENGTH} characters", "split it into several rules")
    if not text.strip():
        raise ConditionError(0, "the condition is empty", "write 'true' for a rule that always fires")
    try:
        tree = CELParser().parse(text)
    except CELParseError as error:
        raise syntax_error(text, error) from None
    node = _lower(tree, 0)
    _expect(node, "bool", "a condition", "compare it with something")
    return node


def _lower(tree: lark.Tree[lark.Token], depth: int) -> Node:
    """Lower a tree; the many levels of the grammar with one child only are walked in a loop."""
    while len(tree.children) == 1 and isinstance(tree.children[0], lark.Tree) and tree.data not in _LEAVES:
        tree = tree.children[0]
    at = place_of(tree)
    if depth > MAX_DEPTH:
        raise ConditionError(at, f"nested deeper than {MAX_DEPTH} levels", "split the condition into rules")
    match tree.data:
        case "expr":
            return _ternary(tree, depth)
        case "conditionalor" | "conditionaland":
            return _chain(tree, depth)
        case "relation":
            return _relation(tree, depth)
        case "addition" | "multiplication":
            return _arithmetic(tree, depth)
        case "unary":
            return _unary(tree, depth)
        case "literal":
            return read_literal(tree)
        case "ident":
            return _variable(tree)
        case "member_dot":
            return _member(tree)
        case "member_dot_arg":
            return _call(tree, depth)
        case "ident_arg":
            return _function(tree, depth)
        case "member_index":
            raise ConditionError(at, "indexing is not in the subset", "write scores.name or signals.name")
        case "list_lit":
            raise ConditionError(at, "a list stands only to the right of 'in'", "write x in [a, b]")
        case _:
            raise ConditionError(at, f"{tree.data.replace('_', ' ')} is not in the subset", "see docs/policy.md")


_LEAVES = (
    "literal",
    "ident",
    "ident_arg",
    "list_lit",
    "map_lit",
    "dot_ident",
    "dot_ident_arg",
    "member_index",
)


def _subtrees(tree: lark.Tree[lark.Token]) -> list[lark.Tree[lark.Token]]:
    return [child for child in tree.children if isinstance(child, lark.Tree)]


def _ternary(tree: lark.Tree[lark.Token], depth: int) -> Node:
    condition, then, otherwise = (_lower(child, depth + 1) for child in _subtrees(tree))
    _expect(condition, "bool", "what stands before '?'")
    if type_of(then) != type_of(otherwise):
        raise ConditionError(
            otherwise.at,
            f"'?:' has a {type_of(then)} on one side and a {type_of(otherwise)} on the other",
            "give both sides one type",
        )
    if type_of(then) == "string":
        raise ConditionError(then.at, "'?:' on strings is not in the subset", "compare within each side")
    return If(condition, then, otherwise, at=place_of(tree))


def _chain(tree: lark.Tree[lark.Token], depth: int) -> Node:
    """Flatten ``a && b && c``, which the grammar nests to the left."""
    kind = tree.data
    operands: list[Node] = []
    rest = tree
    while rest.data == kind and len(rest.children) == 2:
        rest, last = _subtrees(rest)
        operands.append(_lower(last, depth + 1))
    operands.append(_lower(rest, depth + 1))
    operands.reverse()
    flat: list[Node] = []
    chain = And if kind == "conditionaland" else Or
    for operand in operands:
        _expect(operand, "bool", f"an operand of {'&&' if chain is And else '||'}")
        flat.extend(operand.items if isinstance(operand, chain) else [operand])
    return chain(tuple(flat), at=place_of(tree))


def _relation(tree: lark.Tree[lark.Token], depth: int) -> Node:
    head, right_tree = _subtrees(tree)
    left = _lower(_subtrees(head)[0], depth + 1)
    at = place_of(tree)
    if head.data == "relation_in":
        return _membership(left, right_tree, at, depth)
    right = _lower(right_tree, depth + 1)
    if type_of(left) != type_of(right):
        raise ConditionError(at, f"a {type_of(left)} is compared with a {type_of(right)}", "compare values of one type")
    operator = _ORDERED.get(head.data) or _EQUAL[head.data]
    if head.data in _ORDERED and type_of(left) != "double":
        raise ConditionError(at, f"{operator!r} on a {type_of(left)} is not in the subset", "use == or !=")
    return Compare(operator, left, right, at=at)  # type: ignore[arg-type]


def _membership(item: Node, tree: lark.Tree[lark.Token], at: int, depth: int) -> Node:
    while tree.data != "list_lit":
        if len(tree.children) != 1 or not isinstance(tree.children[0], lark.Tree):
            raise ConditionError(place_of(tree), "'in' needs a list on its right", "write x in [a, b]")
        tree = tree.children[0]
    elements = [_lower(child, depth + 1) for listed in _subtrees(tree) for child in _subtrees(listed)]
    numbers = tuple(element for element in elements if isinstance(element, Number))
    texts = tuple(element for element in elements if isinstance(element, Text))
    if not elements:
        raise ConditionError(place_of(tree), "nothing is in an empty list", "list the values, or remove this")
    kind = type_of(item)
    if kind == "double" and len(numbers) == len(elements):
        return In(item, numbers, at=at)
    if kind == "string" and len(texts) == len(elements):
        return In(item, texts, at=at)
    raise ConditionError(place_of(tree), f"the list must hold literals of type {kind}", "write them out")


def _arithmetic(tree: lark.Tree[lark.Token], depth: int) -> Node:
    head, right_tree = _subtrees(tree)
    at = place_of(tree)
    if head.data not in _ARITHMETIC:
        raise ConditionError(at, "'%' is not in the subset", "use comparisons")
    left = _lower(_subtrees(head)[0], depth + 1)
    right = _lower(right_tree, depth + 1)
    operator = _ARITHMETIC[head.data]
    for side in (left, right):
        _expect(side, "double", f"an operand of {operator!r}")
    if operator == "/" and not (isinstance(right, Number) and right.value != 0):
        raise ConditionError(
            right.at,
            "only a number other than 0 may stand below '/'",
            "write a > b * c in place of a / b > c",
        )
    return Arith(operator, left, right, at=at)  # type: ignore[arg-type]


def _unary(tree: lark.Tree[lark.Token], depth: int) -> Node:
    head, operand_tree = _subtrees(tree)
    operand = _lower(operand_tree, depth + 1)
    if head.data == "unary_not":
        _expect(operand, "bool", "the operand of '!'", "put brackets around the comparison: !(a < b)")
        return Not(operand, at=place_of(tree))
    _expect(operand, "double", "the operand of '-'")
    return Negative(operand, at=place_of(tree))


def _variable(tree: lark.Tree[lark.Token]) -> Node:
    name = str(tree.children[0])
    at = place_of(tree)
    if name in VARIABLES:
        return Variable(name, at=at)
    if name in ("scores", "signals"):
        raise ConditionError(at, f"{name} alone is no value", f"write {name}.name")
    hint = did_you_mean(name, _ROOTS)
    if hint.startswith("known"):
        # The names of signals are the publishers': any may be one.
        hint = f"did you mean signals.{name} or scores.{name}? {hint}"
    raise ConditionError(at, f"unknown variable {name!r}", hint)


def _member(tree: lark.Tree[lark.Token]) -> Node:
    owner, name = tree.children
    at = place_of(tree)
    if not isinstance(owner, lark.Tree):
        raise ConditionError(at, "not a member", "write scores.name or signals.name")
    while len(owner.children) == 1 and isinstance(owner.children[0], lark.Tree):
        owner = owner.children[0]
    root = str(owner.children[0]) if owner.data == "ident" else ""
    if root == "scores":
        return Score(str(name), at=at)
    if root == "signals":
        return Signal(str(name), at=at)
    if not root or root in VARIABLES:
        raise ConditionError(at, f"there is no member {str(name)!r} here", "only scores and signals have members")
    raise ConditionError(at, f"unknown variable {root!r}", did_you_mean(root, _ROOTS))


def _arguments(tree: lark.Tree[lark.Token]) -> list[lark.Tree[lark.Token]]:
    lists = [child for child in _subtrees(tree) if child.data == "exprlist"]
    return _subtrees(lists[0]) if lists else []


def _call(tree: lark.Tree[lark.Token], depth: int) -> Node:
    at = place_of(tree)
    name = str(tree.children[1])
    methods = ("startsWith", "endsWith", "contains")
    if name not in methods:
        raise ConditionError(at, f"unknown method {name!r}", did_you_mean(name, methods))
    subject = _lower(_subtrees(tree)[0], depth + 1)
    arguments = [_lower(argument, depth + 1) for argument in _arguments(tree)]
    _expect(subject, "string", f"what {name} is called on")
    if len(arguments) != 1 or not isinstance(arguments[0], Text) or not isinstance(subject, Variable):
        raise ConditionError(at, f"{name} takes one string in quotes", f"write language.{name}('...'), on a variable")
    return Call(name, subject, arguments[0], at=at)  # type: ignore[arg-type]


def _function(tree: lark.Tree[lark.Token], depth: int) -> Node:
    at = place_of(tree)
    name = str(tree.children[0])
    if name != "has":
        raise ConditionError(at, f"the function {name!r} is not in the subset", did_you_mean(name, ("has",)))
    arguments = _arguments(tree)
    argument = _lower(arguments[0], depth + 1) if len(arguments) == 1 else None
    if isinstance(argument, Score):
        raise ConditionError(at, "a score is never missing", "remove has(...)")
    if not isinstance(argument, Signal):
        raise ConditionError(at, "has() takes one signal", "write has(signals.name)")
    return Has(argument.name, at=at)


def _expect(node: Node, wanted: Type, what: str, hint: str = "") -> None:
    found = type_of(node)
    if found != wanted:
        raise ConditionError(node.at, f"{what} must be a {wanted}, this is a {found}", hint or f"give a {wanted}")
