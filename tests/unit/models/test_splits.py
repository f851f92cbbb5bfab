"""Splits: groups stay whole, and neither order nor chance moves them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.models import splits
from sluicegate.models.labelled import Row

names = st.one_of(st.none(), st.integers(0, 5), st.sampled_from(["x", "y"]))
rows = st.builds(
    Row,
    text=st.text("ab ", max_size=3),
    labels=st.just({}),
    source=st.sampled_from(["s", "t"]),
    gid=names,
    user=names,
)


@given(st.lists(rows, max_size=30), st.integers(0, 5))
def test_no_gid_user_or_text_crosses_a_split(rows: list[Row], seed: int) -> None:
    parts = splits.split(rows, seed)
    seen: dict[object, int] = {}
    for row, part in zip(rows, parts, strict=True):
        keys: list[object] = [("text", " ".join(row.text.split()))]
        keys += [("gid", row.source, str(row.gid))] if row.gid is not None else []
        keys += [("user", row.source, str(row.user))] if row.user is not None else []
        for key in keys:
            assert seen.setdefault(key, int(part)) == part


@given(st.lists(rows, max_size=20))
def test_the_split_does_not_depend_on_the_order_of_rows(rows: list[Row]) -> None:
    assert splits.split(rows[::-1], 7).tolist() == splits.split(rows, 7).tolist()[::-1]


def test_about_a_fifth_of_the_texts_is_held_out() -> None:
    parts = splits.split([Row(f"text {number}", {}) for number in range(5_000)], 1)
    assert np.mean(parts == splits.TEST) == pytest.approx(0.2, abs=0.02)
    assert np.mean(parts == splits.CALIBRATE) == pytest.approx(0.1, abs=0.02)
