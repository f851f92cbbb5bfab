"""The seed grammar: what every language must hold, and what is refused when it is read."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from sluicegate.models.labelled import Row
from sluicegate.models.seed import Grammar, SeedError, expand, grammars, seed_rows
from sluicegate.models.seed.expanding import OPENERS

HARMS = ("spam", "scam", "hate", "harassment", "violence", "self_harm")
LANGUAGES = ("de", "en", "es", "fr", "pt", "zh")


@pytest.fixture(scope="module")
def read() -> dict[str, Grammar]:
    return grammars()


@pytest.fixture(scope="module")
def texts() -> list[Row]:
    return seed_rows(HARMS, 1)


def test_every_served_language_has_a_grammar(read: dict[str, Grammar]) -> None:
    assert tuple(read) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("harm", HARMS)
def test_every_language_has_enough_patterns_and_near_misses_of_every_harm(
    read: dict[str, Grammar], language: str, harm: str
) -> None:
    wanted = 40 if language == "en" and harm not in ("spam", "hate") else 25
    assert len(read[language].harms[harm]) >= wanted
    assert len(read[language].near_misses[harm]) >= 25


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_ordinary_messages_of_many_registers(read: dict[str, Grammar], language: str) -> None:
    assert len(read[language].near_misses["ordinary"]) >= 60
    assert len(read[language].near_misses["identity"]) >= 25


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_slot_is_used(read: dict[str, Grammar], language: str) -> None:
    grammar = read[language]
    patterns = [*grammar.ordinary, *(pattern for many in grammar.harms.values() for pattern in many)]
    assert not [
        slot for slot in grammar.slots if slot != OPENERS and not any(f"{{{slot}}}" in pattern for pattern in patterns)
    ]


def test_the_rows_stay_few_enough_to_train_on_beside_real_data(texts: list[Row]) -> None:
    assert 10_000 < len(texts) < 25_000
    counts = Counter((row.lang, harm) for row in texts for harm in HARMS if row.labels.get(harm))
    assert min(counts[language, harm] for language in LANGUAGES for harm in HARMS) >= 100


def test_no_text_has_two_meanings(texts: list[Row]) -> None:
    meanings = defaultdict(set)
    for row in texts:
        meanings[row.text.casefold().strip(" .!?")].add(tuple(sorted(row.labels.items())))
    assert not [text for text, found in meanings.items() if len(found) > 1]


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(texts: list[Row]) -> None:
    assert seed_rows(HARMS, 1) == texts
    assert seed_rows(HARMS, 2) != texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_group_that_hate_names_is_named_at_least_as_often_in_ordinary_texts(
    read: dict[str, Grammar], texts: list[Row], language: str
) -> None:
    terms = {term for slot, many in read[language].slots.items() if slot.startswith("groups") for term in many}
    rows = [row for row in texts if row.lang == language]
    hateful = Counter(term for row in rows for term in terms if row.labels.get("hate") == 1 and term in row.text)
    ordinary = Counter(term for row in rows for term in terms if not any(row.labels.values()) and term in row.text)
    assert hateful
    assert not {term: (hateful[term], ordinary[term]) for term in terms if ordinary[term] < hateful[term]}


@pytest.mark.parametrize("mark", ["http", "www.", "!", "?", "@", "😂"])
def test_marks_of_register_stand_in_harmful_and_in_ordinary_texts(texts: list[Row], mark: str) -> None:
    for language in LANGUAGES:
        found = {
            any(row.labels.values()) for row in texts if row.lang == language and mark in row.text.replace("？", "?")
        }
        assert found == {True, False}, language


def test_endings_are_drawn_alike_for_harm_and_ordinary(texts: list[Row]) -> None:
    def share(harmful: bool) -> float:
        chosen = [row.text for row in texts if any(row.labels.values()) is harmful]
        return sum(text.endswith(("🙏", "😂", "😭", "❤️", "🔥", "👀", "💀")) for text in chosen) / len(chosen)

    assert share(True) == pytest.approx(share(False), abs=0.03)


def test_harm_wished_upon_another_is_harassment_and_silent_about_violence(texts: list[Row]) -> None:
    labels = next(row.labels for row in texts if row.text == "go kill yourself, nobody would notice")
    assert labels == {"spam": 0, "scam": 0, "harassment": 1, "self_harm": 0}


def test_expansions_fill_every_slot_and_differ() -> None:
    found = expand("a {x} and a {x}", {"x": ["cat", "dog", "hen"]}, 1)
    assert len(found) == len(set(found)) > 1
    assert not [text for text in found if "{" in text]


def _written(folder: Path, *, slots: str = "who: [Sam]\n", spam: str = "near_misses: [good day]\n") -> Path:
    (folder / "en").mkdir()
    (folder / "en" / "slots.yaml").write_text(slots)
    (folder / "en" / "spam.yaml").write_text(spam)
    return folder


@pytest.mark.parametrize(
    ("spam", "complaint"),
    [
        ("near_misses: ['hello {whom}']", "names the slot 'whom'"),
        ("near_misses: ['hello {who']", "has a brace that is no slot"),
        ("harmful: [Buy now]\nnear_misses: [buy now]", "stand.* already in en/spam.yaml"),
        ("near_misses: [good day]\nharmless: []", "is no file of the seed grammar"),
        ("near_misses: [", "is no file of the seed grammar"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_place(tmp_path: Path, spam: str, complaint: str) -> None:
    with pytest.raises(SeedError, match=complaint):
        grammars(_written(tmp_path, spam=spam))


def test_an_empty_slot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="does not fill"):
        grammars(_written(tmp_path, slots="who: []\n", spam="near_misses: ['hello {who}']\n"))


def test_the_same_pattern_under_two_harms_is_refused(tmp_path: Path) -> None:
    folder = _written(tmp_path, spam="harmful: [send money]\nnear_misses: [good day]\n")
    (folder / "en" / "scam.yaml").write_text("harmful: [send money]\nnear_misses: [good night]\n")
    with pytest.raises(SeedError, match=r"en/scam\.yaml"):
        grammars(folder)
