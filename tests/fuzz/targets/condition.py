"""Conditions of policies: what is accepted answers as cel-python's own evaluator does; all else has its place."""

import math
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import celpy
import celpy.celtypes as cel
import numpy as np
from celpy.evaluation import CELEvalError

from sluicegate.policy.cel import Compiler, ConditionError, Node, Rows, parse_condition, to_text
from tests.fuzz.policies import CONDITION_WORDS, CONDITIONS, FEATURES, SCORES
from tests.fuzz.target import Target
from tests.fuzz.texts import text_of

__all__ = ["TARGET"]

# The first one raises the interpreter's recursion limit: not while hypothesis watches it.
_ENVIRONMENT: Final = celpy.Environment()
_STRINGS: Final = ("type", "surface", "language", "tenant")


def one(data: bytes) -> None:
    """Parse a condition, write it and parse that, and have both forms answer for some events."""
    text = text_of(data)
    try:
        condition = parse_condition(text)
    except ConditionError as refused:
        assert 0 <= refused.at <= len(text), (refused.at, len(text))
        assert refused.message
        return
    written = to_text(condition)
    assert parse_condition(written) == condition, written
    assert _compiled(condition) == _evaluated(written), written


def _compiled(condition: Node) -> list[bool | None]:
    value, error = Compiler().compile(condition)(Rows(FEATURES, _scores()))
    values = np.broadcast_to(value, len(FEATURES))
    errors = np.zeros(len(FEATURES), dtype=bool) if error is None else np.broadcast_to(error, len(FEATURES))
    return [None if failed else bool(found) for found, failed in zip(values, errors, strict=True)]


class _AnyScore(dict[str, Any]):
    """The scores of any harm: a policy's harms are compared with its conditions elsewhere."""

    def __missing__(self, harm: str) -> Any:
        return np.zeros(len(FEATURES))


def _scores() -> _AnyScore:
    return _AnyScore(SCORES)


def _evaluated(text: str) -> list[bool | None]:
    program = _ENVIRONMENT.program(_ENVIRONMENT.compile(text))
    return [_answer(program, activation) for activation in _activations()]


def _answer(program: Any, activation: dict[str, cel.Value]) -> bool | None:
    try:
        return bool(program.evaluate(activation))
    except CELEvalError:
        return None


class _Harms(cel.MapType):
    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(key) if super().__contains__(key) else cel.DoubleType(0.0)


@cache
def _activations() -> tuple[dict[str, cel.Value], ...]:
    found = []
    for row in range(len(FEATURES)):
        activation: dict[str, cel.Value] = {
            name: cel.StringType(str(getattr(FEATURES, name)[row])) for name in _STRINGS
        }
        activation["text_truncated"] = cel.BoolType(FEATURES.text_truncated[row])
        if not math.isnan(FEATURES.age_hours[row]):
            activation["age_hours"] = cel.DoubleType(FEATURES.age_hours[row])
        activation["scores"] = _Harms(
            {cel.StringType(harm): cel.DoubleType(values[row]) for harm, values in SCORES.items()}
        )
        activation["signals"] = cel.MapType(
            {
                cel.StringType(name): cel.DoubleType(values[row])
                for name, values in FEATURES.signals.items()
                if not math.isnan(values[row])
            }
        )
        found.append(activation)
    return tuple(found)


def _seeds() -> Sequence[bytes]:
    return [condition.encode() for condition in CONDITIONS]


TARGET: Final = Target(one, _seeds, CONDITION_WORDS, longest=512, inputs=600)
