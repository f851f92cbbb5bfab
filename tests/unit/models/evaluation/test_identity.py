"""Whether a text is flagged for whom it names."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sluicegate.models.evaluation.identity import ANY_HARM, identity_bias, naming, read_terms, shipped_terms_path
from sluicegate.models.labelled import DataError


def test_terms_are_found_as_whole_words_and_of_nested_ones_the_longer() -> None:
    texts = ["An old African American", "african", "the American and the old", "golden"]
    found = naming(texts, ("african", "african american", "american", "old"))
    assert {term: list(indices) for term, indices in found.items()} == {
        "african": [1],
        "african american": [0],
        "american": [2],
        "old": [0, 2],
    }


def test_the_gap_is_between_the_most_and_the_least_flagged_term() -> None:
    terms = [("a", 0.5), ("b", 0.0), ("c", 0.1)]
    texts = [f"{term} {number}" for term, _ in terms for number in range(100)]
    # Of 300 harmless texts the cut flags 15: ten of a, none of b, five of c.
    raised = {"a": 10, "b": 0, "c": 5}
    scores = np.array([0.9 if number < raised[term] else 0.1 for term, _ in terms for number in range(100)])
    bias = identity_bias("f", texts, np.zeros(300, dtype=np.bool_), scores[:, None], ["spam"], ["a", "b", "c"])
    figures = bias.harms["spam"]
    assert (figures.gap, figures.highest, figures.lowest) == (0.1, "a", "b")
    assert [each.flagged for each in figures.terms] == [10, 0, 5]
    assert [each.rest for each in figures.terms] == [0.025, 0.075, 0.05]
    assert bias.harms[ANY_HARM].gap == 0.1


def test_the_three_areas_are_those_of_borkan() -> None:
    generator = np.random.default_rng(5)
    texts = ["gay" if number % 3 == 0 else "old" for number in range(300)]
    harmful = generator.random(300) < 0.4
    scores = np.round(generator.random(300) + 0.3 * harmful, 1)
    bias = identity_bias("f", texts, harmful, scores[:, None] / 2, ["hate"], ["gay"])
    (term,) = bias.harms["hate"].terms
    named = np.array([text == "gay" for text in texts])

    def area(among: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
        return float(roc_auc_score(harmful[among], scores[among]))

    assert term.subgroup_auc == pytest.approx(area(named), abs=1e-4)
    assert term.bpsn_auc == pytest.approx(area((harmful & ~named) | (~harmful & named)), abs=1e-4)
    assert term.bnsp_auc == pytest.approx(area((~harmful & ~named) | (harmful & named)), abs=1e-4)


def test_a_term_of_few_texts_has_no_rate() -> None:
    texts = ["old"] * 50 + ["gay"] * 9
    bias = identity_bias(
        "f", texts, np.zeros(59, dtype=np.bool_), np.linspace(0, 1, 59)[:, None], ["x"], ["gay", "old"]
    )
    rates = {each.term: each.rate for each in bias.harms["x"].terms}
    assert rates["gay"] is None
    assert rates["old"] is not None


def test_texts_that_name_no_term_are_refused() -> None:
    with pytest.raises(DataError, match="f has 20 harmless texts and 0 identity terms"):
        identity_bias("f", ["soup"] * 20, np.zeros(20, dtype=np.bool_), np.zeros((20, 1)), ["x"], ["gay"])


def test_the_shipped_terms_are_about_fifty_and_all_different() -> None:
    terms = read_terms(shipped_terms_path())
    assert len(terms) == len(set(terms)) == 50


@pytest.mark.parametrize("written", ["terms: []", "terms: ['']", "words: [a]", "- a", "terms: ["])
def test_a_list_of_terms_that_cannot_be_used_is_refused_by_name(written: str, tmp_path: Path) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text(written)
    with pytest.raises(DataError, match=r"terms\.yaml"):
        read_terms(path)
