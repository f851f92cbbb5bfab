"""What the checks say of where conditions are true agrees with what conditions answer."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.policy.cel.ast import And, Compare, Has, In, Node, Not, Number, Or, Score, Signal, Text, Variable
from sluicegate.policy.checks.regions import RULED_TYPES, Box, TooManyBoxes, boxes_of
from tests.unit.policy.conditions import Row, answers, conditions, rows_of_values

# Few variables and few bounds, so that limits meet, contradict and cover each other.
bounds = st.sampled_from([0.0, 0.25, 0.5, 1.0]).map(Number)
operators = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
words = st.sampled_from(["", "en", "de", "content.created", "content.reported"]).map(Text)
limits: st.SearchStrategy[Node] = (
    st.builds(Compare, operators, st.sampled_from([Score("spam"), Signal("reports")]), bounds)
    | st.builds(Compare, operators, bounds, st.sampled_from([Score("spam"), Signal("reports")]))
    | st.builds(
        Compare, st.sampled_from(["==", "!="]), st.sampled_from([Variable("language"), Variable("type")]), words
    )
    | st.builds(In, st.just(Variable("language")), st.lists(words, min_size=1, max_size=2).map(tuple))
    | st.just(Has("reports"))
    | st.just(Variable("text_truncated"))
)
simple = st.recursive(
    limits,
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map(lambda items: And(tuple(items)))
        | st.lists(inner, min_size=2, max_size=3).map(lambda items: Or(tuple(items)))
        | st.builds(Not, inner)
    ),
    max_leaves=5,
)
ruled_rows = st.lists(st.sampled_from(sorted(RULED_TYPES)), min_size=5, max_size=5).flatmap(
    lambda types: rows_of_values.map(
        lambda rows: [{**row, "type": type_} for row, type_ in zip(rows, types, strict=False)]
    )
)


def _boxes(condition: Node) -> list[Box] | None:
    try:
        return boxes_of(condition)
    except TooManyBoxes:
        return None


@settings(max_examples=500, deadline=None)
@given(conditions | simple, ruled_rows)
def test_a_condition_that_is_said_never_to_be_true_is_not(condition: Node, rows: list[Row]) -> None:
    if _boxes(condition) == []:
        assert True not in answers(condition, rows)


@settings(max_examples=1000, deadline=None)
@given(simple, simple, ruled_rows)
def test_a_condition_that_is_said_to_be_covered_is_true_only_where_the_other_is(
    earlier: Node, later: Node, rows: list[Row]
) -> None:
    before, after = _boxes(earlier), _boxes(later)
    if before and after and all(any(box.within(other) for other in before) for box in after):
        covered = zip(answers(earlier, rows), answers(later, rows), strict=True)
        assert all(first is True for first, second in covered if second is True)
