"""``sluicegate model import`` as a user meets it, to the decisions that the bundle leads to."""

import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from typer.testing import CliRunner

from sluicegate.cli.app import app
from tests.commands import ran
from tests.unit.models.imported.kinds import SPAM, TEXTS, fitted

POLICY = """
version: 1
name: forum
harms:
  spam: {severity: 0.5, minutes: 0.5}
missed: 0.1
false_alarm: {rate: 0.03, fixed: 40, per_view: 0.3}
class_bounds: [600, 150]
views:
  ages: [0, 24]
  rates: [0, 100]
  left: [[60, 500], [5, 900]]
  unknown_rate: [100, 20]
queues:
  general: {languages: any, goal_minutes: 240, planned_minutes_per_hour: 60}
rules:
  - name: spam
    when: scores.spam >= 0.5
    then: review
    queue: general
default: allow
"""
CLICK, LUNCH = "Buy cheap soup now, click the link, FREE offer at the park", "See you at the park, bring bread"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.yaml").write_text(POLICY)
    return tmp_path


def decided(bundle: str, *events: dict[str, Any], explain: bool = False) -> list[dict[str, Any]]:
    Path("events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    arguments = ["score", "events.jsonl", "--bundle", bundle, "--policy", "policy.yaml"]
    result = CliRunner().invoke(app, [*arguments, *(["--explain"] if explain else [])])
    assert result.exit_code == 0, result.output
    return [json.loads(line)["data"] for line in result.stdout.splitlines()]


def seen_by(signals: dict[str, float], text: str = LUNCH) -> dict[str, Any]:
    return {"text": text, "signals": signals}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("weighted union", "served from weights; pipeline and weights agree on 24 texts"),
        ("forest", "served as a pipeline, slower, and unpickled by every worker: RandomForestClassifier is not among"),
    ],
)
def test_a_pipeline_becomes_a_bundle_that_decides(
    folder: Path, kind: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    joblib.dump(fitted(kind), "mine.joblib")
    made = ran("model", "import", "mine.joblib", "--name", "mine", "--harms", "spam", "--licence", "MIT")
    assert made.exit_code == 0
    assert made.stdout.startswith("mine sha256:")
    assert "spam is class 1 of Pipeline(" in made.stderr
    assert told in made.stderr
    monkeypatch.setenv("SLUICEGATE_PINNED_BUNDLES", made.stdout.split()[1])
    assert "agree to" in ran("model", "verify", "mine").stdout
    shown = ran("model", "inspect", "mine").stdout
    assert "Imported pipeline" in shown
    assert "MIT" in shown
    spam, lunch = decided("mine", {"text": CLICK}, {"text": LUNCH}, explain=True)
    assert (spam["outcome"], lunch["outcome"]) == ("review", "allow")
    assert spam["model"] | {"digest": ""} == {"name": "mine", "version": "1", "digest": ""}
    reasons = {CLICK[part["start"] : part["end"]] for part in spam["why"]}
    assert reasons == (set() if kind == "forest" else {"click", "link", "offer"})


def test_samples_and_signals_are_named_on_the_command_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.empty((len(TEXTS), 3), dtype=object)
    table[:, 0], table[:, 1], table[:, 2] = TEXTS, [9.0, 0.0, 0.0] * 40, [1.0, 500.0, 600.0] * 40
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    columns = ColumnTransformer([("text", TfidfVectorizer(vocabulary=["rain"]), 0), ("numbers", numbers, [1, 2])])
    joblib.dump(make_pipeline(columns, RandomForestClassifier(20, random_state=1)).fit(table, SPAM), "mine.joblib")
    Path("samples.jsonl").write_text(json.dumps({"text": "sample", "signals": {"reports": 2, "age": 7}}) + "\n")
    made = ran(
        *("model", "import", "mine.joblib", "--name", "mine", "--harms", "spam"),
        *("--signals", "reports=0,age", "--samples", "samples.jsonl"),
    )
    assert made.exit_code == 0, made.stderr
    parity = json.loads(Path("mine/manifest.json").read_bytes())["parity"]
    assert parity[-1]["text"] == "sample"
    assert parity[-1]["signals"] == {"reports": 2, "age": 7}
    monkeypatch.setenv("SLUICEGATE_PINNED_BUNDLES", made.stdout.split()[1])
    assert ran("model", "verify", "mine").exit_code == 0
    events = [seen_by({"reports": 9, "age": 1}), seen_by({"reports": 0, "age": 700}), {"text": LUNCH}]
    outcomes = [each["outcome"] for each in decided("mine", *events)]
    assert outcomes[:2] == ["review", "allow"]


def test_a_table_with_no_absent_values_needs_numbers_for_them(folder: Path) -> None:
    table = np.empty((len(TEXTS), 2), dtype=object)
    table[:, 0], table[:, 1] = TEXTS, [9.0, 0.0, 0.0] * 40
    columns = ColumnTransformer([("text", TfidfVectorizer(), 0), ("numbers", StandardScaler(), [1])])
    joblib.dump(make_pipeline(columns, LogisticRegression()).fit(table, SPAM), "mine.joblib")
    arguments = ("model", "import", "mine.joblib", "--name", "mine", "--harms", "spam", "--signals")
    refused = ran(*arguments, "reports")
    assert refused.exit_code == 1
    assert "as in --signals reports=0" in refused.stderr
    assert not Path("mine").exists()
    assert ran(*arguments, "reports=0").exit_code == 0
    reported, plain = decided("mine", seen_by({"reports": 9}), {"text": LUNCH})
    assert reported["scores"]["spam"] > 0.5 > plain["scores"]["spam"]


def test_the_policy_is_explained_with_the_signals_of_the_event(folder: Path) -> None:
    table = np.empty((len(TEXTS), 2), dtype=object)
    table[:, 0], table[:, 1] = TEXTS, [9.0, 0.0, 0.0] * 40
    columns = ColumnTransformer([("text", TfidfVectorizer(max_features=3), 0), ("numbers", StandardScaler(), [1])])
    joblib.dump(make_pipeline(columns, LogisticRegression()).fit(table, SPAM), "mine.joblib")
    ran("model", "import", "mine.joblib", "--name", "mine", "--harms", "spam", "--signals", "reports=0")
    for reports, outcome in ((9, "review"), (0, "allow")):
        Path("event.json").write_text(json.dumps(seen_by({"reports": reports})))
        told = ran("policy", "explain", "event.json", "--policy", "policy.yaml", "--bundle", "mine")
        assert told.stdout.startswith(outcome), told.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--harms", "Spam"), 2, "--harms: harm 'Spam' is no name that a policy could use"),
        (("--harms", "spam,hate"), 1, "harm 'hate' is none of the pipeline's classes"),
        (("--harms", "spam", "--name", "a/b"), 2, "say where the bundle is to be with --out"),
        (("--harms", "spam", "--signals", "a=x"), 2, "'a=x' is not as in a=0"),
        (("--harms", "spam", "--signals", "a,,b"), 2, "'' is no name"),
        (("--harms", "spam", "--signals", "a,a"), 2, "is named twice"),
        (("--harms", "spam", "--samples", "bad.jsonl"), 1, "bad.jsonl:2: "),
        (("--harms", "spam", "--out", "policy.yaml"), 1, "policy.yaml is there already"),
    ],
)
def test_wrong_use_is_told_in_one_sentence(folder: Path, arguments: tuple[str, ...], code: int, told: str) -> None:
    joblib.dump(fitted("named classes"), "mine.joblib")
    Path("bad.jsonl").write_text('{"text": "good"}\n{"text": 7}\n')
    before = sorted(folder.iterdir())
    result = ran("model", "import", "mine.joblib", "--name", "mine", *arguments)
    assert result.exit_code == code
    assert told in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert sorted(folder.iterdir()) == before


def test_the_help_asks_for_consent() -> None:
    told = " ".join(ran("model", "import", "--help").stdout.split())
    assert "a pickle can execute any code" in told
    assert "consent" in told
