"""The threat model is what the tests show: each row names some, and every one that is named exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> list[str]:
    _, _, threats = PAGE.partition("## Who could do what")
    table = [line for line in threats.splitlines() if line.startswith("| ")]
    return [line for line in table if not line.startswith(("| could |", "| --- "))]


def test_every_row_of_the_threat_model_names_tests() -> None:
    assert len(rows()) > 30
    assert [row[:80] for row in rows() if not NAMED.search(row)] == []


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = {(found[1], found[2]) for found in NAMED.finditer(PAGE)}
    assert len(named) == len(set(re.findall(r"`tests/[^`]+`", PAGE)))
    missing = [
        f"{file}::{name}"
        for file, name in sorted(named)
        if not (ROOT / file).is_file() or f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]
    assert missing == []
