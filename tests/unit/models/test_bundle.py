"""Bundles are whole or refused, and the sentence says what differs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sluicegate.models.bundle import Bundle, BundleError, load_bundle
from sluicegate.models.parity import check_parity
from sluicegate.models.samples import TOLERANCE

Manifest = dict[str, Any]


def change_manifest(path: Path, change: Callable[[Manifest], object]) -> None:
    file = path / "manifest.json"
    document = json.loads(file.read_bytes())
    change(document)
    file.write_text(json.dumps(document))


@pytest.mark.parametrize("name", ["weights.safetensors", "model.joblib"])
def test_a_changed_byte_in_a_file_is_refused(copied_bundle: Path, name: str) -> None:
    raw = bytearray((copied_bundle / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (copied_bundle / name).write_bytes(raw)
    with pytest.raises(BundleError, match=f"{name} has digest"):
        load_bundle(copied_bundle)


@pytest.mark.parametrize("name", ["weights.safetensors", "model.joblib"])
def test_a_shortened_file_is_refused_by_its_size(copied_bundle: Path, name: str) -> None:
    raw = (copied_bundle / name).read_bytes()
    (copied_bundle / name).write_bytes(raw[:-1])
    with pytest.raises(BundleError, match=f"{name} has {len(raw) - 1} bytes"):
        load_bundle(copied_bundle)


@pytest.mark.parametrize("name", ["manifest.json", "weights.safetensors", "model.joblib"])
def test_a_missing_file_is_named(copied_bundle: Path, name: str) -> None:
    (copied_bundle / name).unlink()
    with pytest.raises(BundleError, match=f"no readable {name}"):
        load_bundle(copied_bundle)


def test_a_changed_manifest_has_another_digest(copied_bundle: Path, bundle: Bundle) -> None:
    change_manifest(copied_bundle, lambda document: document.update(version="4"))
    assert load_bundle(copied_bundle).digest != bundle.digest


def test_another_format_is_refused_before_anything_else_is_read(copied_bundle: Path) -> None:
    (copied_bundle / "weights.safetensors").unlink()
    change_manifest(copied_bundle, lambda document: document.update(format=2, later="member"))
    with pytest.raises(BundleError, match="format 2, this version reads 1"):
        load_bundle(copied_bundle)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff\xfe", b'{"format": 1}'])
def test_what_is_no_manifest_is_refused(copied_bundle: Path, raw: bytes) -> None:
    (copied_bundle / "manifest.json").write_bytes(raw)
    with pytest.raises(BundleError, match="manifest"):
        load_bundle(copied_bundle)


def test_an_unknown_member_of_the_manifest_is_refused(copied_bundle: Path) -> None:
    change_manifest(copied_bundle, lambda document: document.update(surprise=1))
    with pytest.raises(BundleError, match="surprise"):
        load_bundle(copied_bundle)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "sub/weights.safetensors", "other.bin"])
def test_a_file_name_that_leads_elsewhere_is_refused(copied_bundle: Path, name: str) -> None:
    change_manifest(copied_bundle, lambda document: document["files"].update({name: {"bytes": 1, "sha256": "0" * 64}}))
    with pytest.raises(BundleError, match="that no bundle has"):
        load_bundle(copied_bundle)


def test_another_minor_version_of_scikit_learn_is_refused(copied_bundle: Path) -> None:
    change_manifest(copied_bundle, lambda document: document["libraries"].update({"scikit-learn": "0.1.0"}))
    with pytest.raises(BundleError, match=r"scikit-learn 0\.1\.0, installed is"):
        load_bundle(copied_bundle)


def test_another_folding_of_texts_is_refused(copied_bundle: Path) -> None:
    change_manifest(copied_bundle, lambda document: document.update(normalisation="other-1"))
    with pytest.raises(BundleError, match="folds texts by other-1"):
        load_bundle(copied_bundle)


def test_tensors_that_the_manifest_does_not_describe_are_refused(copied_bundle: Path) -> None:
    change_manifest(copied_bundle, lambda document: document["features"][0].update(size=1 << 10))
    with pytest.raises(BundleError, match="not those the manifest speaks of"):
        load_bundle(copied_bundle)


def test_weights_and_pipeline_give_the_same_probabilities(bundle: Bundle) -> None:
    assert check_parity(bundle) <= TOLERANCE


def test_a_pipeline_replaced_after_loading_is_not_unpickled(copied_bundle: Path) -> None:
    loaded = load_bundle(copied_bundle)
    (copied_bundle / "model.joblib").write_bytes(b"not what was checked")
    with pytest.raises(BundleError, match=r"model\.joblib has"):
        check_parity(loaded)


def test_stated_samples_that_differ_are_refused(copied_bundle: Path) -> None:
    change_manifest(copied_bundle, lambda document: document["parity"][3].update(probabilities=[0.5, 0.5]))
    with pytest.raises(BundleError, match="differ by"):
        check_parity(load_bundle(copied_bundle))


def test_a_bundle_without_samples_is_not_called_whole(copied_bundle: Path) -> None:
    change_manifest(copied_bundle, lambda document: document.update(parity=[]))
    with pytest.raises(BundleError, match="states no samples"):
        check_parity(load_bundle(copied_bundle))
