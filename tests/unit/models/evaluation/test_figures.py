"""Weighted figures are scikit-learn's, and their resamples are drawn by group."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_fscore_support, roc_auc_score

from sluicegate.models.evaluation.resampling import Resamples, groups_of
from sluicegate.models.evaluation.weighted import Ranked
from sluicegate.models.figures import calibration_error, shown_probability
from sluicegate.models.labelled import Row

TEXTS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 20), st.integers(0, 3)), min_size=4, max_size=60).filter(
    lambda texts: len({label for label, _, weight in texts if weight}) == 2
)


@given(TEXTS)
def test_weighted_figures_are_those_of_scikit_learn(texts: list[tuple[int, int, int]]) -> None:
    labels = np.array([label for label, _, _ in texts], dtype=np.int8)
    scores = np.array([score / 20 for _, score, _ in texts])
    weights = np.array([weight for _, _, weight in texts], dtype=np.float64)
    ranked = Ranked.of(labels, scores)
    auc, average_precision = ranked.discrimination(weights[None])[:, 0]
    assert auc == pytest.approx(roc_auc_score(labels, scores, sample_weight=weights))
    assert average_precision == pytest.approx(average_precision_score(labels, scores, sample_weight=weights))
    found = ranked.at(np.array([0.5]), weights[None])[:, 0]
    expected = precision_recall_fscore_support(
        labels, scores > 0.5, sample_weight=weights, average="binary", zero_division=np.nan
    )[:3]
    if weights[scores > 0.5].sum():
        assert found == pytest.approx(expected)


def test_without_weights_the_calibration_error_is_that_of_the_manifest() -> None:
    generator = np.random.default_rng(3)
    scores = generator.random(500)
    labels = (generator.random(500) < scores**2).astype(np.int8)
    (found,) = Ranked.of(labels, scores).calibration(scores, np.ones((1, 500)))[:, 0]
    assert found == pytest.approx(calibration_error(labels, scores))


def test_rows_of_a_group_are_drawn_together() -> None:
    rows = [
        Row("a", {}, "mail", gid=1),
        Row("b", {}, "mail", gid=1, user="x"),
        Row("c", {}, "chat", gid=1),
        Row("d", {}, "chat", user="x"),
        Row("e", {}, "chat", user="x"),
        Row("f", {}, "chat"),
        Row("g", {}, "chat"),
    ]
    assert list(groups_of(rows)) == [0, 0, 1, 2, 2, 3, 4]
    drawn = Resamples.draw(groups_of(rows), seed=1)
    counts = drawn.counts[:, drawn.groups]
    assert (counts[:, 0] == counts[:, 1]).all()
    assert (counts[:, 5] != counts[:, 6]).any()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.000"),
        (1.69e-5, "1.69e-05"),
        (0.001, "0.001"),
        (0.4567, "0.457"),
        (0.999234, "0.999234"),
        (1.0, "1.000000"),
    ],
)
def test_a_probability_is_shown_with_the_digits_that_tell_it_from_0_and_1(value: float, shown: str) -> None:
    assert shown_probability(value) == shown
