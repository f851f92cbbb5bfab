"""A second opinion speaks of what lies in a band, within its budget, and harms nothing when it fails."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluicegate.models.bundle import Bundle
from sluicegate.models.figures import log_odds
from sluicegate.models.opinion.budget import Budget
from sluicegate.models.opinion.bundle import Head, OpinionBundle
from sluicegate.models.opinion.errors import OpinionError
from sluicegate.models.opinion.second import SecondOpinion
from sluicegate.models.train import Plan, train_bundle
from tests.unit.models.opinion.conftest import RECIPE, quiet


class Ticking:
    """A clock that moves on with each look."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def standing() -> float:
    return 0.0


def within(opinion: OpinionBundle, harm: str) -> float:
    """Return a probability in the middle of a harm's band."""
    band = opinion.manifest.bands[harm]
    return float(1 / (1 + np.exp(-(band.low + band.high) / 2)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(probabilities=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=8))
def test_only_scores_within_their_bands_change(
    opinion: OpinionBundle, first: Bundle, probabilities: list[tuple[float, float]]
) -> None:
    scores = np.array(probabilities)
    found = SecondOpinion(opinion, first.scorer(), 1.0, standing).consult(["see you"] * len(scores), scores)
    bands = [opinion.manifest.bands[harm] for harm in first.scorer().harms]
    logits = log_odds(scores)
    inside = np.column_stack([(logits[:, i] >= band.low) & (logits[:, i] <= band.high) for i, band in enumerate(bands)])
    assert (found.scores[~inside] == scores[~inside]).all()
    assert (found.changed == inside.any(axis=1)).all()
    assert ((found.scores >= 0) & (found.scores <= 1)).all()


def test_a_harm_that_is_clear_keeps_its_score_beside_one_that_is_not(opinion: OpinionBundle, first: Bundle) -> None:
    scores = np.array([[within(opinion, "spam"), 1.0], [0.0, within(opinion, "violence")]])
    found = SecondOpinion(opinion, first.scorer(), 1.0, standing).consult(["a free offer", "see you"], scores)
    assert ((found.scores != scores) == [[True, False], [False, True]]).all()


def test_an_opinion_does_not_depend_on_the_texts_beside_it(opinion: OpinionBundle, first: Bundle) -> None:
    second = SecondOpinion(opinion, first.scorer(), 1.0, standing)
    doubtful = np.full((3, 2), within(opinion, "spam"))
    texts = ["click the link", "see you at the park, bring " + "soup " * 40, "a free offer"]
    together = second.consult(texts, doubtful).scores
    alone = [second.consult([text], doubtful[:1]).scores[0] for text in texts]
    assert (together == np.array(alone)).all()


def test_what_there_is_no_time_for_keeps_its_first_score(opinion: OpinionBundle, first: Bundle) -> None:
    scores = np.full((20, 2), within(opinion, "spam"))
    # Each look at the clock is 0.1 s later: a text takes 0.1 s, and 0.02 s may be spent of the 0.2 s around it.
    found = SecondOpinion(opinion, first.scorer(), 0.1, Ticking(0.1)).consult(["free offer"] * 20, scores)
    assert 1 <= found.changed.sum() <= 4
    assert found.over_budget == 20 - found.changed.sum()
    assert (found.scores[~found.changed] == scores[~found.changed]).all()


def test_the_most_doubtful_texts_come_first(opinion: OpinionBundle, first: Bundle) -> None:
    band = opinion.manifest.bands["spam"]
    logits = np.linspace(band.low, band.high, 9)
    scores = np.column_stack([1 / (1 + np.exp(-logits)), np.zeros(9)])
    found = SecondOpinion(opinion, first.scorer(), 0.01, Ticking(0.1)).consult(["free offer"] * 9, scores)
    assert found.changed[4]
    assert not found.changed[[0, 8]].any()


def test_a_text_that_is_not_read_whole_keeps_its_first_score(opinion: OpinionBundle, first: Bundle) -> None:
    scores = np.full((1, 2), within(opinion, "spam"))
    found = SecondOpinion(opinion, first.scorer(), 1.0, standing).consult(["soup " * 200], scores)
    assert (found.too_long, found.changed.sum()) == (1, 0)
    assert (found.scores == scores).all()


def test_a_failing_opinion_leaves_the_first_score(opinion: OpinionBundle, first: Bundle) -> None:
    broken = replace(opinion, head=Head(opinion.head.coefficients[:-1], opinion.head.intercepts))
    scores = np.full((2, 2), within(opinion, "spam"))
    found = SecondOpinion(broken, first.scorer(), 1.0, standing).consult(["free offer"] * 2, scores)
    assert (found.failed, found.changed.sum()) == (2, 0)
    assert (found.scores == scores).all()


def test_an_opinion_that_is_not_finite_counts_as_failed(opinion: OpinionBundle, first: Bundle) -> None:
    broken = replace(opinion, head=Head(opinion.head.coefficients, np.full(2, np.nan, dtype=np.float32)))
    scores = np.full((1, 2), within(opinion, "spam"))
    found = SecondOpinion(broken, first.scorer(), 1.0, standing).consult(["free offer"], scores)
    assert (found.failed, found.scores.tolist()) == (1, scores.tolist())


def test_an_empty_batch_needs_no_opinion(opinion: OpinionBundle, first: Bundle) -> None:
    found = SecondOpinion(opinion, first.scorer(), 1.0, standing).consult([], np.zeros((0, 2)))
    assert found.scores.shape == (0, 2)


def test_an_opinion_of_another_model_is_refused(opinion: OpinionBundle, labelled: Path, tmp_path: Path) -> None:
    plan = Plan("other", "2", RECIPE, 2, grammar=False)
    other = train_bundle([labelled], tmp_path / "other", plan, quiet).bundle.scorer()
    with pytest.raises(OpinionError, match="was trained beside model tiny 1"):
        SecondOpinion(opinion, other, 1.0, standing)


def test_opinions_are_right_where_the_model_was_in_doubt(opinion: OpinionBundle, first: Bundle) -> None:
    second = SecondOpinion(opinion, first.scorer(), 1.0, standing)
    doubtful = np.full((2, 2), within(opinion, "violence"))
    found = second.consult(["I will hurt you at the park because of it", "See you at the park, bring it"], doubtful)
    assert found.scores[0, 1] > found.scores[1, 1]


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_no_more_than_the_share_is_spent(share: float) -> None:
    now = 0.0
    budget = Budget(share, lambda: now)
    spent = 0.0
    for _ in range(10_000):
        now += 0.003
        if budget.left():
            now, spent = now + 0.004, spent + 0.004
            budget.spend(0.004)
    assert spent <= share * now + 0.2 + 0.004
    assert spent >= 0.9 * share * now


def test_time_without_use_is_not_saved_up_for_ever() -> None:
    now = 0.0
    budget = Budget(0.5, lambda: now)
    now = 3_600.0
    assert budget.left()
    budget.spend(0.25)
    assert not budget.left()


def test_training_again_gives_the_same_bundle(
    make_opinion: Callable[[Path], OpinionBundle], opinion: OpinionBundle, tmp_path: Path
) -> None:
    assert make_opinion(tmp_path / "again").digest == opinion.digest
