"""docs/policy.md names everything that a policy can say, and its examples are such."""

import re
from pathlib import Path

import pytest

from sluicegate.policy.cel import parse_condition
from sluicegate.policy.cel.ast import VARIABLES, type_of
from sluicegate.policy.parsing import KEYS

REFERENCE = (Path(__file__).parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
TABLED = set(re.findall(r"^\| `(\w+)`", REFERENCE, re.MULTILINE))


def test_the_reference_has_every_key_and_every_variable() -> None:
    assert set(KEYS) <= TABLED
    assert set(VARIABLES) <= TABLED


@pytest.mark.parametrize("condition", re.findall(r"`([^`\n]* (?:>|>=|<=|in) [^`\n]*\w\)?\]?)`", REFERENCE))
def test_each_condition_in_the_text_of_the_reference_is_one(condition: str) -> None:
    written = condition.replace("missing", "signals.missing")
    assert type_of(parse_condition(written)) == "bool"
