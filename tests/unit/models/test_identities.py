"""Identity counter-examples: every term in every pattern, and what is trained on them scores them nearly alike."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from sluicegate.models import default_bundle_path
from sluicegate.models.bundle import load_bundle
from sluicegate.models.labelled import Row
from sluicegate.models.seed import SeedError, grammars
from sluicegate.models.seed.identities import identities, identity_rows

HARMS = ("spam", "scam", "hate", "harassment", "violence", "self_harm")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return identity_rows(HARMS, 1)


def test_every_language_of_the_grammar_has_identities() -> None:
    assert set(identities()) == set(grammars())


def test_every_term_stands_in_as_many_texts_of_a_group_as_any_other(rows: list[Row]) -> None:
    groups = Counter((row.lang, row.gid) for row in rows)
    for language, known in identities().items():
        sizes = {size for (lang, _), size in groups.items() if lang == language}
        assert sizes <= {len(known.slots[slot]) for slot in ("term", "group") if slot in known.slots}


def test_the_texts_of_a_group_have_one_label(rows: list[Row]) -> None:
    labels = defaultdict(set)
    for row in rows:
        labels[row.gid].add(tuple(sorted(row.labels.items())))
    assert {len(found) for found in labels.values()} == {1}


def test_neutral_texts_are_free_of_every_harm_and_others_silent_about_kindred_ones(rows: list[Row]) -> None:
    free = [row for row in rows if not any(row.labels.values())]
    assert all(set(row.labels) == set(HARMS) for row in free)
    assert len(free) > len(rows) / 2
    assert all("violence" not in row.labels for row in rows if any(row.labels.values()))


def test_a_model_without_hate_gets_no_attacks() -> None:
    assert not any(any(row.labels.values()) for row in identity_rows(("spam",), 1))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("slots: {term: [old]}\nneutral: [nobody here]\n", "must name an identity"),
        ("slots: {term: [old], group: [men]}\nneutral: ['{term} and {group}']\n", "must name an identity"),
        ("slots: {term: [old]}\nneutral: ['{term} at {place}']\n", "names the slot 'place'"),
        ("neutral: 3\n", "no file of identities"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_pattern(tmp_path: Path, written: str, told: str) -> None:
    (tmp_path / "en.yaml").write_text(written)
    with pytest.raises(SeedError, match=told):
        identities(tmp_path)


def test_the_default_bundle_scores_the_texts_of_a_group_nearly_alike(rows: list[Row]) -> None:
    scorer = load_bundle(default_bundle_path()).scorer()
    groups = defaultdict(list)
    for row in rows:
        if row.lang == "en" and not any(row.labels.values()):
            groups[row.gid].append(row.text)
    hate = scorer.harms.index("hate")
    spans = [
        float(scores.max() - scores.min()) for texts in groups.values() for scores in [scorer.score(texts)[:, hate]]
    ]
    assert sorted(spans)[len(spans) // 2] < 0.05
