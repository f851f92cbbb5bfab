"""A change of the stream against its own past is found, dated and told once; what is the same is not."""

import numpy as np
import pytest

from sluicegate.models.drift.changes import Change, ChangeDetector, change_in


def changes(means: list[float], texts: int = 100) -> list[Change]:
    """Give what is found in texts that come every ten seconds, their ranks uniform about a mean."""
    source, detector = np.random.default_rng(5), ChangeDetector(0.0)
    found = []
    for step, mean in enumerate(means, start=1):
        ranks = np.clip(source.uniform(mean - 0.5, mean + 0.5, texts), 0, 1)
        change = detector.add(texts, float(ranks.sum()), step * 10.0)
        if change is not None:
            found.append(change)
    return found


def test_nothing_is_found_where_nothing_changes() -> None:
    assert changes([0.5] * 20_000) == []


@pytest.mark.parametrize("after", [0.3, 0.7])
def test_a_change_is_found_with_its_time_and_its_size(after: float) -> None:
    (found,) = changes([0.5] * 2_000 + [after] * 400)
    assert found.since == pytest.approx(20_000, abs=60)
    # Ranks beyond 0 and 1 are cut off, so that the mean moves by less than it was moved.
    assert found.difference == pytest.approx((after - 0.5) * 0.9, abs=0.01)


def test_a_change_of_no_size_is_not_told() -> None:
    assert changes([0.5] * 4_000 + [0.53] * 4_000, texts=1_000) == []


def test_what_passes_within_a_minute_is_no_change() -> None:
    assert changes([0.5] * 2_000 + [0.9] * 6 + [0.5] * 2_000) == []


def test_each_change_is_told_by_itself() -> None:
    there, back = changes([0.5] * 2_000 + [0.7] * 2_000 + [0.5] * 2_000)
    assert there.difference == pytest.approx(-back.difference, abs=0.01)
    assert back.since == pytest.approx(40_000, abs=60)


def test_few_texts_are_put_together_before_they_count() -> None:
    detector = ChangeDetector(0.0)
    for step in range(1, 3_000):
        assert detector.add(1, 0.0 if step < 2_000 else 1.0, step * 0.01) is None


def test_a_change_is_placed_where_the_means_differ_most() -> None:
    found = change_in([(float(place), 0.2 if place < 7 else 0.6) for place in range(20)])
    assert found.since == 7.0
    assert found.difference == pytest.approx(0.4)
