"""The table of docs/performance.md is that of the figures that are kept."""

import msgspec

from sluicegate.bench.profile import KEPT, PAGE, Profile, replaced


def test_the_table_is_current() -> None:
    page = PAGE.read_text(encoding="utf-8")
    kept = msgspec.json.decode(KEPT.read_bytes(), type=Profile)
    assert page == replaced(page, kept), "write it anew: python -m sluicegate.bench.profile --results RUN.json"
