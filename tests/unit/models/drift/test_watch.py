"""A stream like the reference raises nothing, one that has shifted does, and one of bursts is not taken for it."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from sluicegate.models.drift.binning import Binning
from sluicegate.models.drift.changes import Change
from sluicegate.models.drift.feature import Feature
from sluicegate.models.drift.reference import Reference
from sluicegate.models.drift.stability import population_stability_index
from sluicegate.models.drift.watch import DriftWatch, Finding, compare

DAY = 86_400.0
MINUTE = 60.0

#: Ten bins as those of scores, and five as those of unknown words.
SHAPES = [np.array([0.08, 0.1, 0.11, 0.12, 0.13, 0.12, 0.11, 0.12, 0.09, 0.02]), np.array([0.6, 0.2, 0.1, 0.08, 0.02])]
FEATURES = {
    place: Feature(f"score:{name}", np.linspace(0.1, 0.9, len(shape) - 1), shape, 30_000)
    for place, (name, shape) in enumerate(zip(("hate", "spam", "scam"), [SHAPES[0], *SHAPES], strict=True))
}
BINNING = Binning(Reference("sha256:0", 30_000, False, FEATURES, None, None, None, {}, None))


def shifted(shape: NDArray[np.float64], times: float) -> NDArray[np.float64]:
    """Make the three highest bins so many times as frequent."""
    moved = shape.copy()
    moved[-3:] *= times
    return np.asarray(moved / moved.sum())


def stream(
    source: np.random.Generator, per_minute: float, alike: int = 1, since: float = np.inf, times: float = 1.0
) -> Iterator[tuple[float, NDArray[np.int64]]]:
    """Give the counts of each minute; from a time on, the scores of hate have shifted."""
    now = 0.0
    while True:
        bursts = source.poisson(per_minute / alike)
        shapes = [feature.shares for feature in FEATURES.values()]
        if now >= since:
            shapes[0] = shifted(shapes[0], times)
        yield now, np.concatenate([source.multinomial(bursts, shape) for shape in shapes]) * alike
        now += MINUTE


def watched(
    counts: Iterator[tuple[float, NDArray[np.int64]]], seconds: float
) -> tuple[list[tuple[float, Finding]], list[tuple[str, Change]]]:
    """Give what is found at a look every ten minutes, and the changes, of a stream of so many seconds."""
    watch = DriftWatch(BINNING, DAY, 0.0)
    findings: list[tuple[float, Finding]] = []
    changes: list[tuple[str, Change]] = []
    for now, counted in counts:
        if now > seconds:
            return findings, changes
        changes += watch.add(counted, now).items()
        if now % (10 * MINUTE) == 0:
            findings += [(now, found) for found in watch.findings(now)]
    raise AssertionError("a stream does not end")


@pytest.mark.parametrize(("per_minute", "alike"), [(2.0, 1), (600.0, 1), (60.0, 20), (300.0, 200)])
def test_a_stream_like_the_reference_raises_nothing_on_its_first_day(per_minute: float, alike: int) -> None:
    source = np.random.default_rng(17)
    looks: list[Finding] = []
    for _ in range(4):
        findings, changes = watched(stream(source, per_minute, alike), DAY)
        looks += [found for _, found in findings]
        assert changes == []
    assert len(looks) > 500
    assert not [found for found in looks if found.level == 2]
    # Once in a thousand is what the bound allows, and looks that follow each other are of nearly the same texts.
    assert sum(found.stability_index > found.noise for found in looks) <= 0.005 * len(looks)


def test_bursts_of_like_texts_alone_would_pass_for_drift_if_they_were_not_allowed_for() -> None:
    findings, _ = watched(stream(np.random.default_rng(17), 300.0, alike=200), DAY / 3)
    assert max(found.stability_index for _, found in findings) > 0.08
    assert all(found.level == 0 for _, found in findings)


def test_a_shift_is_told_of_its_feature_alone_with_its_size_and_direction() -> None:
    findings, changes = watched(stream(np.random.default_rng(3), 60.0, since=0.0, times=4.0), DAY)
    last = {found.feature: found for now, found in findings if now == DAY}
    assert [last[f"score:{name}"].level for name in ("hate", "spam", "scam")] == [2, 0, 0]
    expected = population_stability_index(shifted(SHAPES[0], 4.0), SHAPES[0])
    assert last["score:hate"].stability_index == pytest.approx(expected, rel=0.05)
    assert last["score:hate"].rank == pytest.approx(shifted(SHAPES[0], 4.0) @ FEATURES[0].ranks, abs=0.005)
    # It was so from the beginning: against its own past the stream has not changed.
    assert changes == []


def test_a_shift_is_told_soon_after_it_came_and_a_change_says_when() -> None:
    findings, changes = watched(stream(np.random.default_rng(3), 60.0, since=DAY, times=4.0), 2 * DAY)
    first = min(now for now, found in findings if found.level == 2)
    assert DAY < first <= DAY + 18 * 3_600
    assert not [found for _, found in findings if found.level and found.feature != "score:hate"]
    assert [name for name, _ in changes] == ["score:hate"]
    assert changes[0][1].since == pytest.approx(DAY, abs=10 * MINUTE)
    assert changes[0][1].difference > 0.1


def test_a_weak_shift_is_told_as_one_worth_a_look() -> None:
    findings, _ = watched(stream(np.random.default_rng(3), 60.0, since=0.0, times=2.5), DAY)
    assert {found.level for now, found in findings if now == DAY and found.feature == "score:hate"} == {1}


def test_after_a_start_nothing_is_said_until_there_are_texts_enough() -> None:
    source = np.random.default_rng(3)
    findings, _ = watched(stream(source, 1_000.0, since=0.0, times=4.0), 10 * MINUTE)
    assert findings == []
    findings, _ = watched(stream(source, 0.2, since=0.0, times=4.0), DAY)
    assert findings == []


def test_nothing_is_said_of_texts_that_are_few_bursts() -> None:
    blocks = np.zeros((20, 5))
    blocks[np.arange(20), np.arange(20) % 5] = 10_000
    assert compare([FEATURES[2]], [blocks]) == []


def test_a_feature_whose_rare_bins_are_empty_is_taken_to_come_in_the_bursts_of_the_others() -> None:
    common = np.zeros((31, 5))
    common[:, 0] = 600
    bursts = np.random.default_rng(3).multinomial(3, SHAPES[0], size=31).astype(np.float64) * 200
    alone = compare([FEATURES[2]], [common])
    assert [found.level for found in alone] == [2]
    assert compare([FEATURES[2], FEATURES[0], FEATURES[1]], [common, bursts, bursts]) == []


def test_the_watch_of_a_bundle_without_references_says_nothing() -> None:
    watch = DriftWatch(Binning(Reference("sha256:0", 0, False, {}, None, None, None, {}, None)), DAY, 0.0)
    assert watch.add(np.zeros(0, dtype=np.int64), 1.0) == {}
    assert watch.findings(DAY) == []
