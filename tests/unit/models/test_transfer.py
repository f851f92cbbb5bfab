"""Leaving a source out: it is not learned from, nor is its family, and what is measured is what is not known."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from sluicegate.models.evaluation.transferring import read_transfer
from sluicegate.models.labelled import DataError, Row
from sluicegate.models.recipe import Recipe, SourceRecipe
from sluicegate.models.training import assemble
from sluicegate.models.transfer import LeftOut, leave_sources_out
from tests.commands import ran

RECIPE = Recipe(
    {"spam": 0.05},
    2.0,
    {
        "mail": SourceRecipe("CC0-1.0", "generated", family="letters"),
        "letters": SourceRecipe("CC0-1.0", "generated", family="letters"),
        "chat": SourceRecipe("CC0-1.0", "generated"),
        "street": SourceRecipe("CC0-1.0", "generated", use="measure", ordinary={"spam": 0}),
    },
)
#: Each source words spam in its own way, but for what chat and the letters share.
WORDS = {"mail": "casino", "letters": "casino", "chat": "lottery", "street": "lottery"}


def rows() -> list[Row]:
    found = []
    for source, word in WORDS.items():
        for number in range(60):
            found.append(Row(f"{word} prize number {number}", {"spam": 1}, source, "en"))
            found.append(Row(f"lunch at noon {number} with {source}", {"spam": 0}, source, "en"))
    return found


@pytest.fixture(scope="module")
def transfer() -> LeftOut:
    stages = []

    def show(stage: str, done: int, total: int) -> None:
        assert 0 <= done <= total
        stages.append(stage)

    found = leave_sources_out(RECIPE, assemble(RECIPE, rows(), 1), ["spam"], ["casino", "noon lunch"], show)
    assert set(stages) == {"features", "leave out"}
    return found


def test_every_source_that_states_a_harm_is_left_out_with_its_family(transfer: LeftOut) -> None:
    assert {one.source: one.left_out for one in transfer.sources} == {
        "chat": ("chat",),
        "letters": ("letters", "mail"),
        "mail": ("letters", "mail"),
        "street": ("street",),
    }
    assert all((one.positives, one.negatives, one.language) == (60, 60, "en") for one in transfer.sources)


def test_what_a_source_shares_with_others_transfers(transfer: LeftOut) -> None:
    assert all(one.auc and one.auc > 0.9 for one in transfer.sources)
    assert all(one.auc_against_ordinary is not None and one.auc_against_ordinary > 0.9 for one in transfer.sources)


def test_what_only_a_source_says_does_not_transfer() -> None:
    own = [
        Row(f"{word} {number}", {"spam": int(spam)}, "alone", "en")
        for number in range(40)
        for word, spam in (("zyx wvu", True), ("lunch prize", False))
    ]
    corpus = assemble(RECIPE, [*rows(), *own], 1)
    found = leave_sources_out(RECIPE, corpus, ["spam"], [], lambda *_: None)
    (alone,) = [one for one in found.sources if one.source == "alone"]
    assert alone.auc is not None
    assert alone.auc < 0.5


def test_probes_are_scored_by_what_is_trained_on_everything(transfer: LeftOut) -> None:
    assert transfer.probes.shape == (2, 1)
    assert transfer.probes[0, 0] > transfer.probes[1, 0]


def test_the_same_texts_give_the_same_figures(transfer: LeftOut) -> None:
    again = leave_sources_out(RECIPE, assemble(RECIPE, rows(), 1), ["spam"], ["casino", "noon lunch"], lambda *_: None)
    assert again.sources == transfer.sources
    assert np.array_equal(again.probes, transfer.probes)


def test_texts_that_no_source_states_are_refused() -> None:
    texts = [Row(f"text {number}", {"spam": number % 2}, f"source {number % 2}") for number in range(200)]
    with pytest.raises(DataError, match="no source states spam"):
        leave_sources_out(RECIPE, assemble(RECIPE, texts, 1), ["spam"], [], lambda *_: None)


def test_the_command_shows_means_and_writes_what_an_evaluation_takes_in(tmp_path: Path) -> None:
    data, recipe, written = tmp_path / "data.jsonl", tmp_path / "recipe.yaml", tmp_path / "transfer.json"
    data.write_bytes(b"".join(msgspec.json.encode(_line(row)) + b"\n" for row in rows()))
    recipe.write_bytes(msgspec.yaml.encode(RECIPE))
    identity = tmp_path / "identities.jsonl"
    identity.write_text(
        "".join(f'{{"text": "a gay nurse {n}", "labels": {{"toxic": 0}}}}\n' for n in range(60))
        + "".join(f'{{"text": "a deaf nurse {n}", "labels": {{"toxic": 0}}}}\n' for n in range(60))
    )
    options = ("--recipe", str(recipe), "--no-grammar", "--identity", str(identity), "--json", str(written))
    done = ran("model", "transfer", str(data), *options)
    assert done.exit_code == 0, done.stderr
    assert "mean" in done.stdout
    assert "gay" in done.stdout
    assert {each.source for each in read_transfer(written)} == set(WORDS)


def test_a_harm_that_the_recipe_does_not_have_and_a_file_that_is_no_report_are_refused(tmp_path: Path) -> None:
    done = ran("model", "transfer", str(tmp_path / "none"), "--harm", "fraud")
    assert done.exit_code == 2
    assert "the recipe has no harm 'fraud'" in done.stderr
    (tmp_path / "report.json").write_text("[]")
    with pytest.raises(DataError, match="model transfer --json"):
        read_transfer(tmp_path / "report.json")


def test_that_no_labelled_text_was_read_is_told_and_not_what_the_seed_texts_lack(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"x": 1}\n')
    done = ran("model", "transfer", str(tmp_path / "bad.json"))
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith("sluicegate: no labelled text was read; give JSON lines")


def test_a_harm_of_one_source_alone_cannot_be_measured_by_leaving_it_out(tmp_path: Path) -> None:
    data, recipe = tmp_path / "data.jsonl", tmp_path / "recipe.yaml"
    only = next(iter(WORDS))
    data.write_bytes(b"".join(msgspec.json.encode(_line(row)) + b"\n" for row in rows() if row.source == only))
    recipe.write_bytes(msgspec.yaml.encode(RECIPE))
    done = ran("model", "transfer", str(data), "--recipe", str(recipe), "--no-grammar")
    assert done.exit_code == 1
    assert f"without source {only}" in done.stderr


def _line(row: Row) -> dict[str, object]:
    return {"text": row.text, "labels": row.labels, "source": row.source, "lang": row.lang}
