"""``docs/contracts.md`` against the code: its examples are read, its figures and codes are the contract's."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator

from sluicegate.schemas import REASONS, Headers, Stage, decode_event
from sluicegate.schemas.json_schema import json_schemas
from sluicegate.schemas.limits import MEMBER_MAX_BYTES

PAGE = (Path(__file__).parents[2] / "docs" / "contracts.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


class Given(NamedTuple):
    value: bytes
    headers: Headers = ()
    key: bytes | None = None


def headers_of_the_page() -> Headers:
    lines = re.findall(r"^    (ce_\w+|content-type): (.*)$", PAGE, re.MULTILINE)
    return [(name, text.encode()) for name, text in lines]


def test_the_two_examples_of_an_event_are_read_and_name_the_same_one() -> None:
    structured = decode_event(Given(EXAMPLES[0].encode())).event
    binary = decode_event(Given(EXAMPLES[1].encode(), headers_of_the_page())).event
    for name in ("id", "source", "type", "time"):
        assert getattr(structured, name) == getattr(binary, name)
    assert structured.data.text == binary.data.text


def test_the_other_examples_are_valid_but_for_what_is_left_out() -> None:
    for example, name in ((EXAMPLES[2], "decision"), (EXAMPLES[3], "review-outcome")):
        message: dict[str, Any] = json.loads(example.replace("7d3f…", "00000000-0000-5000-8000-000000000000"))
        Draft202012Validator(json_schemas()[name]).validate(message)


def test_every_code_that_a_publisher_can_cause_stands_on_the_page_and_no_other_does() -> None:
    named = set(re.findall(r"`((?:record|encoding|json|event)\.[a-z_0-9]+)`", PAGE))
    assert named == {code for code, reason in REASONS.items() if reason.stage in (Stage.DECODE, Stage.VALIDATE)}


def test_the_lengths_on_the_page_are_those_of_the_contract() -> None:
    found: dict[str, int] = {}
    for names, most in re.findall(r"^\| (`.*?) \| ([\d,]+) bytes", PAGE, re.MULTILINE):
        found |= dict.fromkeys(re.findall(r"`(\w+)`", names), int(most.replace(",", "")))
    named = {"signal name": 64, **found}
    assert "the name of a signal | 64 bytes" in PAGE
    assert named == MEMBER_MAX_BYTES
