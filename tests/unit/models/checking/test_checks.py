"""What is wrong with training data is named with its place and what to do, and what is well is not."""

import json
import random
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sluicegate.models.bundle import load_bundle
from sluicegate.models.checking.check import Checked, TrainingDataError, check_files
from sluicegate.models.checking.finding import Finding
from sluicegate.models.labelled import Row, read_labelled
from sluicegate.models.recipe import Derivation, Recipe, SourceRecipe
from sluicegate.models.train import Plan, train_bundle
from tests.commands import ran

RECIPE = Recipe(
    prevalence={"spam": 0.05},
    inverse_regularisation=2.0,
    sources={"forum": SourceRecipe("CC0-1.0", "generated", ordinary={"spam": 0})},
)
OFFERS = ("a phone", "a holiday", "a watch", "cheap loans", "free coins", "a gift card", "new shoes", "a car")
TOPICS = ("the garden", "the pool", "our choir", "the bus", "my bread", "the match", "a book", "the rain")
ENDS = ("today", "on Sunday", "with Ada", "for Kim", "at noon", "in May", "next week", "at the station", "by train")

Line = dict[str, Any]


def lines(count: int, source: str = "forum") -> list[Line]:
    """Give lines of which every other one is spam, no two alike."""
    chance = random.Random(source)
    made = []
    for number in range(count):
        spam = number % 2
        words = (chance.choice(OFFERS), chance.choice(ENDS)) if spam else (chance.choice(TOPICS), chance.choice(ENDS))
        opening = chance.choice(("win", "get", "click for") if spam else ("we talked about", "nobody knew", "see"))
        name = "".join(chance.choice("bdfklmnprst") + chance.choice("aeiou") for _ in range(3))
        made.append({"text": f"{opening} {words[0]} {words[1]} {name}", "labels": {"spam": spam}, "source": source})
    return made


def shuffled(made: list[Line], label: str = "spam") -> list[Line]:
    values = [line["labels"][label] for line in made]
    random.Random(5).shuffle(values)
    return [{**line, "labels": {label: value}} for line, value in zip(made, values, strict=True)]


def written(folder: Path, made: Iterable[Line | str], name: str = "forum.jsonl") -> Path:
    path = folder / name
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in made))
    return path


def quiet(stage: str, done: int, total: int) -> None:
    assert 0 <= done <= total, stage


def check(recipe: Recipe, *paths: Path, own: tuple[Row, ...] = ()) -> Checked:
    return check_files(recipe, [read_labelled(path) for path in paths], own, 1, quiet)


def found(checked: Checked, kind: str) -> Finding:
    (finding,) = [finding for finding in checked.findings if finding.kind == kind]
    return finding


def with_source(**members: Any) -> Recipe:
    return recipe_of({"forum": SourceRecipe("CC0-1.0", "generated", **members)})


def recipe_of(sources: Mapping[str, SourceRecipe], *harms: str) -> Recipe:
    return Recipe(dict.fromkeys(harms or ("spam",), 0.05), 2.0, dict(sources))


def test_of_data_that_is_well_nothing_is_said(tmp_path: Path) -> None:
    checked = check(RECIPE, written(tmp_path, lines(600)))
    assert checked.findings == ()
    assert checked.looked["forum", "spam"].auc > 0.95
    checked.require()


def test_labels_that_were_shuffled_are_an_error_with_the_auc(tmp_path: Path) -> None:
    checked = check(RECIPE, written(tmp_path, shuffled(lines(600))))
    finding = found(checked, "label.shuffled")
    assert (finding.severity, finding.source, finding.harm) == ("error", "forum", "spam")
    assert "AUC 0." in finding.message
    assert finding.places[0] == "forum.jsonl:1"
    with pytest.raises(TrainingDataError, match=r"label\.shuffled \(forum spam\)"):
        checked.require()


def test_labels_that_moved_by_a_line_are_an_error(tmp_path: Path) -> None:
    made = sorted(lines(800), key=lambda line: random.Random(str(line["text"])).random())
    moved = [{**line, "labels": after["labels"]} for line, after in pairwise(made)]
    assert found(check(RECIPE, written(tmp_path, moved)), "label.shuffled").severity == "error"


def test_shuffled_labels_of_what_is_only_measured_on_stop_nothing(tmp_path: Path) -> None:
    recipe = recipe_of(
        {"forum": SourceRecipe("CC0-1.0", "generated"), "other": SourceRecipe("CC0-1.0", "g", use="measure")}
    )
    other = written(tmp_path, shuffled(lines(600, "other")), "other.jsonl")
    checked = check(recipe, written(tmp_path, lines(600)), other)
    assert found(checked, "label.shuffled").severity == "warning"
    checked.require()


def test_a_label_that_others_are_derived_from_is_looked_at_as_well(tmp_path: Path) -> None:
    recipe = with_source(derive=(Derivation("spam", 1, {"junk": 1}), Derivation("spam", 0, {"junk": 0})))
    made = [{**line, "labels": {"junk": line["labels"]["spam"]}} for line in lines(600)]
    assert found(check(recipe, written(tmp_path, shuffled(made, "junk"))), "label.shuffled").harm == "junk"
    assert check(recipe, written(tmp_path, made)).findings == ()


def test_of_few_texts_nothing_is_said_about_their_labels(tmp_path: Path) -> None:
    checked = check(RECIPE, written(tmp_path, shuffled(lines(190))))
    assert checked.looked == {}
    assert not checked.errors


def test_a_text_with_both_labels_is_named_by_its_lines_and_never_shown(tmp_path: Path) -> None:
    made = lines(500)
    made[9] = {**made[8], "text": made[8]["text"].upper() + "  ", "labels": {"spam": 1}}
    checked = check(RECIPE, written(tmp_path, made))
    finding = found(checked, "text.both_labels")
    assert (finding.severity, finding.source, finding.harm, finding.count) == ("warning", "forum", "spam", 2)
    assert finding.places == ("forum.jsonl:9", "forum.jsonl:10")
    assert made[8]["text"] not in finding.message


def test_a_text_with_another_label_in_another_source_is_named_as_well(tmp_path: Path) -> None:
    recipe = recipe_of({name: SourceRecipe("CC0-1.0", "generated") for name in ("forum", "mail")})
    made = lines(500, "mail")
    made[3] = {**lines(500)[4], "source": "mail", "labels": {"spam": 1}}
    checked = check(recipe, written(tmp_path, lines(500)), written(tmp_path, made, "mail.jsonl"))
    finding = found(checked, "text.both_labels")
    assert (finding.source, finding.places) == (None, ("forum.jsonl:5", "mail.jsonl:4"))


def test_a_text_with_both_values_of_a_label_that_others_are_derived_from_is_named(tmp_path: Path) -> None:
    recipe = with_source(derive=(Derivation("spam", 1, {"junk": 1}), Derivation("spam", 0, {"junk": 0})))
    made = [{**line, "labels": {"junk": line["labels"]["spam"]}} for line in lines(600)]
    made[5] = {**made[4], "labels": {"junk": 1}}
    assert found(check(recipe, written(tmp_path, made)), "text.both_labels").harm == "junk"


def test_sources_that_share_texts_are_named_unless_they_are_of_one_family(tmp_path: Path) -> None:
    copied = [{**line, "source": "mail"} for line in lines(500)[:40]] + lines(300, "mail")
    paths = written(tmp_path, lines(500)), written(tmp_path, copied, "mail.jsonl")
    strangers = {name: SourceRecipe("CC0-1.0", "generated") for name in ("forum", "mail")}
    kin = {name: SourceRecipe("CC0-1.0", "generated", family="posts") for name in ("forum", "mail")}
    finding = found(check(recipe_of(strangers), *paths), "source.shared")
    assert (finding.count, finding.source, finding.places[:2]) == (40, "forum", ("forum.jsonl:1", "mail.jsonl:1"))
    assert "'mail'" in finding.message
    assert check(recipe_of(kin), *paths).findings == ()


@pytest.mark.parametrize("member", ["gid", "user"])
def test_a_group_of_more_than_a_fifth_of_its_source_is_named(tmp_path: Path, member: str) -> None:
    made = [{**line, member: "g-1"} if number < 150 else line for number, line in enumerate(lines(600))]
    finding = found(check(RECIPE, written(tmp_path, made)), "group.large")
    assert (finding.severity, finding.count, finding.places[0]) == ("warning", 150, "forum.jsonl:1")
    assert f"of one {member}" in finding.message
    fewer = [{**line, member: "g-1"} if number < 110 else line for number, line in enumerate(lines(600))]
    assert check(RECIPE, written(tmp_path, fewer)).findings == ()


def test_a_label_that_never_varies_in_a_source_is_named(tmp_path: Path) -> None:
    recipe = recipe_of({name: SourceRecipe("CC0-1.0", "generated") for name in ("forum", "mail")})
    mail = [line for line in lines(200, "mail") if line["labels"]["spam"]]
    checked = check(recipe, written(tmp_path, lines(600)), written(tmp_path, mail, "mail.jsonl"))
    finding = found(checked, "label.constant")
    assert (finding.severity, finding.source, finding.harm, finding.count) == ("warning", "mail", "spam", 100)
    assert "is 1 in all of 100 texts" in finding.message


def test_a_harm_with_too_few_texts_is_an_error_and_one_with_few_a_warning(tmp_path: Path) -> None:
    few = [line for number, line in enumerate(lines(600)) if not line["labels"]["spam"] or number < 120]
    assert found(check(RECIPE, written(tmp_path, few)), "harm.few").count == 60
    scarce = [line for number, line in enumerate(lines(600)) if not line["labels"]["spam"] or number < 30]
    finding = found(check(RECIPE, written(tmp_path, scarce)), "harm.scarce")
    assert (finding.severity, finding.harm, finding.count) == ("error", "spam", 15)
    own = tuple(Row(text=f"win a lamp number {number}", labels={"spam": 1}, source="seed") for number in range(300))
    assert check(RECIPE, written(tmp_path, scarce), own=own).findings == ()


def test_labels_and_sources_that_the_recipe_does_not_list_are_named_with_what_may_have_been_meant(
    tmp_path: Path,
) -> None:
    made = lines(600)
    made[4] = {**made[4], "labels": {"spma": 0}}
    made[7] = {**made[7], "source": "fourm"}
    recipe = recipe_of({"forum": RECIPE.sources["forum"]})
    checked = check(recipe, written(tmp_path, made))
    label, source = found(checked, "label.unlisted"), found(checked, "source.unlisted")
    assert "'spma'; did you mean 'spam'?" in label.message
    assert label.places == ("forum.jsonl:5",)
    assert "'fourm'" in source.message
    assert "did you mean" not in source.message  # forum itself is there
    absent = recipe_of({"forum": RECIPE.sources["forum"], "fourms": RECIPE.sources["forum"]})
    assert "did you mean 'fourms'?" in found(check(absent, written(tmp_path, made)), "source.unlisted").message


def test_a_label_that_the_recipe_asks_for_is_listed(tmp_path: Path) -> None:
    made = [{**line, "labels": {**line["labels"], "calm": 1 - line["labels"]["spam"]}} for line in lines(600)]
    assert check(with_source(ordinary={"calm": 1}), written(tmp_path, made)).findings == ()


def test_lines_that_cannot_be_read_are_counted_and_named_and_those_around_keep_their_numbers(tmp_path: Path) -> None:
    made: list[Line | str] = list(lines(600))
    made[2] = '{"text": 5}'
    made[5] = ""
    made[10] = {**lines(600)[8], "labels": {"spam": 1}}
    checked = check(RECIPE, written(tmp_path, made))
    finding = found(checked, "lines.unreadable")
    assert (finding.severity, finding.count, finding.places) == ("warning", 1, ("forum.jsonl:3",))
    assert found(checked, "text.both_labels").places == ("forum.jsonl:9", "forum.jsonl:11")


def test_a_file_without_a_line_that_can_be_read_is_an_error(tmp_path: Path) -> None:
    checked = check(RECIPE, written(tmp_path, lines(600)), written(tmp_path, ["text,spam", "hello,0"], "posts.csv"))
    finding = found(checked, "lines.unreadable")
    assert (finding.severity, finding.count) == ("error", 2)
    with pytest.raises(TrainingDataError, match=r"lines\.unreadable"):
        checked.require()


def test_a_training_stops_before_it_begins_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path, out = written(tmp_path, shuffled(lines(600))), tmp_path / "bundle"
    told: list[Checked] = []
    stages: list[str] = []
    with pytest.raises(TrainingDataError):
        train_bundle(
            [path], out, Plan("m", "1", RECIPE, 1, grammar=False), lambda stage, *_: stages.append(stage), told.append
        )
    assert [len(checked.errors) for checked in told] == [1]
    assert set(stages) == {"read", "check"}
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_found_stands_in_the_manifest_without_any_text(tmp_path: Path) -> None:
    path, out = written(tmp_path, shuffled(lines(600))), tmp_path / "bundle"
    plan = Plan("m", "1", RECIPE, 1, grammar=False, despite_errors=True)
    train_bundle([path], out, plan, quiet)
    assert [finding.kind for finding in load_bundle(out).manifest.findings] == ["label.shuffled"]
    assert "we talked about" not in (out / "manifest.json").read_text()


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(
        "prevalence: {spam: 0.05}\ninverse_regularisation: 2.0\n"
        "sources: {forum: {licence: CC0-1.0, attribution: generated, ordinary: {spam: 0}}}\n"
    )
    return path


def test_the_command_checks_alone_and_fails_on_errors(tmp_path: Path, recipe_file: Path) -> None:
    well = written(tmp_path, lines(600))
    options = ("--recipe", str(recipe_file), "--no-grammar", "--check")
    result = ran("model", "train", str(well), *options)
    assert result.exit_code == 0
    assert "nothing was found" in result.stdout
    assert "forum" in result.stdout
    ill = written(tmp_path, shuffled(lines(600)), "ill.jsonl")
    result = ran("model", "train", str(ill), *options)
    assert result.exit_code == 1
    assert "1 error, 0 warnings" in result.stdout
    assert "label.shuffled" in result.stdout
    assert "ill.jsonl:1" in result.stdout


def test_the_command_says_what_was_found_before_it_stops(tmp_path: Path, recipe_file: Path) -> None:
    path, out = written(tmp_path, shuffled(lines(600))), tmp_path / "out"
    result = ran("model", "train", str(path), "--out", str(out), "--recipe", str(recipe_file), "--no-grammar")
    assert result.exit_code == 1
    assert result.stderr.index("label.shuffled  spam of forum") < result.stderr.index("cannot be trusted")
    assert not out.exists()


def test_without_a_folder_to_write_to_the_command_only_checks(tmp_path: Path, recipe_file: Path) -> None:
    result = ran("model", "train", str(written(tmp_path, lines(60))), "--recipe", str(recipe_file))
    assert result.exit_code == 2
    assert "--check" in result.stderr
