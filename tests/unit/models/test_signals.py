"""Numbers beside a text: features that are finite whatever comes, learned from and served end to end."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.models.bundle import Bundle, load_bundle
from sluicegate.models.calibrating.applying import apply
from sluicegate.models.calibrating.recorded import LogitMap, Recalibration
from sluicegate.models.evaluation.sample import take_sample
from sluicegate.models.labelled import DataError, read_labelled
from sluicegate.models.parity import check_parity
from sluicegate.models.recipe import Recipe, SourceRecipe, decode_recipe
from sluicegate.models.samples import TOLERANCE
from sluicegate.models.scored import score_files
from sluicegate.models.signals import SignalFeature, SignalRecipe, fit_signals, signal_columns, signal_values
from sluicegate.models.train import Plan, train_bundle
from tests.unit.models.conftest import PLACES, THINGS, quiet

numbers = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))
scales = st.sampled_from(["linear", "log"])
NEWCOMER = {"account_age_days": 1.0, "views_per_hour": 20_000.0}
REGULAR = {"account_age_days": 900.0, "views_per_hour": 5.0}

RECIPE = Recipe(
    prevalence={"spam": 0.1},
    inverse_regularisation=2.0,
    sources={"forum": SourceRecipe("CC0-1.0", "generated", ordinary={"spam": 0})},
    signals={
        "account_age_days": SignalRecipe(),
        "views_per_hour": SignalRecipe("log"),
    },
)


def row(text: str, spam: int, number: int) -> dict[str, object]:
    """Make a row whose text says nothing: newcomers whom many see are spammers; every seventh has no age."""
    signals = NEWCOMER if spam else REGULAR
    scattered = {name: value * (1 + number % 9 / 10) for name, value in signals.items()}
    if number % 7 == 0:
        del scattered["account_age_days"]
    return {"text": text, "labels": {"spam": spam}, "source": "forum", "gid": number, "signals": scattered}


@pytest.fixture(scope="module")
def forum(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [f"{thing} at the {place}, number {turn}" for thing in THINGS for place in PLACES for turn in range(4)]
    rows = [row(text, number % 2, number) for number, text in enumerate(texts)]
    path = tmp_path_factory.mktemp("labelled") / "forum.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in rows))
    return path


@pytest.fixture(scope="module")
def with_signals(forum: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    out = tmp_path_factory.mktemp("bundles") / "forum"
    return train_bundle([forum], out, Plan("forum", "1", RECIPE, 1, grammar=False), quiet).bundle


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5), scales, scales, numbers)
def test_columns_are_finite_whatever_comes(
    rows: list[tuple[float | None, float | None]], first: str, second: str, missing: float | None
) -> None:
    values = signal_values(("a", "b"), [{"a": a, "b": b} for a, b in rows], len(rows))
    features = (
        SignalFeature("a", "log" if first == "log" else "linear", 3.0, 0.5, missing),
        SignalFeature("b", "log" if second == "log" else "linear", -1.0, 1e-9),
    )
    columns = signal_columns(features, values)
    assert columns.shape == (len(rows), 4)
    assert np.isfinite(columns).all()
    assert np.abs(columns).max() <= 10
    np.testing.assert_array_equal(columns[:, 1::2], [[a is None, b is None] for a, b in rows])


def test_what_was_seen_in_training_has_mean_0_and_deviation_1_and_what_is_absent_counts_as_the_mean() -> None:
    values = np.array([[1.0], [np.nan], [100.0], [10_000.0]])
    for scale in ("linear", "log"):
        features = fit_signals({"views": SignalRecipe("log" if scale == "log" else "linear")}, values)
        columns = signal_columns(features, values)
        seen = columns[[0, 2, 3], 0]
        assert seen.mean() == pytest.approx(0, abs=1e-9)
        assert seen.std() == pytest.approx(1)
        np.testing.assert_array_equal(columns[1], [0.0, 1.0])


def test_an_absent_signal_may_count_as_a_number() -> None:
    (feature,) = fit_signals({"reports": SignalRecipe(missing=0.0)}, np.array([[0.0], [2.0], [4.0]]))
    absent, none = signal_columns((feature,), np.array([[np.nan], [0.0]]))
    assert absent[0] == none[0] < 0
    assert (absent[1], none[1]) == (1, 0)


def test_names_that_are_missing_null_or_not_asked_for_are_absent() -> None:
    found = signal_values(("a", "b"), [{"a": 1.0, "c": 3.0}, None, {"b": None}, {}], 4)
    np.testing.assert_array_equal(found, [[1.0, np.nan], [np.nan] * 2, [np.nan] * 2, [np.nan] * 2])
    assert np.isnan(signal_values(("a",), None, 2)).all()


def test_a_model_learns_from_signals_what_no_text_says(with_signals: Bundle) -> None:
    scorer = with_signals.scorer()
    assert scorer.signals == ("account_age_days", "views_per_hour")
    texts = ["soup at the park"] * 4
    new, regular, absent, young = scorer.score(texts, [NEWCOMER, REGULAR, None, {"account_age_days": 2.0}])[:, 0]
    assert new > 0.5 > absent > 0.01 > regular
    assert new > young > regular
    np.testing.assert_array_equal(scorer.score(texts)[:, 0], absent)
    auc = with_signals.manifest.metrics["spam"].auc
    assert auc is not None
    assert auc > 0.95


def test_its_weights_and_its_pipeline_agree(with_signals: Bundle) -> None:
    assert check_parity(with_signals) <= TOLERANCE
    assert {bool(sample.signals) for sample in with_signals.manifest.parity} == {True, False}


def test_every_window_of_a_long_text_has_its_signals(with_signals: Bundle) -> None:
    scorer, long = with_signals.scorer(), "rain and bread at the market " * 200
    found = scorer.score([long, "soup", long], [NEWCOMER, REGULAR, REGULAR])[:, 0]
    assert found[0] > 0.5 > found[1]
    assert found[2] < 0.5


def test_labelled_texts_are_measured_with_their_signals(with_signals: Bundle, forum: Path) -> None:
    file = read_labelled(forum)
    scorer = with_signals.scorer()
    expected = scorer.score([each.text for each in file.rows], [each.signals for each in file.rows])
    np.testing.assert_array_equal(score_files([file], scorer, lambda done, total: None).scores, expected)
    np.testing.assert_array_equal(take_sample(scorer, file.rows, RECIPE, quiet).scores, expected)


def test_a_calibration_that_is_read_anew_takes_signals_along(with_signals: Bundle, tmp_path: Path) -> None:
    changed = Recalibration(LogitMap(2.0, 0.5), 0.05, 0.02, None, None, 0, 0, (), 1)
    made = apply(with_signals, {"spam": changed}, {}, None, tmp_path / "made")
    assert check_parity(made) <= TOLERANCE
    before, after = with_signals.scorer().score(["soup"], [NEWCOMER]), made.scorer().score(["soup"], [NEWCOMER])
    assert np.log(after / (1 - after)) == pytest.approx(2 * np.log(before / (1 - before)) + 0.5, abs=0.02)


def test_a_model_without_signals_is_the_same_whatever_the_texts_carry(forum: Path, tmp_path: Path) -> None:
    recipe = msgspec.structs.replace(RECIPE, signals={})
    plan = Plan("forum", "1", recipe, 1, grammar=False)
    bare = tmp_path / "bare.jsonl"
    lines = [json.loads(line) for line in forum.read_text().splitlines()]
    bare.write_text("".join(json.dumps({**line, "signals": {}}) + "\n" for line in lines))
    made = [train_bundle([file], tmp_path / file.stem, plan, quiet).bundle for file in (forum, bare)]
    assert made[0].manifest.files == made[1].manifest.files
    assert made[0].scorer().signals == ()


def test_a_recipe_with_a_signal_that_no_text_has_is_refused(forum: Path, tmp_path: Path) -> None:
    recipe = msgspec.structs.replace(RECIPE, signals={"veiws": SignalRecipe()})
    with pytest.raises(DataError, match="no text that is trained on has the signal 'veiws'"):
        train_bundle([forum], tmp_path / "out", Plan("forum", "1", recipe, 1, grammar=False), quiet)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("told", ["{scale: square}", "{missing: .nan}", "{mean: 3}", "7"])
def test_a_recipe_says_what_is_wrong_with_a_signal(told: str) -> None:
    with pytest.raises(DataError, match=r"signals"):
        decode_recipe(
            f"prevalence: {{spam: 0.1}}\ninverse_regularisation: 2\nsources: {{}}\nsignals: {{views: {told}}}".encode(),
            "mine.yaml",
        )


def test_a_bundle_with_signals_is_read_as_it_was_written(with_signals: Bundle) -> None:
    again = load_bundle(with_signals.path)
    assert again.manifest.signals == with_signals.manifest.signals
    np.testing.assert_array_equal(
        again.scorer().score(["soup"], [NEWCOMER]), with_signals.scorer().score(["soup"], [NEWCOMER])
    )
