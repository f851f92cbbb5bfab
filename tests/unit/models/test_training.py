"""Training: unknown labels stay unknown, groups stay whole, and the same data gives the same weights."""

import json
from pathlib import Path

import numpy as np
import pytest

from sluicegate.models import default_bundle_path, splits
from sluicegate.models.bundle import Bundle, BundleError, load_bundle
from sluicegate.models.figures import calibration_error, sigmoid
from sluicegate.models.labelled import DataError, Row, read_labelled
from sluicegate.models.recipe import (
    ANNOTATED,
    ASSUMED,
    DERIVED,
    DOUBTED,
    STATED,
    TAUGHT,
    TRAINED,
    UNKNOWN,
    Derivation,
    Doubt,
    Recipe,
    SourceRecipe,
    decode_recipe,
    label,
    shipped_recipe_path,
    with_assumptions,
)
from sluicegate.models.seed import seed_rows
from sluicegate.models.train import Plan, train_bundle
from sluicegate.models.training import assemble
from tests.commands import Ran, ran

RECIPE = Recipe(
    prevalence={"spam": 0.05, "hate": 0.02},
    inverse_regularisation=2.0,
    sources={
        "mail": SourceRecipe("CC0-1.0", "generated", assume=("hate",)),
        "posts": SourceRecipe(
            "CC0-1.0",
            "generated",
            derive=(Derivation("hate", 1, {"rude": 1}, ("you",)),),
            ordinary={"rude": 0},
        ),
    },
)


def quiet(stage: str, done: int, total: int) -> None:
    assert 0 <= done <= total, stage


def plan(bundle: Bundle, recipe: Recipe, *, replace: bool = False) -> Plan:
    return Plan(bundle.manifest.name, bundle.manifest.version, recipe, 1, grammar=False, replace=replace)


def tiny_recipe(bundle: Bundle) -> Recipe:
    return Recipe(
        prevalence={harm: bundle.manifest.calibration[harm].prevalence for harm in bundle.manifest.harms},
        inverse_regularisation=2.0,
        sources={
            "mail": SourceRecipe("CC0-1.0", "generated", assume=("violence",), ordinary={"spam": 0}),
            "chat": SourceRecipe("CC0-1.0", "generated", assume=("spam",)),
        },
    )


def test_a_source_to_learn_from_is_learned_from_and_never_measured_on() -> None:
    recipe = Recipe({"spam": 0.05}, 2.0, {"own": SourceRecipe("CC0-1.0", "generated", use="learn", alike=1.0)})
    _, kinds = label(recipe, [Row("buy this", {"spam": 1}, "own"), Row("buy this", {"spam": 1}, "other")], 1)
    assert kinds.tolist() == [[TAUGHT], [ANNOTATED]]
    assert TAUGHT in TRAINED
    assert TAUGHT not in STATED


def test_texts_to_learn_from_are_all_trained_on_unless_a_measured_text_is_the_same() -> None:
    recipe = Recipe({"spam": 0.05}, 2.0, {"own": SourceRecipe("CC0-1.0", "generated", use="learn", alike=2.0)})
    own = [Row(f"ours {number}", {"spam": number % 2}, "own", gid=number // 4) for number in range(400)]
    others = [Row(f"theirs {number}", {"spam": number % 2}, "other") for number in range(400)]
    shared = [Row(f"theirs {number}", {"spam": number % 2}, "own") for number in range(400)]
    corpus = assemble(recipe, own + others + shared, 1)
    assert set(corpus.parts[:400]) == {splits.TRAIN}
    assert corpus.parts[400:800].tolist() == corpus.parts[800:].tolist()
    assert set(corpus.parts[800:]) == {splits.TRAIN, splits.CALIBRATE, splits.TEST}
    assert corpus.alike[:400].tolist() == [0.0 if number % 2 else 2.0 for number in range(400)]
    assert not corpus.alike[400:].any()


def test_a_missing_label_is_unknown_unless_the_recipe_says_otherwise() -> None:
    texts = [
        Row("a", {"spam": 0}, "elsewhere"),
        Row("b", {"spam": 1}, "mail"),
        Row("c you", {"rude": 1}, "posts"),
        Row("d youth", {"rude": 1}, "posts"),
        Row("e", {"rude": 0}, "posts"),
        Row("f you", {"rude": 1, "hate": 0}, "posts"),
    ]
    values, kinds = label(RECIPE, texts, 1)
    assert kinds.tolist() == [
        [ANNOTATED, UNKNOWN],
        [ANNOTATED, ASSUMED],
        [UNKNOWN, DERIVED],
        [UNKNOWN, UNKNOWN],
        [ASSUMED, ASSUMED],
        [UNKNOWN, ANNOTATED],
    ]
    assert values[:, 1].tolist() == [0, 0, 1, 0, 0, 0]


def test_a_doubted_label_is_measured_on_and_not_learned_from() -> None:
    doubted = SourceRecipe("CC0-1.0", "generated", doubt=(Doubt("spam", {"spam": 0, "rude": 1}),))
    recipe = Recipe({"spam": 0.05}, 2.0, {"mail": doubted})
    texts = [
        Row("a", {"spam": 0, "rude": 1}, "mail"),
        Row("b", {"spam": 0, "rude": 0}, "mail"),
        Row("c", {"rude": 1}, "mail"),
    ]
    _, kinds = label(recipe, texts, 1)
    assert kinds.tolist() == [[DOUBTED], [ANNOTATED], [UNKNOWN]]
    assert DOUBTED in STATED
    assert DOUBTED not in TRAINED


def test_a_harm_of_few_positives_is_calibrated_on_every_text_in_turn(bundle: Bundle) -> None:
    manifest = bundle.manifest
    for harm, fitted in manifest.calibration.items():
        stated = sum(source.train + source.calibrate for source in manifest.sources)
        assert fitted.positives >= manifest.metrics[harm].positives * 2, harm
        assert fitted.positives + fitted.negatives <= stated


def test_assumptions_of_the_command_line_add_to_the_recipe() -> None:
    changed = with_assumptions(RECIPE, ["forum:spam,hate", "mail:spam"])
    assert changed.source("forum").assume == ("spam", "hate")
    assert changed.source("mail").assume == ("hate", "spam")


@pytest.mark.parametrize("text", ["forum", "forum:", ":spam", "forum:sarcasm"])
def test_an_assumption_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="write SOURCE:HARM"):
        with_assumptions(RECIPE, [text])


def test_bad_lines_are_listed_by_number_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(
        b'{"text": "good", "labels": {"spam": 1}, "orig": "ignored"}\n\nnonsense\n{"text": 1, "labels": {}}\n'
        b'{"text": "two", "labels": {"spam": 2}}\n{"labels": {}}\n{"text": "\xff", "labels": {}}\n'
    )
    read = read_labelled(path)
    assert [row.text for row in read.rows] == ["good"]
    assert [bad.line for bad in read.bad] == [3, 4, 5, 6, 7]
    assert "neither 0 nor 1" in read.bad[2].reason


def test_a_damaged_gzip_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "damaged.jsonl.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00damaged")
    with pytest.raises(DataError, match=r"damaged\.jsonl\.gz cannot be read"):
        read_labelled(path)


def test_the_same_data_and_seed_give_the_same_weights(bundle: Bundle, labelled_file: Path, tmp_path: Path) -> None:
    again = train_bundle([labelled_file], tmp_path / "again", plan(bundle, tiny_recipe(bundle)), quiet).bundle
    assert again.manifest.files == bundle.manifest.files
    assert again.digest == bundle.digest


def test_a_place_that_is_taken_is_not_overwritten(bundle: Bundle, labelled_file: Path, copied_bundle: Path) -> None:
    recipe = tiny_recipe(bundle)
    with pytest.raises(BundleError, match="is there already"):
        train_bundle([labelled_file], copied_bundle, plan(bundle, recipe), quiet)
    (copied_bundle / "weights.safetensors").write_bytes(b"")
    train_bundle([labelled_file], copied_bundle, plan(bundle, recipe, replace=True), quiet)
    assert load_bundle(copied_bundle).digest == bundle.digest


def test_a_harm_with_too_few_positives_is_named_and_nothing_is_left_behind(tmp_path: Path) -> None:
    data = tmp_path / "few.jsonl"
    data.write_text("".join(json.dumps({"text": f"t {n}", "labels": {"spam": int(n < 3)}}) + "\n" for n in range(99)))
    out = tmp_path / "out"
    recipe = Recipe({"spam": 0.1}, 2.0, {})
    with pytest.raises(DataError, match="harm 'spam' has 3 positive texts"):
        train_bundle([data], out, Plan("few", "1", recipe, 1, grammar=False), quiet)
    assert [path.name for path in tmp_path.iterdir()] == ["few.jsonl"]


def train(*arguments: str) -> Ran:
    return ran("model", "train", *arguments)


def write_recipe(path: Path, *harms: str) -> str:
    prevalence = ", ".join(f"{harm}: 0.05" for harm in harms)
    path.write_text(f"prevalence: {{{prevalence}}}\ninverse_regularisation: 2.0\nsources: {{}}\n")
    return str(path)


@pytest.mark.parametrize("harms", [["spam"], ["violence", "spam"]], ids=["one", "two"])
def test_a_bundle_of_ones_own_harms_is_named_after_its_folder_and_verified(
    labelled_file: Path, tmp_path: Path, harms: list[str]
) -> None:
    out, recipe = tmp_path / "forum", write_recipe(tmp_path / "mine.yaml", *harms)
    made = train(str(labelled_file), "--out", str(out), "--recipe", recipe, "--no-grammar")
    assert made.exit_code == 0, made.stderr
    manifest = load_bundle(out).manifest
    assert (manifest.name, manifest.harms) == ("forum", tuple(harms))
    verified = ran("model", "verify", str(out))
    assert verified.exit_code == 0, verified.stderr


def test_a_harm_that_cannot_be_learned_is_told_with_its_recipe_and_how_to_give_another(tmp_path: Path) -> None:
    data = tmp_path / "one-group.jsonl"
    lines = [json.dumps({"text": f"t {n}", "labels": {"spam": n % 2}, "gid": "one"}) for n in range(99)]
    data.write_text("\n".join(lines))
    recipe = write_recipe(tmp_path / "mine.yaml", "spam")
    refused = train(str(data), "--out", str(tmp_path / "out"), "--recipe", recipe, "--no-grammar")
    assert refused.exit_code == 1
    told = refused.stderr.splitlines()[-1]
    assert "49 positive texts (0 to train on, 0 to calibrate on, 49 to measure on)" in told
    assert told.endswith(f"the recipe is {recipe}, and --recipe FILE takes another")


def test_a_recipe_that_is_not_there_is_named(labelled_file: Path, tmp_path: Path) -> None:
    refused = train(str(labelled_file), "--out", str(tmp_path / "out"), "--recipe", str(tmp_path / "none.yaml"))
    assert refused.exit_code == 1
    assert f"recipe {tmp_path / 'none.yaml'} cannot be read" in refused.stderr


def test_figures_in_the_manifest_come_from_held_out_texts(bundle: Bundle) -> None:
    manifest = bundle.manifest
    test = {source.name: source.test for source in manifest.sources}
    assert manifest.metrics["spam"].positives + manifest.metrics["spam"].negatives == test["mail"]
    assert manifest.metrics["violence"].positives + manifest.metrics["violence"].negatives == test["chat"]
    assert sum(manifest.ordinary.reference["spam"].counts) == manifest.ordinary.rows > 0


def test_calibrated_scores_have_no_calibration_error_and_shifted_ones_do() -> None:
    random = np.random.default_rng(1)
    truth = random.normal(size=40_000) * 2
    labels = (random.random(40_000) < sigmoid(truth)).astype(np.int8)
    assert calibration_error(labels, sigmoid(truth)) < 0.02
    assert calibration_error(labels, sigmoid(truth + 2)) > 0.15


def test_the_shipped_recipe_can_be_used_and_states_every_licence() -> None:
    recipe = decode_recipe(shipped_recipe_path().read_bytes(), "recipe.yaml")
    assert recipe.harms == ("spam", "scam", "hate", "harassment", "violence", "self_harm")
    for name, source in recipe.sources.items():
        free = source.licence.startswith(("CC0", "CC-BY-4.0", "PDDL", "MIT", "Apache"))
        assert free or source.use == "measure", name


@pytest.mark.parametrize(
    "raw",
    [
        b"prevalence: {}\ninverse_regularisation: 2\nsources: {}",
        b"prevalence: {spam: 2}\ninverse_regularisation: 2\nsources: {}",
        b"prevalence: {spam: .1}\ninverse_regularisation: -1\nsources: {}",
        b"prevalence: {spam: .1}\ninverse_regularisation: .nan\nsources: {}",
        b"prevalence: {Spam Mail: .1}\ninverse_regularisation: 2\nsources: {}",
        b"prevalence: {spam: .1}\ninverse_regularisation: 2\n"
        b"sources: {a: {licence: l, attribution: a, assume_share: .nan}}",
        b"[",
        b"surprise: 1",
    ],
)
def test_a_recipe_that_cannot_be_used_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError, match="recipe mine"):
        decode_recipe(raw, "mine")


def test_seed_texts_have_no_open_slots_and_every_pattern_is_one_group() -> None:
    texts = seed_rows(("spam", "scam", "hate", "harassment", "violence", "self_harm"), 1)
    assert not [row.text for row in texts if "{" in row.text or "}" in row.text]
    assert {row.lang for row in texts} == {"en", "de", "fr", "es", "pt", "zh"}
    assert all(row.gid for row in texts)


def test_a_bundle_is_inspected_and_verified_from_the_command_line(bundle: Bundle, copied_bundle: Path) -> None:
    shown = ran("model", "inspect", str(bundle.path), env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert bundle.digest in shown.stdout
    assert ran("model", "verify", str(bundle.path)).exit_code == 0
    (copied_bundle / "weights.safetensors").write_bytes(b"")
    refused = ran("model", "verify", str(copied_bundle))
    assert refused.exit_code == 1
    assert refused.stderr.count("\n") == 1
    assert refused.stderr.startswith("sluicegate: ")
    assert "weights.safetensors has 0 bytes" in refused.stderr


def test_without_a_folder_the_bundle_that_is_set_is_inspected(bundle: Bundle) -> None:
    env = {"COLUMNS": "200", "SLUICEGATE_BUNDLE": str(bundle.path)}
    shown = ran("model", "inspect", env=env)
    assert shown.exit_code == 0
    assert bundle.digest in shown.stdout
    verified = ran("model", "verify", env=env)
    assert verified.exit_code == 0
    assert bundle.digest in verified.stdout


def test_an_inspection_shows_the_figures_on_sources_it_was_not_trained_on(bundle: Bundle) -> None:
    shipped = ran("model", "inspect", env={"COLUMNS": "200"}).stdout
    _, _, after = shipped.partition("On sources it was not trained on")
    table, _, _ = after.partition("Thresholds that flag few")
    metrics = load_bundle(default_bundle_path()).manifest.metrics
    unseen = {name for figures in metrics.values() for name in figures.transfer}
    assert unseen
    assert all(name in table for name in unseen)
    without = ran("model", "inspect", str(bundle.path), env={"COLUMNS": "200"}).stdout
    assert "none was measured" in without


def test_an_inspection_says_where_ordinary_texts_are_too_few_to_vouch_for_a_rate(bundle: Bundle) -> None:
    few = ran("model", "inspect", str(bundle.path)).stdout
    many = ran("model", "inspect", str(default_bundle_path())).stdout
    assert "(too few texts)" in few
    assert "(too few texts)" not in many
