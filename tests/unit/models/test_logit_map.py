"""Lines over log-odds compose, and go before what a scorer gives."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.models.bundle import Bundle
from sluicegate.models.calibrating.recorded import LogitMap
from sluicegate.models.figures import log_odds
from sluicegate.models.logit_map import MappedScorer, after, map_probabilities, mapped
from sluicegate.models.scorer import Scorer

LINES = st.builds(LogitMap, st.floats(0.1, 3), st.floats(-3, 3))
PROBABILITIES = st.lists(st.floats(0.01, 0.99), min_size=2, max_size=20).map(np.array)


@given(LINES, LINES, PROBABILITIES)
def test_one_line_after_another_is_one_line(first: LogitMap, second: LogitMap, found: np.ndarray) -> None:
    np.testing.assert_allclose(mapped(after(first, second), found), mapped(second, mapped(first, found)), rtol=1e-6)
    assert after(None, second) == second


@given(LINES, PROBABILITIES)
def test_a_rising_line_keeps_the_order(line: LogitMap, found: np.ndarray) -> None:
    assert (np.diff(mapped(line, np.sort(found))) >= 0).all()


def test_a_bundle_with_a_line_beside_it_serves_and_explains_the_mapped_log_odds(bundle: Bundle) -> None:
    line = LogitMap(2.0, -1.0)
    plain = bundle.scorer()
    changed = msgspec.structs.replace(bundle.manifest, logit_maps={"spam": line})
    scorer = Bundle(bundle.path, changed, bundle.digest, bundle.tensors).scorer()
    texts = ["Buy cheap soup now, click the link", "word " * 900]
    before, now = log_odds(plain.score(texts)), log_odds(scorer.score(texts))
    column = bundle.manifest.harms.index("spam")
    np.testing.assert_allclose(now[:, column], 2 * before[:, column] - 1)
    np.testing.assert_allclose(np.delete(now, column, 1), np.delete(before, column, 1))
    for harm, factor in (("spam", 2), ("violence", 1)):
        spans = zip(plain.why(texts[0], harm), scorer.why(texts[0], harm), strict=True)
        assert all(new.weight == pytest.approx(factor * old.weight) for old, new in spans)


def test_a_mapped_scorer_is_a_scorer(bundle: Bundle) -> None:
    scorer: Scorer = MappedScorer(bundle.scorer(), {})
    assert (scorer.name, scorer.version, scorer.digest, scorer.harms) == (
        "tiny",
        "3",
        bundle.digest,
        bundle.manifest.harms,
    )
    scores = np.array([[0.2, 0.4]])
    assert map_probabilities({}, scorer.harms, scores) is not scores
