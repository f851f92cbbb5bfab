"""Compiled conditions against cel-python's own evaluator, row by row."""

import math

import celpy
import celpy.celtypes as cel
from celpy.evaluation import CELEvalError
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.policy.cel import parse_condition, to_text
from sluicegate.policy.cel.ast import Node
from tests.unit.policy.conditions import HARMS, SIGNALS, STRINGS, Row, answers, conditions, rows_of_values


def _evaluated(text: str, rows: list[Row]) -> list[bool | None]:
    environment = celpy.Environment()
    program = environment.program(environment.compile(text))
    found: list[bool | None] = []
    for row in rows:
        activation: dict[str, cel.Value] = {name: cel.StringType(str(row[name])) for name in STRINGS}
        activation["text_truncated"] = cel.BoolType(row["text_truncated"])
        if not math.isnan(float(row["age_hours"])):
            activation["age_hours"] = cel.DoubleType(row["age_hours"])
        activation["scores"] = cel.MapType({cel.StringType(harm): cel.DoubleType(row[harm]) for harm in HARMS})
        activation["signals"] = cel.MapType(
            {
                cel.StringType(name): cel.DoubleType(row[name])
                for name in SIGNALS[:2]
                if not math.isnan(float(row[name]))
            }
        )
        try:
            found.append(bool(program.evaluate(activation)))
        except CELEvalError:
            found.append(None)
    return found


@settings(max_examples=300, deadline=None)
@given(conditions, rows_of_values)
def test_the_compiled_form_answers_as_cel_python_does_for_every_row(condition: Node, rows: list[Row]) -> None:
    assert answers(condition, rows) == _evaluated(to_text(condition), rows)


@settings(max_examples=300, deadline=None)
@given(conditions)
def test_a_condition_is_read_back_from_its_own_text(condition: Node) -> None:
    assert parse_condition(to_text(condition)) == condition


@settings(deadline=None)
@given(st.integers(0, 1000), rows_of_values)
def test_an_integer_is_read_as_the_double_of_the_same_value(number: int, rows: list[Row]) -> None:
    condition = parse_condition(f"signals.reports >= {number} || scores.spam + {number} == {number}")
    expected = _evaluated(f"signals.reports >= {number}.0 || scores.spam + {number}.0 == {number}.0", rows)
    assert answers(condition, rows) == expected
