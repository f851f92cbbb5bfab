"""`model thresholds` and `model calibrate` as the program runs them."""

import json
import random
from pathlib import Path

import msgspec
import pytest

from sluicegate.models.bundle import Bundle, load_bundle
from sluicegate.models.parity import check_parity
from tests.commands import ran

THINGS = ["tea", "socks", "lamps", "shoes", "maps", "plants"]
PLACES = ["harbour", "bridge", "museum", "square", "tower"]


def write(path: Path, count: int, share: float, *, labelled: bool = True) -> Path:
    """Write texts of which some are like spam; one in ten of each kind is as hard to tell as the other."""
    draw = random.Random(count)
    with path.open("w") as file:
        for number in range(count):
            thing, place = draw.choice(THINGS), draw.choice(PLACES)
            spam = draw.random() < share
            like_spam = spam if draw.random() < 0.9 else not spam
            start = f"Buy cheap {thing}, click now" if like_spam else f"We talked about {thing}"
            row: dict[str, object] = {"text": f"{start} at the {place}, {number} times", "source": "forum"}
            if labelled:
                row["labels"] = {"spam": int(spam)}
            file.write(json.dumps(row) + "\n")
    return path


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write(tmp_path_factory.mktemp("forum") / "forum.jsonl", 600, 0.4))


@pytest.fixture(scope="module")
def traffic(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write(tmp_path_factory.mktemp("traffic") / "traffic.jsonl", 1_600, 0.01, labelled=False))


def test_without_a_goal_the_trade_is_shown_and_nothing_is_written(bundle: Bundle, texts: str) -> None:
    shown = ran("model", "thresholds", str(bundle.path), "--data", texts)
    assert shown.exit_code == 0
    assert "spam: " in shown.stdout
    assert "no text is labelled for violence: left as they are" in shown.stderr
    assert load_bundle(bundle.path).digest == bundle.digest


def test_goals_are_written_to_a_new_bundle_with_what_they_give(
    bundle: Bundle, texts: str, traffic: str, tmp_path: Path
) -> None:
    out = tmp_path / "set"
    goals = ("--recall", "0.8", "--false-alarms", "spam=30", "--prevalence", "0.1")
    arguments = ("model", "thresholds", str(bundle.path), "--data", texts, "--ordinary", traffic, *goals)
    done = ran(*arguments, "--out", str(out))
    assert done.exit_code == 0, done.stderr
    made = load_bundle(out)
    assert done.stdout.endswith(f"{out} {made.digest}\n")
    recall, alarms = made.manifest.thresholds["spam"]
    assert (recall.goal, alarms.goal) == ("recall", "false_alarms")
    assert recall.gives.recall is not None
    assert recall.gives.recall.value >= 0.8
    assert alarms.gives.false_alarms is not None
    assert alarms.gives.false_alarms.value <= 30
    assert [file.name for file in recall.data] == ["forum.jsonl", "traffic.jsonl"]
    assert (recall.prevalence, recall.harmless, recall.seed) == (0.1, 1_600, 1)
    assert "Thresholds set by goals" in ran("model", "inspect", str(out)).stdout


def test_a_second_goal_of_the_same_kind_takes_the_place_of_the_first(copied_bundle: Path, texts: str) -> None:
    for goal in ("--recall=0.8", "--precision=0.3", "--recall=0.7"):
        done = ran("model", "thresholds", str(copied_bundle), "--data", texts, goal, "--replace")
        assert done.exit_code == 0, done.stderr
    goals = load_bundle(copied_bundle).manifest.thresholds["spam"]
    assert [(one.goal, one.value) for one in goals] == [("precision", 0.3), ("recall", 0.7)]


def test_the_same_texts_and_seed_write_the_same_bundle(bundle: Bundle, texts: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        ran("model", "thresholds", str(bundle.path), "--data", texts, "--recall=0.8", "--out", str(tmp_path / name))
    assert load_bundle(tmp_path / "one").digest == load_bundle(tmp_path / "two").digest


def test_hours_are_shared_between_the_harms_that_texts_are_labelled_for(
    bundle: Bundle, texts: str, tmp_path: Path
) -> None:
    stream = ("--hours", "500", "--events-per-day", "20000", "--minutes", "5", "--prevalence", "0.1")
    done = ran("model", "thresholds", str(bundle.path), "--data", texts, *stream, "--out", str(tmp_path / "set"))
    assert done.exit_code == 0, done.stderr
    (goal,) = load_bundle(tmp_path / "set").manifest.thresholds["spam"]
    assert goal.value == 500
    assert goal.gives.hours_a_day is not None
    assert goal.gives.hours_a_day.value <= 500


def test_a_goal_that_cannot_be_met_is_told_with_the_nearest_and_nothing_is_written(
    bundle: Bundle, texts: str, tmp_path: Path
) -> None:
    out = tmp_path / "set"
    done = ran("model", "thresholds", str(bundle.path), "--data", texts, "--false-alarms", "1", "--out", str(out))
    assert done.exit_code == 1
    assert "ordinary texts are too few to vouch for it (the rule of three); nearest: " in done.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--harm", "spma"), "the bundle has no harm 'spma'; its harms are spam, violence"),
        (("--precision", "most"), "--precision most is no number"),
        (("--precision", "spma=0.9"), "--precision spma=0.9: the harms are spam, violence"),
        (("--precision", "90"), "a goal of 90 for precision is no share"),
        (("--hours", "3"), "--hours needs the size of the stream; give --events-per-day"),
        (("--hours", "3", "--events-per-day", "9"), "--hours needs the time of a case; give --minutes spam=MINUTES"),
        (("--prevalence", "2"), "a prevalence of 2 is no share"),
        (("--plot", "trade.png"), "a plot is drawn as .svg or .html"),
        (("--replace",), "there is no threshold to write; give a goal"),
    ],
)
def test_wrong_use_is_told(bundle: Bundle, texts: str, arguments: tuple[str, ...], sentence: str) -> None:
    done = ran("model", "thresholds", str(bundle.path), "--data", texts, *arguments)
    assert done.exit_code == 2
    assert sentence in done.stderr


def test_a_harm_that_is_named_and_has_no_labelled_text_is_an_error(bundle: Bundle, texts: str) -> None:
    done = ran("model", "thresholds", str(bundle.path), "--data", texts, "--harm", "violence")
    assert done.exit_code == 1
    assert "no text is labelled for violence; give files that are with --data" in done.stderr


@pytest.mark.parametrize("suffix", ["svg", "html"])
def test_the_plot_is_one_file_and_the_same_each_time(bundle: Bundle, texts: str, tmp_path: Path, suffix: str) -> None:
    drawn = [tmp_path / f"{name}.{suffix}" for name in ("one", "two")]
    for path in drawn:
        done = ran("model", "thresholds", str(bundle.path), "--data", texts, "--recall=0.8", "--plot", str(path))
        assert done.exit_code == 0, done.stderr
    assert drawn[0].read_bytes() == drawn[1].read_bytes()
    picture = drawn[0].read_text()
    assert "recall 0.8" in picture
    assert "http" not in picture.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    ).replace("https://matplotlib.org", "")
    assert picture.startswith("<!doctype html>" if suffix == "html" else "<?xml")


def test_a_bundle_calibrated_on_labelled_texts_and_plain_traffic_is_whole(
    bundle: Bundle, texts: str, traffic: str, tmp_path: Path
) -> None:
    out = tmp_path / "calibrated"
    arguments = ("--data", texts, "--plain", traffic, "--prevalence", "spam=0.01", "--prevalence", "violence=0.005")
    done = ran("model", "calibrate", str(bundle.path), *arguments, "--out", str(out))
    assert done.exit_code == 0, done.stderr
    made = load_bundle(out)
    assert check_parity(made) < 1e-6
    spam, violence = (made.manifest.recalibration[harm] for harm in ("spam", "violence"))
    assert spam.before is not None
    assert spam.after is not None
    assert spam.after.value < spam.before.value
    assert (violence.before, violence.prevalence) == (None, 0.005)
    assert made.manifest.calibration["spam"].prevalence == 0.01
    ordinary = made.manifest.ordinary
    assert (ordinary.rows, ordinary.by_source) == (1_600, {"forum": 1_600})
    assert [file.name for file in ordinary.data] == ["traffic.jsonl"]
    for threshold in ordinary.thresholds["spam"]:
        assert threshold.by_source["forum"] <= threshold.false_alarm_rate
        assert threshold.recall is not None
    assert all(threshold.recall is None for threshold in ordinary.thresholds["violence"])
    assert "unknown" in ran("model", "inspect", str(out)).stdout


def test_a_harm_with_too_few_texts_is_left_as_it_is_and_named(bundle: Bundle, tmp_path: Path) -> None:
    few = write(tmp_path / "few.jsonl", 60, 0.2)
    arguments = ("--data", str(few), "--prevalence", "violence=0.01", "--out", str(tmp_path / "made"))
    done = ran("model", "calibrate", str(bundle.path), *arguments)
    assert done.exit_code == 0, done.stderr
    assert "spam is left as it is: " in done.stderr
    assert "positive texts" in done.stderr
    made = load_bundle(tmp_path / "made").manifest
    assert made.calibration["spam"] == bundle.manifest.calibration["spam"]
    assert made.calibration["violence"].prevalence == 0.01


def test_where_no_harm_is_calibrated_nothing_is_written(bundle: Bundle, tmp_path: Path) -> None:
    few = write(tmp_path / "few.jsonl", 60, 0.2)
    done = ran("model", "calibrate", str(bundle.path), "--data", str(few), "--out", str(tmp_path / "made"))
    assert done.exit_code == 1
    assert "nothing was written; give more texts labelled for spam" in done.stderr
    assert not (tmp_path / "made").exists()


def test_too_little_traffic_cannot_vouch_for_the_lowest_share(bundle: Bundle, tmp_path: Path) -> None:
    manifest = bundle.manifest
    assert min(one.false_alarm_rate for one in manifest.ordinary.thresholds["spam"]) == 0.002
    few = write(tmp_path / "few.jsonl", 1_499, 0.0, labelled=False)
    done = ran("model", "calibrate", str(bundle.path), "--plain", str(few))
    assert done.exit_code == 1
    assert "1,499 texts of plain traffic cannot vouch for a share of 0.002" in done.stderr
    assert "at least 1,500" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "there is nothing to calibrate by"),
        (("--prevalence", "0"), "--prevalence of spam is 0; give a share between 0 and 1"),
    ],
)
def test_calibrating_by_nothing_is_wrong_use(bundle: Bundle, arguments: tuple[str, ...], sentence: str) -> None:
    done = ran("model", "calibrate", str(bundle.path), *arguments)
    assert done.exit_code == 2
    assert sentence in done.stderr


def test_a_bundle_of_before_these_members_reads_as_one_without_them(copied_bundle: Path) -> None:
    file = copied_bundle / "manifest.json"
    document = json.loads(file.read_bytes())
    for name in ("thresholds", "recalibration", "logit_maps"):
        del document[name]
    del document["ordinary"]["data"]
    file.write_text(json.dumps(document))
    assert load_bundle(copied_bundle).manifest.thresholds == {}
    assert msgspec.json.encode(load_bundle(copied_bundle).manifest.logit_maps) == b"{}"


@pytest.mark.parametrize("command", ["thresholds", "calibrate"])
def test_files_that_the_bundle_was_trained_on_are_told(
    bundle: Bundle, labelled_file: Path, texts: str, tmp_path: Path, command: str
) -> None:
    out = ("--out", str(tmp_path / "out")) if command == "calibrate" else ()
    seen = ran("model", command, str(bundle.path), "--data", str(labelled_file), *out)
    assert "trained on: tiny.jsonl; figures on texts that the model has seen flatter" in seen.stderr
    assert "trained on" not in ran("model", command, str(bundle.path), "--data", texts).stderr
