"""Every relative link in what people read points at a file, and at a heading in it, that exist."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
_CODE = re.compile(r"^```.*?^```|^    .*?$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)[^)]*\)")
_ELSEWHERE = re.compile(r"[a-z]+:")


def links(page: Path) -> Iterator[str]:
    for found in _LINK.finditer(_CODE.sub("", page.read_text(encoding="utf-8"))):
        if not _ELSEWHERE.match(found["target"]):
            yield found["target"]


def anchors(page: Path) -> set[str]:
    """Give the anchors that code hosts make of a page's headings."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in re.findall(r"^#+ +(.+?) *$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE):
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return found


def fault(page: Path, link: str) -> str | None:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return f"{link}: no such file"
    if anchor and anchor not in anchors(target):
        return f"{link}: no such heading"
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_points_at_something(page: Path) -> None:
    assert [told for link in links(page) if (told := fault(page, link)) is not None] == []


def test_links_are_found_and_wrong_ones_noticed() -> None:
    contracts = ROOT / "docs" / "contracts.md"
    assert "settings.md" in set(links(contracts))
    assert fault(contracts, "settings.md") is None
    assert fault(contracts, "#dead-letters") is None
    assert fault(contracts, "settings.md#nowhere") == "settings.md#nowhere: no such heading"
    assert fault(contracts, "nowhere.md") == "nowhere.md: no such file"
