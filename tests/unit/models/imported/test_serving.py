"""What is served of an imported bundle: what its manifest states, and nothing unpickled before that is known."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import joblib
import numpy as np
import pytest

from sluicegate.models.bundle import BundleError, load_bundle
from sluicegate.models.imported.importing import ImportPlan, import_bundle
from sluicegate.models.imported.outputs import wanted_harms
from sluicegate.models.labelled import Row
from tests.unit.models.imported.kinds import fitted
from tests.unit.models.imported.test_kinds import imported
from tests.unit.models.imported.test_refusals import Told


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[str], Path]:
    def copy(kind: str) -> Path:
        copytree(imported(kind).path, tmp_path / "copied")
        return tmp_path / "copied"

    return copy


def change(path: Path, **members: Any) -> None:
    file = path / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_bytes()), **members}))


def test_a_pipeline_that_was_put_in_the_place_of_another_is_not_unpickled(copied: Callable[[str], Path]) -> None:
    path = copied("forest")
    loaded = load_bundle(path)
    # Whoever unpickled this would end the process.
    (path / "model.joblib").write_bytes(b"cos\n_exit\n(I3\ntR.")
    with pytest.raises(BundleError, match=r"model\.joblib has"):
        loaded.scorer()
    with pytest.raises(BundleError, match=r"model\.joblib has"):
        load_bundle(path)


def test_weights_are_served_without_the_pipeline(copied: Callable[[str], Path]) -> None:
    path = copied("weighted union")
    document = json.loads((path / "manifest.json").read_bytes())
    (path / "model.joblib").unlink()
    del document["files"]["model.joblib"]
    (path / "manifest.json").write_text(json.dumps(document))
    assert load_bundle(path).scorer().score(["Click the link"]).shape == (1, 1)


@pytest.mark.parametrize("kind", ["characters", "forest"])
def test_samples_that_come_out_otherwise_are_refused_at_load(copied: Callable[[str], Path], kind: str) -> None:
    path = copied(kind)
    parity = json.loads((path / "manifest.json").read_bytes())["parity"]
    parity[3]["probabilities"] = [0.123]
    change(path, parity=parity)
    with pytest.raises(BundleError, match="the parity samples come out"):
        load_bundle(path).scorer()


def test_a_bundle_that_names_no_file_to_serve_is_refused(copied: Callable[[str], Path]) -> None:
    path = copied("characters")
    change(path, files={})
    with pytest.raises(BundleError, match=r"does not name weights\.safetensors"):
        load_bundle(path)
    change(path, served="pipeline")
    with pytest.raises(BundleError, match=r"does not name model\.joblib"):
        load_bundle(path)


def test_tensors_of_another_shape_are_refused(copied: Callable[[str], Path]) -> None:
    path = copied("characters")
    told = json.loads((path / "manifest.json").read_bytes())["imported"]
    told["blocks"][0]["size"] += 1
    change(path, imported=told)
    with pytest.raises(BundleError, match="not those the manifest speaks of"):
        load_bundle(path)


def test_samples_of_ones_own_stand_in_the_manifest_and_are_held_to(tmp_path: Path) -> None:
    joblib.dump(fitted("words, tf-idf"), tmp_path / "mine.joblib")
    plan = ImportPlan("mine", "1", wanted_harms("spam"), (Row("Click my link", {}),), licence="MIT", attribution="us")
    made = import_bundle(tmp_path / "mine.joblib", tmp_path / "bundle", plan)
    assert made.manifest.parity[-1].text == "Click my link"
    assert made.manifest.imported is not None
    assert (made.manifest.imported.licence, made.manifest.imported.attribution) == ("MIT", "us")
    assert made.manifest.imported.samples == len(made.manifest.parity)


def test_a_text_that_gets_no_probability_is_told_from_those_that_do(tmp_path: Path) -> None:
    class Moody(Told):
        def predict_proba(self, texts: Any) -> Any:
            return np.array([[np.nan if "moody" in text else 2.0 if "wild" in text else 0.5] for text in texts])

    from sluicegate.models.imported.pipeline_scorer import PipelineScorer

    told = imported("forest").manifest.imported
    assert told is not None
    outputs = {"spam": type(told.outputs["spam"])(0, "output 0")}
    scorer = PipelineScorer(
        "m", "1", "sha256:0", ("spam",), type(told)(**{**_members(told), "outputs": outputs}), Moody()
    )
    np.testing.assert_array_equal(scorer.score(["fine", "moody", "wild"]), [[0.5], [np.nan], [np.nan]])


def _members(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}
