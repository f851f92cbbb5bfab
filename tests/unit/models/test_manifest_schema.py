"""The schema of the manifest takes every manifest that is written, and nothing that reading refuses by its form."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from sluicegate.models.bundle import Bundle, default_bundle_path
from sluicegate.models.manifest import decode
from sluicegate.models.manifest_schema import manifest_schema_text
from tests.unit.models.imported.test_kinds import imported

VALIDATOR = Draft202012Validator(json.loads(manifest_schema_text()))

Change = Callable[[dict[str, Any]], object]


def manifest_of(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return document


def test_the_schema_is_sound() -> None:
    Draft202012Validator.check_schema(json.loads(manifest_schema_text()))


def test_the_manifest_of_the_default_bundle_is_valid() -> None:
    VALIDATOR.validate(manifest_of(default_bundle_path()))


@pytest.mark.parametrize("kind", ["weighted union", "characters", "named classes", "forest"])
def test_the_manifest_of_an_imported_pipeline_is_valid(kind: str) -> None:
    VALIDATOR.validate(manifest_of(imported(kind).path))


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.pop("harms"),
        lambda document: document.update(harms=[]),
        lambda document: document.update(surprise=1),
        lambda document: document.update(served="magic"),
        lambda document: document["files"]["model.joblib"].update(sha256="0"),
        lambda document: document["files"]["model.joblib"].update(bytes=-1),
        lambda document: document["parity"][0].update(probabilities=[1.5]),
        lambda document: document["features"][0].update(ngram_min=0),
        lambda document: document["features"][0].update(analyzer="sentence"),
        lambda document: document["calibration"]["spam"].update(prevalence=2),
        lambda document: document["metrics"]["spam"].update(auc="high"),
        lambda document: document["sources"][0].pop("licence"),
    ],
)
def test_what_the_schema_refuses_is_not_read(bundle: Bundle, change: Change) -> None:
    document = manifest_of(bundle.path)
    VALIDATOR.validate(document)
    change(document)
    assert not VALIDATOR.is_valid(document)
    with pytest.raises(msgspec.ValidationError):
        decode(json.dumps(document).encode())
