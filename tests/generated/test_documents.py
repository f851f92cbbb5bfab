"""The generated pages of docs/ are current, and so are the figures in the README."""

import re
from pathlib import Path

import pytest

from sluicegate.cli.documents import PAGES
from sluicegate.models import default_bundle_path
from sluicegate.models.bundle import load_bundle

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PORTUGUESE = "told_br"


@pytest.mark.parametrize("page", PAGES)
def test_a_generated_page_is_current(page: str) -> None:
    assert (DOCS / page).read_text(encoding="utf-8") == PAGES[page](), "write it anew with: make generate"


def test_the_readme_says_what_the_default_bundle_is_worth_in_a_language_it_never_saw() -> None:
    warning = " ".join((ROOT / "README.md").read_text(encoding="utf-8").replace("\n>", "\n").split())
    metrics = load_bundle(default_bundle_path()).manifest.metrics
    figures = {harm: found.transfer[PORTUGUESE] for harm, found in metrics.items() if PORTUGUESE in found.transfer}
    told = dict(re.findall(r"(?:AUC|and) (0\.\d\d) for (\w+)", warning))
    assert {harm: number for number, harm in told.items()} == {
        harm: f"{each.auc:.2f}" for harm, each in figures.items()
    }
    (rows,) = {each.positives + each.negatives for each in figures.values()}
    assert f"On {rows:,} Brazilian Portuguese posts" in warning
