"""What a policy writes with escapes and brackets is refused with its place, and never ends whoever reads it."""

import pytest

from sluicegate.policy import PolicyError, parse_policy
from sluicegate.policy.cel import ConditionError, parse_condition
from tests.unit.policy.documents import SMALL


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: small", 'name: "\\ud800"'),
        ("name: small", 'name: small\nrevision: "1\\udfff"'),
        ("- name: spam", '- name: "a\\ud83d"'),
        ("warning: May attack people.", 'warning: "\\udc00"'),
    ],
)
def test_half_a_surrogate_pair_is_refused_since_no_decision_could_name_it(old: str, new: str) -> None:
    assert SMALL.count(old) == 1
    with pytest.raises(PolicyError, match="half a surrogate pair is no character"):
        parse_policy(SMALL.replace(old, new), "p.yaml")


@pytest.mark.parametrize("escape", ["\\Uffffffff", "\\U00110000"])
def test_an_escape_of_no_character_in_a_condition_is_told_with_its_place(escape: str) -> None:
    with pytest.raises(ConditionError, match="an escape stands for no character") as raised:
        parse_condition(f"language == '{escape}'")
    assert raised.value.at == len("language == ")


@pytest.mark.parametrize("depth", [51, 200, 800])
def test_functions_within_functions_are_refused_as_too_deep(depth: int) -> None:
    with pytest.raises(ConditionError, match="nested deeper than 50 levels"):
        parse_condition("has(" * depth + "signals.x" + ")" * depth)
