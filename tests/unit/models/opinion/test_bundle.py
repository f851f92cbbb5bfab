"""A second opinion on disk is refused when anything differs from its manifest."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sluicegate.models.opinion.bundle import OpinionBundle, load_opinion
from sluicegate.models.opinion.errors import OpinionError


def restate(path: Path, **changed: object) -> None:
    """Write other members into a manifest."""
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps({**manifest, **changed}))


@pytest.mark.parametrize("name", ["head.safetensors", "encoder.onnx", "tokenizer.json"])
def test_a_changed_file_is_refused(copied_opinion: Path, name: str) -> None:
    raw = bytearray((copied_opinion / name).read_bytes())
    raw[-1] ^= 1
    (copied_opinion / name).write_bytes(raw)
    with pytest.raises(OpinionError, match=f"{name} has digest"):
        load_opinion(copied_opinion)


@pytest.mark.parametrize("name", ["manifest.json", "head.safetensors", "encoder.onnx", "tokenizer.json"])
def test_a_missing_file_is_refused(copied_opinion: Path, name: str) -> None:
    (copied_opinion / name).unlink()
    with pytest.raises(OpinionError, match=f"no readable {name}"):
        load_opinion(copied_opinion)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"format": 2}, "has format 2"),
        ({"kind": "model"}, "is not that of a second opinion"),
        ({"surprise": 1}, "is not that of a second opinion"),
        ({"files": {}}, "contradicts itself"),
        ({"bands": {}}, "contradicts itself"),
        ({"normalisation": "other"}, "folds texts by other"),
        ({"sentence_model": {"attribution": "", "licence": "", "size": 31}}, "is not the one the manifest speaks of"),
    ],
)
def test_a_manifest_of_something_else_is_refused(copied_opinion: Path, changed: dict[str, object], told: str) -> None:
    restate(copied_opinion, **changed)
    with pytest.raises(OpinionError, match=told):
        load_opinion(copied_opinion)


def test_the_manifest_says_what_is_added(opinion: OpinionBundle) -> None:
    assert opinion.manifest.sentence_model.licence == "CC0-1.0"
    assert set(opinion.manifest.metrics) == {"spam", "violence"}
    found = opinion.manifest.metrics["spam"].all
    assert found.first is not None
    assert found.combined is not None
    assert found.positives > 10


def test_a_place_that_is_taken_is_not_overwritten(
    make_opinion: Callable[[Path], OpinionBundle], tmp_path: Path
) -> None:
    with pytest.raises(OpinionError, match="is there already"):
        make_opinion(tmp_path)
