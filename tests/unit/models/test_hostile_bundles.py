"""Bundles made or altered by somebody who means harm: refused with a sentence, quickly, and before anything is used."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from sluicegate.models.bundle import BundleError, load_bundle
from sluicegate.models.trust import SIGNATURE
from tests.bundles import make_bundle
from tests.unit.models.altered import FILES, TRUST, change_manifest, put_stated
from tests.unit.models.signing import KEY, OTHER, signed, trusting


def test_a_bundle_that_is_signed_with_a_trusted_key_is_loaded(signed_bundle: Path) -> None:
    assert load_bundle(signed_bundle, trusting(OTHER, KEY)).may_unpickle


@pytest.mark.parametrize("name", ["weights.safetensors", "model.joblib"])
def test_an_altered_artefact_is_refused_though_the_manifest_is_signed(signed_bundle: Path, name: str) -> None:
    raw = bytearray((signed_bundle / name).read_bytes())
    raw[-1] ^= 1
    (signed_bundle / name).write_bytes(raw)
    with pytest.raises(BundleError, match=f"{name} has digest"):
        load_bundle(signed_bundle, TRUST)


def test_an_altered_manifest_is_refused_before_it_is_read(signed_bundle: Path) -> None:
    change_manifest(signed_bundle, lambda document: document.update(surprise=1))
    with pytest.raises(BundleError, match="its signature does not fit"):
        load_bundle(signed_bundle, TRUST)


def test_artefact_and_manifest_that_were_altered_together_are_refused(signed_bundle: Path) -> None:
    put_stated(signed_bundle, "model.joblib", b"other")
    with pytest.raises(BundleError, match="its signature does not fit"):
        load_bundle(signed_bundle, TRUST)


def test_a_bundle_without_a_signature_is_refused(signed_bundle: Path) -> None:
    (signed_bundle / SIGNATURE).unlink()
    with pytest.raises(BundleError, match="it is not signed"):
        load_bundle(signed_bundle, TRUST)


def test_the_valid_signature_of_another_bundle_is_refused(signed_bundle: Path, tmp_path: Path) -> None:
    other = signed(make_bundle(tmp_path / "other", version="2").path)
    shutil.copy(other / SIGNATURE, signed_bundle / SIGNATURE)
    with pytest.raises(BundleError, match="its signature does not fit"):
        load_bundle(signed_bundle, TRUST)


def test_a_signature_by_a_key_that_is_not_trusted_is_refused(signed_bundle: Path) -> None:
    signed(signed_bundle, OTHER)
    with pytest.raises(BundleError, match=f"with the key {OTHER.name}, which is not among the trusted ones"):
        load_bundle(signed_bundle, TRUST)


def test_a_signature_that_only_claims_a_trusted_key_is_refused(signed_bundle: Path) -> None:
    signed(signed_bundle, OTHER)
    claimed = json.loads((signed_bundle / SIGNATURE).read_bytes()) | {"key": KEY.name}
    (signed_bundle / SIGNATURE).write_text(json.dumps(claimed))
    with pytest.raises(BundleError, match="its signature does not fit"):
        load_bundle(signed_bundle, TRUST)


@pytest.mark.parametrize("purpose", ["policy", "opinion"])
def test_a_signature_for_another_purpose_is_refused(signed_bundle: Path, purpose: Any) -> None:
    raw = (signed_bundle / "manifest.json").read_bytes()
    (signed_bundle / SIGNATURE).write_bytes(KEY.sign(purpose, raw))
    with pytest.raises(BundleError, match=f"its signature is that of a {purpose}"):
        load_bundle(signed_bundle, TRUST)
    relabelled = json.loads((signed_bundle / SIGNATURE).read_bytes()) | {"purpose": "bundle"}
    (signed_bundle / SIGNATURE).write_text(json.dumps(relabelled))
    with pytest.raises(BundleError, match="its signature does not fit"):
        load_bundle(signed_bundle, TRUST)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"\xff\x00",
        b"[" * 4_000,
        b'{"format": 2, "algorithm": "ed25519", "purpose": "bundle", "key": "0", "signature": ""}',
        b'{"format": 1, "algorithm": "none", "purpose": "bundle", "key": "0123456789abcdef", "signature": ""}',
        b" " * 5_000,
    ],
)
def test_what_is_no_signature_is_refused(signed_bundle: Path, raw: bytes) -> None:
    (signed_bundle / SIGNATURE).write_bytes(raw)
    with pytest.raises(BundleError, match=r"signature|manifest\.sig"):
        load_bundle(signed_bundle, TRUST)


@pytest.mark.parametrize("value", ["", "AAAA", "no base 64 !", "A" * 88, "é" * 88])
def test_a_signature_of_the_wrong_length_is_refused(signed_bundle: Path, value: str) -> None:
    document = json.loads((signed_bundle / SIGNATURE).read_bytes()) | {"signature": value}
    (signed_bundle / SIGNATURE).write_text(json.dumps(document))
    with pytest.raises(BundleError, match="signature"):
        load_bundle(signed_bundle, TRUST)


@pytest.mark.parametrize(
    "name", ["../weights.safetensors", "/etc/passwd", "a/../../b", "weights.safetensors\0", "..", ".", "manifest.json"]
)
def test_a_file_name_that_leads_elsewhere_is_refused_even_if_signed(signed_bundle: Path, name: str) -> None:
    change_manifest(signed_bundle, lambda document: document["files"].update({name: {"bytes": 1, "sha256": "0" * 64}}))
    (signed_bundle / SIGNATURE).write_bytes(KEY.sign("bundle", (signed_bundle / "manifest.json").read_bytes()))
    with pytest.raises(BundleError, match="that no bundle has"):
        load_bundle(signed_bundle, TRUST)


@pytest.mark.parametrize("name", FILES)
def test_a_symbolic_link_in_the_place_of_a_file_is_not_followed(signed_bundle: Path, tmp_path: Path, name: str) -> None:
    (signed_bundle / name).rename(tmp_path / "outside")
    (signed_bundle / name).symlink_to(tmp_path / "outside")
    with pytest.raises(BundleError, match="symbolic link"):
        load_bundle(signed_bundle, TRUST)


@pytest.mark.parametrize("name", FILES)
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(signed_bundle: Path, name: str) -> None:
    (signed_bundle / name).unlink()
    os.mkfifo(signed_bundle / name)
    with pytest.raises(BundleError, match="no regular file"):
        load_bundle(signed_bundle, TRUST)


@pytest.mark.parametrize("name", FILES)
def test_a_folder_in_the_place_of_a_file_is_refused(signed_bundle: Path, name: str) -> None:
    (signed_bundle / name).unlink()
    (signed_bundle / name).mkdir()
    with pytest.raises(BundleError, match=name):
        load_bundle(signed_bundle, TRUST)


def test_a_file_with_a_hole_of_a_terabyte_is_refused_without_being_read(signed_bundle: Path) -> None:
    for name in FILES:
        size = (signed_bundle / name).stat().st_size
        os.truncate(signed_bundle / name, 2**40)
        with pytest.raises(BundleError, match=name):
            load_bundle(signed_bundle, TRUST)
        os.truncate(signed_bundle / name, size)
    load_bundle(signed_bundle, TRUST)


@pytest.mark.parametrize(
    "raw",
    [b'{"format": 1, "name": ' + b"[" * 10**6, b'{"x": ' + b"[" * 10**5 + b"]" * 10**5 + b"}", b" " * 10**7],
    ids=["open", "nested", "empty"],
)
def test_a_manifest_that_is_large_or_deep_is_refused(signed_bundle: Path, raw: bytes) -> None:
    (signed_bundle / "manifest.json").write_bytes(raw)
    with pytest.raises(BundleError, match="manifest"):
        load_bundle(signed_bundle)


@pytest.mark.parametrize("member", ["name", "version"])
@pytest.mark.parametrize("text", ["a\nb", "a\n", "\x1b[2J", "a\x9bb"])
def test_a_manifest_whose_names_would_begin_a_line_of_the_log_or_steer_a_terminal_is_refused(
    signed_bundle: Path, member: str, text: str
) -> None:
    change_manifest(signed_bundle, lambda manifest: manifest.update({member: text}))
    with pytest.raises(BundleError, match="manifest"):
        load_bundle(signed_bundle)


def tensors(header: bytes, length: int | None = None, body: bytes = b"") -> bytes:
    return (len(header) if length is None else length).to_bytes(8, "little") + header + body


@pytest.mark.parametrize(
    "raw",
    [
        tensors(b"{}", 2**63),
        tensors(b"{}", 2**40),
        tensors(b"{}", 2**20),
        tensors(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}'),
        tensors(b'{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,4]}}', body=bytes(4)),
        tensors(b'{"a":{"dtype":"F32","shape":[65536,65536,65536,65536],"data_offsets":[0,0]}}'),
        tensors(b'{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', body=bytes(4)),
        tensors(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775804,9223372036854775808]}}'),
        tensors(b'{"a":' + b"[" * 10**5),
    ],
)
def test_weights_whose_header_says_absurd_things_are_refused(signed_bundle: Path, raw: bytes) -> None:
    put_stated(signed_bundle, "weights.safetensors", raw)
    with pytest.raises(BundleError, match=r"weights\.safetensors"):
        load_bundle(signed_bundle)
