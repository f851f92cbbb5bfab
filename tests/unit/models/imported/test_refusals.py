"""What cannot be imported is refused with one sentence, and leaves nothing behind."""

import io
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn.base
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.pipeline import make_pipeline

from sluicegate.models.bundle import BundleError, load_bundle
from sluicegate.models.imported.importing import ImportPlan, import_bundle
from sluicegate.models.imported.outputs import ImportedPipelineError, wanted_harms
from sluicegate.models.imported.recorded import SignalColumn
from sluicegate.models.labelled import Row
from tests.unit.models.imported.kinds import SPAM, TEXTS, fitted


class Told(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Gives a text what it is told to."""

    def __init__(self, value: float = 0.5, columns: int = 1, rows: int = 0) -> None:
        self.value = value
        self.columns = columns
        self.rows = rows

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return np.full((self.rows or len(texts), self.columns), self.value)


class Relative(Told):
    """Looks at the place of a text among others."""

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return np.linspace(0, 1, len(texts))[:, None]


class Listed(Told):
    """Gives a list of outputs, one of three classes."""

    def predict_proba(self, texts: Sequence[str]) -> Any:
        return [np.full((len(texts), 2), 0.5), np.full((len(texts), 3), 0.3)]


def written(estimator: object) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(estimator, buffer)
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def refused(folder: Path, raw: bytes, harms: str = "spam", **plan: Any) -> str:
    file = folder / "mine.joblib"
    file.write_bytes(raw)
    with pytest.raises((ImportedPipelineError, BundleError)) as caught:
        import_bundle(file, folder / "bundle", ImportPlan("mine", "1", wanted_harms(harms), **plan))
    assert list(folder.iterdir()) == [file]
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("raw", [b"", b"text", b"\x80\x04", b"PK\x03\x04", b"x\x9c\x03", b"(l.", b"\xff" * 100])
def test_what_is_no_joblib_file(folder: Path, raw: bytes) -> None:
    told = refused(folder, raw)
    assert "mine.joblib is no joblib file" in told or "has no predict_proba" in told


def test_a_file_that_is_not_there(folder: Path) -> None:
    with pytest.raises(ImportedPipelineError, match=r"nowhere\.joblib cannot be read \(No such file"):
        import_bundle(folder / "nowhere.joblib", folder / "bundle", ImportPlan("mine", "1", wanted_harms("spam")))


def test_code_that_is_not_installed(folder: Path) -> None:
    assert "needs the module nowhere_at_all" in refused(folder, b"cnowhere_at_all\nThing\n.")
    assert "needs code that is not installed" in refused(folder, b"cos\nno_such_thing\n.")


def test_what_has_no_predict_proba(folder: Path) -> None:
    raw = written(make_pipeline(TfidfVectorizer(), Perceptron()).fit(TEXTS, SPAM))
    assert "Pipeline(TfidfVectorizer, Perceptron), which has no predict_proba" in refused(folder, raw)
    assert "holds dict" in refused(folder, pickle.dumps({"model": 1}))


@pytest.mark.parametrize(
    ("harms", "told"),
    [
        ("", "no name that a policy could use"),
        ("Spam", "no name that a policy could use"),
        ("spam,", "no name that a policy could use"),
        ("1spam", "no name that a policy could use"),
        ("spam, spam", "is named twice"),
        ("s" * 65, "no name that a policy could use"),
    ],
)
def test_names_that_no_harm_may_have(harms: str, told: str) -> None:
    with pytest.raises(ImportedPipelineError, match=told):
        wanted_harms(harms)


@pytest.mark.parametrize(
    ("kind", "harms", "told"),
    [
        ("one against the rest, labels", "spam", "has 2 outputs, and 1 harms are named"),
        ("several outputs", "spam,violence,hate", "has 2 outputs, and 3 harms are named"),
        ("named classes", "spam,hate", r"'hate' is none of the pipeline's classes \(ordinary, spam, violence\)"),
        ("numbered classes", "spam,violence", "'spam' is none of the pipeline's classes"),
        ("named classes", "spam,scam=spam", "two harms are the class 'spam'"),
        ("words, tf-idf", "spam,hate", "is none of the pipeline's classes"),
    ],
)
def test_harms_that_are_not_its_outputs(folder: Path, kind: str, harms: str, told: str) -> None:
    with pytest.raises(ImportedPipelineError, match=told):
        raise ImportedPipelineError(refused(folder, written(fitted(kind)), harms))


@pytest.mark.parametrize("value", [1.5, -0.1, np.nan, np.inf])
def test_what_gives_no_probabilities(folder: Path, value: float) -> None:
    assert "which are no probabilities from 0 to 1" in refused(folder, written(Told(value)))


def test_what_was_fitted_on_one_class_alone(folder: Path) -> None:
    raw = written(make_pipeline(TfidfVectorizer(), DummyClassifier()).fit(TEXTS, [0] * len(TEXTS)))
    assert "it was fitted on one class alone" in refused(folder, raw)


def test_other_forms_of_outputs(folder: Path) -> None:
    assert "gives 3 rows for" in refused(folder, written(Told(rows=3)))
    assert "output 1 of a list of outputs does not have two classes" in refused(folder, written(Listed()), "a,b")


def test_what_looks_at_other_texts(folder: Path) -> None:
    assert "other probabilities beside other texts" in refused(folder, written(Relative()))


def test_what_does_not_take_texts(folder: Path) -> None:
    numbers = LogisticRegression().fit(np.eye(4), [0, 1, 0, 1])
    assert "does not take a list of texts (ValueError:" in refused(folder, written(numbers))
    assert "does not take a list of texts (NotFittedError:" in refused(
        folder, written(make_pipeline(TfidfVectorizer(), LogisticRegression()))
    )


def test_what_does_not_take_absent_signals(folder: Path) -> None:
    raw = written(LogisticRegression().fit(np.eye(4), [0, 1, 0, 1]))
    told = refused(folder, raw, signals=(SignalColumn("reports"),))
    assert "does not take a table of objects with the text and 1 signals" in told
    assert "--signals reports=0" in told


def test_another_version_of_scikit_learn(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sklearn.base, "__version__", "1.2.2")
        raw = written(fitted("words, tf-idf"))
    assert "was written by scikit-learn 1.2.2, installed is" in refused(folder, raw)


def test_more_samples_than_are_scored_at_each_load(folder: Path) -> None:
    told = refused(folder, written(fitted("words, tf-idf")), samples=(Row("a", {}),) * 2_000)
    assert "there are 2,000 samples; give at most" in told


def test_a_place_that_is_taken_is_left_as_it_is_and_a_bundle_gives_way_when_told_so(folder: Path) -> None:
    file, out = folder / "mine.joblib", folder / "bundle"
    file.write_bytes(written(fitted("words, tf-idf")))
    first = import_bundle(file, out, ImportPlan("mine", "1", wanted_harms("spam")))
    with pytest.raises(BundleError, match="is there already"):
        import_bundle(file, out, ImportPlan("mine", "2", wanted_harms("spam")))
    assert load_bundle(out).digest == first.digest
    assert import_bundle(file, out, ImportPlan("mine", "2", wanted_harms("spam"), replace=True)).manifest.version == "2"
    assert sorted(each.name for each in folder.iterdir()) == ["bundle", "mine.joblib"]
