"""Under pressure, and without budget, only texts whose severe harms are in doubt are asked about."""

import numpy as np

from sluicegate.models.bundle import Bundle
from sluicegate.models.opinion.bundle import OpinionBundle
from sluicegate.models.opinion.second import SecondOpinion
from tests.unit.models.opinion.test_second import Ticking, standing, within


def in_doubt(opinion: OpinionBundle, *harms: str) -> np.ndarray:
    """Give a row for each, with that harm in doubt and the other (of spam and violence) clear."""
    middle = {harm: within(opinion, harm) for harm in ("spam", "violence")}
    return np.array([[middle["spam"], 0.0] if harm == "spam" else [0.0, middle["violence"]] for harm in harms])


def test_under_pressure_only_severe_harms_are_asked_about(opinion: OpinionBundle, first: Bundle) -> None:
    scores = in_doubt(opinion, "spam", "violence", "spam")
    second = SecondOpinion(opinion, first.scorer(), 1.0, standing, severe=("violence",), pressed=lambda: True)
    found = second.consult(["a free offer", "I will hurt you", "see you"], scores)
    assert found.changed.tolist() == [False, True, False]
    assert found.skipped == {0: "pressure", 2: "pressure"}
    assert (found.under_pressure, found.over_budget) == (2, 0)
    assert (found.scores[[0, 2]] == scores[[0, 2]]).all()


def test_severe_harms_are_asked_about_when_the_budget_is_spent(opinion: OpinionBundle, first: Bundle) -> None:
    scores = in_doubt(opinion, *["spam", "violence"] * 10)
    second = SecondOpinion(opinion, first.scorer(), 0.01, Ticking(0.1), severe=("violence",))
    found = second.consult(["free offer"] * 20, scores)
    assert found.changed[1::2].all()
    # What they cost is paid off before anything else is asked about.
    assert not found.changed[::2].any()
    assert set(found.skipped.values()) == {"over_budget"}
    assert found.over_budget == 10


def test_without_severe_harms_pressure_silences_it(opinion: OpinionBundle, first: Bundle) -> None:
    pressed = [True]
    second = SecondOpinion(opinion, first.scorer(), 1.0, standing, pressed=lambda: pressed[0])
    scores = in_doubt(opinion, "spam", "violence")
    assert not second.consult(["free offer"] * 2, scores).changed.any()
    pressed[0] = False
    assert second.consult(["free offer"] * 2, scores).changed.all()
