"""Generated conditions and rows, and the answers that their compiled form gives."""

import math

import celpy
import numpy as np
from hypothesis import strategies as st

from sluicegate.policy import Features
from sluicegate.policy.cel import Compiler, Rows
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

HARMS = ("spam", "hate")
SIGNALS = ("reports", "views", "never")
STRINGS = ("language", "surface", "type", "tenant")
WORDS = (
    "",
    "en",
    "de",
    "zh",
    "comment",
    "content.reported",
    "it's",
    'a"b',
    "back\\slash",
    "日本",
    "two\nlines",
)

# Few numbers, so that comparisons meet equal values and sums meet each other.
# The first environment raises the interpreter's recursion limit: not while hypothesis watches it.
celpy.Environment()

numbers = st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0, 3.0, -1.0, 1e-9, 1e15, 0.1]) | st.floats(-1e6, 1e6)
words = st.sampled_from(WORDS)
constants = st.builds(Number, numbers)
texts = st.builds(Text, words)
string_variables = st.sampled_from([Variable(name) for name in STRINGS])
double_leaves: st.SearchStrategy[Node] = (
    constants
    | st.sampled_from([Score(harm) for harm in HARMS])
    | st.sampled_from([Signal(name) for name in SIGNALS])
    | st.just(Variable("age_hours"))
)
divisors = st.builds(Number, numbers.filter(bool))


def _larger_doubles(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return (
        st.builds(Arith, st.sampled_from(["+", "-", "*"]), inner, inner)
        | st.builds(Arith, st.just("/"), inner, divisors)
        | st.builds(Negative, inner)
    )


doubles = st.recursive(double_leaves, _larger_doubles, max_leaves=4)
comparisons = st.builds(Compare, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), doubles, doubles)
bool_leaves: st.SearchStrategy[Node] = (
    comparisons
    | st.builds(Compare, st.sampled_from(["==", "!="]), string_variables, texts)
    | st.builds(In, doubles, st.lists(constants, min_size=1, max_size=3).map(tuple))
    | st.builds(In, string_variables, st.lists(texts, min_size=1, max_size=3).map(tuple))
    | st.builds(Call, st.sampled_from(["startsWith", "endsWith", "contains"]), string_variables, texts)
    | st.builds(Has, st.sampled_from(SIGNALS))
    | st.builds(Bool, st.booleans())
    | st.just(Variable("text_truncated"))
)


def _larger_bools(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3)
    return (
        # A chain within a chain of its kind is one chain: the parser flattens it.
        several.map(lambda items: And(tuple(_flat(items, And))))
        | several.map(lambda items: Or(tuple(_flat(items, Or))))
        | st.builds(Not, inner)
        | st.builds(If, inner, inner, inner)
        | st.builds(Compare, st.sampled_from(["==", "!="]), inner, inner)
        | st.builds(
            lambda condition, then, otherwise, bound: Compare(">", If(condition, then, otherwise), bound),
            inner,
            doubles,
            doubles,
            doubles,
        )
    )


def _flat(items: list[Node], kind: type[And] | type[Or]) -> list[Node]:
    return [part for item in items for part in (item.items if isinstance(item, kind) else (item,))]


conditions = st.recursive(bool_leaves, _larger_bools, max_leaves=6)
maybe = st.just(math.nan) | numbers
rows_of_values = st.lists(
    st.fixed_dictionaries(
        {
            **{harm: st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats(0, 1) for harm in HARMS},
            "reports": maybe,
            "views": maybe,
            "age_hours": maybe,
            **dict.fromkeys(STRINGS, words),
            "text_truncated": st.booleans(),
        }
    ),
    min_size=1,
    max_size=5,
)
Row = dict[str, float | str | bool]


def answers(condition: Node, rows: list[Row]) -> list[bool | None]:
    features = Features(
        **{name: np.array([row[name] for row in rows]) for name in STRINGS},
        text_truncated=np.array([row["text_truncated"] for row in rows]),
        age_hours=np.array([row["age_hours"] for row in rows], dtype=np.float64),
        signals={name: np.array([row[name] for row in rows], dtype=np.float64) for name in SIGNALS[:2]},
    )
    scores = {harm: np.array([row[harm] for row in rows], dtype=np.float64) for harm in HARMS}
    value, error = Compiler().compile(condition)(Rows(features, scores))
    values = np.broadcast_to(value, len(rows))
    errors = np.zeros(len(rows), dtype=bool) if error is None else np.broadcast_to(error, len(rows))
    return [None if failed else bool(found) for found, failed in zip(values, errors, strict=True)]
