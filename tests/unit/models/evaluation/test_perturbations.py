"""Disguises are deterministic, leave most of a text alone, and are the ones that their descriptions say."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.models.evaluation.perturbations import PERTURBATIONS, Perturbation
from sluicegate.models.folding import fold_text

TEXT = "Please bring several books about gardens, because nobody remembers where mine went last winter. See http://a.test/page"
UNDONE = ["zero_width", "casing", "accents", "full_width"]


@pytest.fixture(params=PERTURBATIONS)
def perturbation(request: pytest.FixtureRequest) -> Perturbation:
    return PERTURBATIONS[request.param]


@given(text=st.text(), seed=st.integers())
def test_a_disguise_takes_any_text_and_is_the_same_for_the_same_seed(text: str, seed: int) -> None:
    for perturb in PERTURBATIONS.values():
        assert perturb(text, random.Random(seed)) == perturb(text, random.Random(seed))


def test_a_disguise_changes_a_text_but_leaves_most_words_and_addresses(perturbation: Perturbation) -> None:
    changed = perturbation(TEXT, random.Random(3))
    assert changed != TEXT
    words = [word.strip(".,") for word in TEXT.split()]
    kept = sum(word in changed for word in words)
    assert kept >= 0.6 * len(words)
    assert "http://a.test/page" in changed


def test_a_text_of_short_words_is_changed_as_well(perturbation: Perturbation) -> None:
    texts = {perturbation("so be it, my cat", random.Random(seed)) for seed in range(10)}
    assert texts != {"so be it, my cat"}


@pytest.mark.parametrize("name", UNDONE)
@given(seed=st.integers(0, 1000))
def test_what_the_folding_undoes_leaves_nothing_behind(name: str, seed: int) -> None:
    assert fold_text(PERTURBATIONS[name](TEXT, random.Random(seed))) == fold_text(TEXT)


@given(seed=st.integers(0, 1000))
def test_look_alikes_belong_to_other_scripts(seed: int) -> None:
    changed = PERTURBATIONS["homoglyphs"](TEXT, random.Random(seed))
    letters = {unicodedata.name(letter).split()[0] for letter in changed if not letter.isascii()}
    assert letters
    assert letters <= {"CYRILLIC", "GREEK"}
