"""The window holds the last texts, in blocks that tell how much those of one time are alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.models.drift.window import Window, design_effect

DAY = 86_400.0


@given(st.lists(st.tuples(st.floats(0, DAY / 8), st.integers(0, 5)), max_size=80))
def test_the_window_holds_what_came_within_it_and_in_no_more_blocks_than_it_may(
    arrivals: list[tuple[float, int]],
) -> None:
    window, now = Window(1, DAY, 0.0), 0.0
    seen: list[tuple[float, int]] = []
    for wait, texts in arrivals:
        now += wait
        window.add(np.array([texts]), now)
        seen.append((now, texts))
    now += DAY / 16
    window.advance(now)
    held = int(window.blocks().sum())
    assert len(window.blocks()) <= 32
    assert held <= sum(texts for time, texts in seen if time >= now - DAY * 34 / 32)
    # All blocks have ended that are as long as the longest may be, and of those none is dropped before it is a day old.
    assert held >= sum(texts for time, texts in seen if now - DAY * 30 / 32 <= time <= now - DAY / 32)


def test_a_young_window_has_short_blocks_and_a_full_one_those_of_its_length() -> None:
    window = Window(1, DAY, 0.0)
    for minute in range(12):
        window.add(np.array([1]), minute * 60.0)
    assert len(window.blocks()) == 7
    for minute in range(12, 3 * 1_440):
        window.add(np.array([1]), minute * 60.0)
    blocks = window.blocks()[:, 0]
    assert len(blocks) == 31
    assert blocks.tolist() == [45] * 31


def test_after_a_silence_of_a_window_it_begins_anew() -> None:
    window = Window(1, DAY, 0.0)
    window.add(np.array([1_000]), 10.0)
    window.add(np.array([1]), 10.0 + 2 * DAY)
    window.advance(10.0 + 2 * DAY + 600)
    assert window.blocks().sum() == 1


def test_a_clock_that_goes_back_loses_nothing() -> None:
    window = Window(1, DAY, 1_000.0)
    window.add(np.array([1]), 1_050.0)
    window.add(np.array([2]), 10.0)
    window.advance(1_200.0)
    assert window.blocks().sum() == 3


@pytest.mark.parametrize("alike", [1, 10, 100])
def test_texts_that_come_in_bursts_are_worth_one_a_burst(alike: int) -> None:
    source = np.random.default_rng(3)
    blocks = source.multinomial(400, [0.4, 0.3, 0.2, 0.1], size=400).astype(np.float64) * alike
    effect, used = design_effect(blocks)
    assert effect == pytest.approx(alike, rel=0.1)
    assert used == 400


def test_blocks_and_bins_without_texts_say_nothing() -> None:
    assert design_effect(np.zeros((5, 3))) == (1.0, 0)
    blocks = np.array([[4.0, 6, 0], [0, 0, 0], [6, 4, 0]])
    assert design_effect(blocks) == design_effect(blocks[[0, 2], :2])
