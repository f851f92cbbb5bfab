"""The generated pages of docs/ are current."""

from pathlib import Path

import pytest

from sluicegate.cli.documents import PAGES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", PAGES)
def test_a_generated_page_is_current(page: str) -> None:
    assert (DOCS / page).read_text(encoding="utf-8") == PAGES[page](), "write it anew with: make generate"
