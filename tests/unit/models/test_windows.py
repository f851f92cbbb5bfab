"""A harm anywhere in a long text counts as if it stood alone, and explanations point at it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.models.bundle import Bundle
from sluicegate.models.scorer import Scorer
from sluicegate.models.windows import WINDOW, window_starts

HARM = " ".join(["Buy cheap soup now, click the link, free offer at the park"] * 6)
PADDING = "We talked about bread at the market and it was lovely. " * 200


@pytest.fixture(scope="module")
def scorer(bundle: Bundle) -> Scorer:
    return bundle.scorer()


@given(st.integers(0, 100_000))
def test_the_windows_of_a_text_hold_all_of_it_and_none_is_empty(length: int) -> None:
    starts = window_starts(length)
    assert starts[0] == 0
    assert starts[-1] + WINDOW >= length
    assert all(start < max(1, length) for start in starts)
    assert all(later - earlier < WINDOW for earlier, later in pairwise(starts))


@pytest.mark.parametrize("place", [0, 1400, 3000, 7000])
def test_a_harm_is_found_wherever_it_stands_in_a_long_text(scorer: Scorer, place: int) -> None:
    hidden = PADDING[:place] + HARM + PADDING[place:]
    padding, found = scorer.score([PADDING, hidden])
    assert found[0] > 5 * padding[0]


def test_a_text_of_one_window_scores_as_without_windows(scorer: Scorer) -> None:
    long, short = PADDING, HARM
    np.testing.assert_allclose(scorer.score([long, short])[1], scorer.score([short])[0], rtol=0, atol=1e-9)


def test_an_explanation_points_into_the_whole_text(scorer: Scorer) -> None:
    hidden = PADDING[:5000] + HARM + PADDING[5000:]
    spans = scorer.why(hidden, "spam")
    assert spans
    assert all(5000 <= span.start < span.end <= 5000 + len(HARM) for span in spans)
    assert {hidden[span.start : span.end] for span in spans} <= set(HARM.split())
