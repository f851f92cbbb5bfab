"""Shares of the stream by hash: the same contents always, and as many as stated."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.schemas.sampling import SHADOW, SPLIT, place_of

IDS = [f"content-{number}" for number in range(20_000)]


@given(st.text(), st.sampled_from([SHADOW, SPLIT]))
def test_a_place_is_a_number_from_0_to_below_1_that_anybody_can_work_out(content_id: str, purpose: str) -> None:
    place = place_of(purpose, content_id)
    assert 0 <= place < 1
    assert place == place_of(purpose, content_id)
    raw = hashlib.sha256(f"{purpose}:{content_id}".encode()).digest()
    assert place == pytest.approx(int(raw[:8].hex(), 16) / 2**64)


def test_a_place_stays_what_it_is_from_version_to_version() -> None:
    assert place_of(SHADOW, "c-1") == pytest.approx(0.6105738181868812, abs=1e-12)
    assert place_of(SPLIT, "c-1") == pytest.approx(0.6249365469581295, abs=1e-12)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_a_share_holds_about_as_many_contents_as_it_says(share: float) -> None:
    inside = sum(place_of(SHADOW, content_id) < share for content_id in IDS)
    assert inside / len(IDS) == pytest.approx(share, abs=4 * (share * (1 - share) / len(IDS)) ** 0.5)


def test_who_is_in_a_split_does_not_depend_on_who_is_in_the_shadow() -> None:
    both = sum(place_of(SHADOW, content_id) < 0.5 and place_of(SPLIT, content_id) < 0.5 for content_id in IDS)
    assert both / len(IDS) == pytest.approx(0.25, abs=4 * (0.25 * 0.75 / len(IDS)) ** 0.5)
