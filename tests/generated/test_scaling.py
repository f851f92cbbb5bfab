"""The tables of docs/scaling.md are those of the figures that are kept."""

from pathlib import Path

from sluicegate.bench.scaling.inputs import Assumed, read_inputs
from sluicegate.bench.scaling.page import replaced

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"


def test_the_tables_are_current() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == replaced(page, read_inputs(), Assumed()), "write them anew: python -m sluicegate.bench.scaling"
