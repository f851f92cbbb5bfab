"""The figures of an evaluation, each on texts whose right answer is known."""

import random
from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from sluicegate.models.evaluation import decode_evaluation, encode_evaluation, evaluate
from sluicegate.models.evaluation.comparing import Side, compare
from sluicegate.models.evaluation.evaluation import Evaluation, Threshold
from sluicegate.models.evaluation.ordinary import exact_interval
from sluicegate.models.evaluation.robustness import robustness
from sluicegate.models.evaluation.sample import take_sample
from sluicegate.models.evaluation.thresholds import chosen_thresholds, given_thresholds
from sluicegate.models.labelled import DataError, Row
from sluicegate.models.signals import Signals
from tests.unit.models.evaluation.conftest import RECIPE, SetScorer, quiet


def texts(positives: Sequence[float], negatives: Sequence[float], lang: str = "en") -> list[Row]:
    scored = [(1, each) for each in positives] + [(0, each) for each in negatives]
    return [Row(f"text {score}", {"spam": label}, "letters", lang) for label, score in scored]


def spread(low: float, high: float, count: int) -> list[float]:
    return [round(float(each), 4) for each in np.linspace(low, high, count)]


def measured(rows: list[Row], *cuts: float) -> Evaluation:
    thresholds = {"spam": [Threshold("given", cut) for cut in cuts]}
    return evaluate(SetScorer(), rows, RECIPE, thresholds, {"spam": 0.5}, 1, quiet)


def test_figures_and_their_intervals_are_about_the_texts() -> None:
    rows = texts(spread(0.4, 1, 100), spread(0, 0.6, 300))
    found = measured(rows, 0.5).harms["spam"].overall
    assert found.auc is not None
    assert found.auc.low < found.auc.value < found.auc.high
    assert found.auc.value == pytest.approx(1 - (1 / 3) ** 2 / 2, abs=0.01)
    (point,) = found.points
    assert point.recall is not None
    assert point.precision is not None
    assert point.recall.value == pytest.approx(5 / 6, abs=0.01)
    assert point.flagged == pytest.approx(83 + 50, abs=1)
    assert point.precision.value == pytest.approx(83 / 133, abs=0.02)
    assert point.recall.high - point.recall.low == pytest.approx(2 * 1.96 * np.sqrt(5 / 36 / 100), rel=0.25)


def test_intervals_are_wider_where_texts_come_in_groups() -> None:
    rows = texts(spread(0.4, 1, 100), spread(0, 0.6, 100))
    grouped = [msgspec.structs.replace(row, gid=number // 10) for number, row in enumerate(rows)]
    widths = []
    for each in (rows, grouped):
        auc = measured(each).harms["spam"].overall.auc
        assert auc is not None
        widths.append(auc.high - auc.low)
    assert widths[1] > 1.3 * widths[0]


def test_a_slice_with_too_few_texts_of_a_class_has_no_figures() -> None:
    rows = texts(spread(0.5, 1, 20), spread(0, 0.5, 20)) + texts([0.9] * 9, [0.1] * 40, "de")
    languages = measured(rows, 0.5).harms["spam"].by_language
    assert languages["en"].auc is not None
    assert (languages["de"].positives, languages["de"].auc, languages["de"].points) == (9, None, ())


def test_slices_together_hold_all_texts() -> None:
    rows = texts(spread(0.5, 1, 20), spread(0, 0.5, 20)) + texts([0.9] * 9, [0.1] * 40, "de")
    found = measured(rows).harms["spam"]
    for kind in ("source", "language", "length"):
        assert sum(each.positives for each in found.by(kind).values()) == found.overall.positives == 29


def test_reliability_follows_what_was_found() -> None:
    rows = texts([0.8] * 80 + [0.2] * 20, [0.8] * 20 + [0.2] * 80)
    found = measured(rows).harms["spam"]
    assert found.overall.ece_even_odds is not None
    assert found.overall.ece_even_odds.value == pytest.approx(0, abs=0.03)
    assert {part.said for part in found.reliability} == {0.2, 0.8}


def test_false_alarms_are_counted_on_ordinary_texts_with_an_exact_interval() -> None:
    rows = texts([0.9] * 20, [0.9] * 3 + [0.1] * 997)
    (found,) = measured(rows, 0.5).ordinary["spam"]
    rate = found.overall.per_thousand
    exact = binomtest(3, 1_000).proportion_ci()
    assert (found.overall.texts, found.overall.flagged, rate.value) == (1_000, 3, 3.0)
    assert (rate.low, rate.high) == (round(1_000 * exact.low, 2), round(1_000 * exact.high, 2))


@pytest.mark.parametrize(("flagged", "total"), [(0, 10), (10, 10), (1, 7)])
def test_the_exact_interval_is_that_of_the_binomial_test(flagged: int, total: int) -> None:
    assert exact_interval(flagged, total) == pytest.approx(tuple(binomtest(flagged, total).proportion_ci()))


def test_the_same_seed_gives_the_same_evaluation_and_json_keeps_it() -> None:
    rows = texts(spread(0.4, 1, 30), spread(0, 0.6, 30))
    first = measured(rows, 0.5)
    assert encode_evaluation(first) == encode_evaluation(measured(rows, 0.5))
    assert decode_evaluation(encode_evaluation(first)) == first


def scrambled(text: str, source: random.Random) -> str:
    return f"x {source.random():.3f}"


def unchanged(text: str, source: random.Random) -> str:
    return text


def test_a_disguise_costs_what_it_takes_from_the_same_texts() -> None:
    sample = take_sample(SetScorer(), texts(spread(0.6, 1, 60), spread(0, 0.4, 60)), RECIPE, quiet)
    found = robustness(SetScorer(), sample, {"none": unchanged, "all": scrambled}, 1, quiet)
    none, everything = found["none"]["spam"], found["all"]["spam"]
    assert (none.auc, none.drop.low, none.drop.value, none.drop.high) == (1, 0, 0, 0)
    assert everything.drop.low > 0.3
    assert everything.drop.value == pytest.approx(1 - everything.disguised)
    assert "violence" not in found["all"]


class Worse(SetScorer):
    """Adds noise to the probabilities."""

    harms = ("other", "spam")

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        scores = super().score(texts)
        noise = np.random.default_rng(0).normal(0, 0.3, len(texts))
        return np.stack([scores[:, 1], np.clip(scores[:, 0] + noise, 0, 1)], axis=1)


def test_bundles_are_compared_harm_by_harm_on_the_same_texts() -> None:
    rows = texts(spread(0.4, 1, 200), spread(0, 0.6, 200))
    cuts = {"spam": (Threshold("given", 0.5), Threshold("of this alone", 0.6))}
    this = Side(take_sample(SetScorer(), rows, RECIPE, quiet), cuts, {})
    other = Side(take_sample(Worse(), rows, RECIPE, quiet), {"spam": cuts["spam"][:1]}, {})
    found = compare(this, other, 1, quiet)
    assert list(found) == ["spam"]
    auc = found["spam"].overall["AUC"]
    assert auc.this > auc.other
    assert 0 < auc.difference.low < auc.this - auc.other < auc.difference.high
    assert auc.difference.value == pytest.approx(auc.this - auc.other, abs=2e-4)
    names = set(found["spam"].by_source["letters"])
    assert "recall at given" in names
    assert "ordinary texts flagged at given" in names
    assert not any("of this alone" in name for name in names)
    itself = compare(this, this, 1, quiet)["spam"].overall
    assert all((each.difference.low, each.difference.high) == (0, 0) for each in itself.values())


def test_a_given_threshold_takes_the_place_of_the_stated_ones_of_its_harm() -> None:
    stated = {"spam": (Threshold("stated", 0.1),), "violence": (Threshold("stated", 0.2),)}
    found = chosen_thresholds(stated, given_thresholds(["spam=0.4", "spam=0.6"], ["spam", "violence"]))
    assert [each.probability for each in found["spam"]] == [0.4, 0.6]
    assert found["violence"] == stated["violence"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("spma=0.4", "did you mean spam"),
        ("zzz=0.4", "its harms are spam, violence"),
        ("spam", "write spam=0.4"),
        ("spam=2", "write spam=0.4"),
        ("spam=nan", "write spam=0.4"),
    ],
)
def test_a_threshold_that_cannot_be_used_is_refused_with_what_to_write(written: str, told: str) -> None:
    with pytest.raises(DataError, match=told):
        given_thresholds([written], ["spam", "violence"])
