"""Bundles made or altered by somebody who means harm: refused with a sentence, quickly, and before anything is used."""

import hashlib
import io
import json
import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from safetensors.numpy import save

from sluicegate.models.bundle import BundleError, load_bundle
from sluicegate.models.mapped_weights import MappedWeights
from sluicegate.models.store import POINTER, Store, StoreError, bundle_folder
from sluicegate.models.trust import NOTHING_SET, SIGNATURE, Trust
from tests.bundles import make_bundle
from tests.unit.models.imported.test_kinds import imported
from tests.unit.models.signing import KEY, OTHER, signed, trusting

TRUST = trusting(KEY)
FILES = ("manifest.json", "weights.safetensors", "model.joblib", SIGNATURE)


class Executes:
    """Whoever unpickles it makes a file."""

    def __init__(self, made: Path) -> None:
        self.made = made

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, (str(self.made),)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return signed(make_bundle(tmp_path_factory.mktemp("made") / "bundle").path)


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "bundle"))


def change_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    file = folder / "manifest.json"
    document = json.loads(file.read_bytes())
    change(document)
    file.write_text(json.dumps(document))


def put_stated(folder: Path, name: str, raw: bytes) -> None:
    """Put a file in the place of another, and have the manifest state its digest."""
    (folder / name).write_bytes(raw)
    stated = {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    change_manifest(folder, lambda document: document["files"].update({name: stated}))


def test_a_bundle_that_is_signed_with_a_trusted_key_is_loaded(bundle: Path) -> None:
    assert load_bundle(bundle, trusting(OTHER, KEY)).may_unpickle


@pytest.mark.parametrize("name", ["weights.safetensors", "model.joblib"])
def test_an_altered_artefact_is_refused_though_the_manifest_is_signed(bundle: Path, name: str) -> None:
    raw = bytearray((bundle / name).read_bytes())
    raw[-1] ^= 1
    (bundle / name).write_bytes(raw)
    with pytest.raises(BundleError, match=f"{name} has digest"):
        load_bundle(bundle, TRUST)


def test_an_altered_manifest_is_refused_before_it_is_read(bundle: Path) -> None:
    change_manifest(bundle, lambda document: document.update(surprise=1))
    with pytest.raises(BundleError, match="its signature does not fit"):
        load_bundle(bundle, TRUST)


def test_artefact_and_manifest_that_were_altered_together_are_refused(bundle: Path) -> None:
    put_stated(bundle, "model.joblib", b"other")
    with pytest.raises(BundleError, match="its signature does not fit"):
        load_bundle(bundle, TRUST)


def test_a_bundle_without_a_signature_is_refused(bundle: Path) -> None:
    (bundle / SIGNATURE).unlink()
    with pytest.raises(BundleError, match="it is not signed"):
        load_bundle(bundle, TRUST)


def test_the_valid_signature_of_another_bundle_is_refused(bundle: Path, tmp_path: Path) -> None:
    other = signed(make_bundle(tmp_path / "other", version="2").path)
    shutil.copy(other / SIGNATURE, bundle / SIGNATURE)
    with pytest.raises(BundleError, match="its signature does not fit"):
        load_bundle(bundle, TRUST)


def test_a_signature_by_a_key_that_is_not_trusted_is_refused(bundle: Path) -> None:
    signed(bundle, OTHER)
    with pytest.raises(BundleError, match=f"with the key {OTHER.name}, which is not among the trusted ones"):
        load_bundle(bundle, TRUST)


def test_a_signature_that_only_claims_a_trusted_key_is_refused(bundle: Path) -> None:
    signed(bundle, OTHER)
    claimed = json.loads((bundle / SIGNATURE).read_bytes()) | {"key": KEY.name}
    (bundle / SIGNATURE).write_text(json.dumps(claimed))
    with pytest.raises(BundleError, match="its signature does not fit"):
        load_bundle(bundle, TRUST)


@pytest.mark.parametrize("purpose", ["policy", "opinion"])
def test_a_signature_for_another_purpose_is_refused(bundle: Path, purpose: Any) -> None:
    raw = (bundle / "manifest.json").read_bytes()
    (bundle / SIGNATURE).write_bytes(KEY.sign(purpose, raw))
    with pytest.raises(BundleError, match=f"its signature is that of a {purpose}"):
        load_bundle(bundle, TRUST)
    relabelled = json.loads((bundle / SIGNATURE).read_bytes()) | {"purpose": "bundle"}
    (bundle / SIGNATURE).write_text(json.dumps(relabelled))
    with pytest.raises(BundleError, match="its signature does not fit"):
        load_bundle(bundle, TRUST)


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
def test_what_is_no_signature_is_refused(bundle: Path, raw: bytes) -> None:
    (bundle / SIGNATURE).write_bytes(raw)
    with pytest.raises(BundleError, match=r"signature|manifest\.sig"):
        load_bundle(bundle, TRUST)


@pytest.mark.parametrize("value", ["", "AAAA", "no base 64 !", "A" * 88, "é" * 88])
def test_a_signature_of_the_wrong_length_is_refused(bundle: Path, value: str) -> None:
    document = json.loads((bundle / SIGNATURE).read_bytes()) | {"signature": value}
    (bundle / SIGNATURE).write_text(json.dumps(document))
    with pytest.raises(BundleError, match="signature"):
        load_bundle(bundle, TRUST)


@pytest.mark.parametrize(
    "name", ["../weights.safetensors", "/etc/passwd", "a/../../b", "weights.safetensors\0", "..", ".", "manifest.json"]
)
def test_a_file_name_that_leads_elsewhere_is_refused_even_if_signed(bundle: Path, name: str) -> None:
    change_manifest(bundle, lambda document: document["files"].update({name: {"bytes": 1, "sha256": "0" * 64}}))
    (bundle / SIGNATURE).write_bytes(KEY.sign("bundle", (bundle / "manifest.json").read_bytes()))
    with pytest.raises(BundleError, match="that no bundle has"):
        load_bundle(bundle, TRUST)


@pytest.mark.parametrize("name", FILES)
def test_a_symbolic_link_in_the_place_of_a_file_is_not_followed(bundle: Path, tmp_path: Path, name: str) -> None:
    (bundle / name).rename(tmp_path / "outside")
    (bundle / name).symlink_to(tmp_path / "outside")
    with pytest.raises(BundleError, match="symbolic link"):
        load_bundle(bundle, TRUST)


@pytest.mark.parametrize("name", FILES)
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    os.mkfifo(bundle / name)
    with pytest.raises(BundleError, match="no regular file"):
        load_bundle(bundle, TRUST)


@pytest.mark.parametrize("name", FILES)
def test_a_folder_in_the_place_of_a_file_is_refused(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    (bundle / name).mkdir()
    with pytest.raises(BundleError, match=name):
        load_bundle(bundle, TRUST)


def test_a_file_with_a_hole_of_a_terabyte_is_refused_without_being_read(bundle: Path) -> None:
    for name in FILES:
        size = (bundle / name).stat().st_size
        os.truncate(bundle / name, 2**40)
        with pytest.raises(BundleError, match=name):
            load_bundle(bundle, TRUST)
        os.truncate(bundle / name, size)
    load_bundle(bundle, TRUST)


@pytest.mark.parametrize(
    "raw",
    [b'{"format": 1, "name": ' + b"[" * 10**6, b'{"x": ' + b"[" * 10**5 + b"]" * 10**5 + b"}", b" " * 10**7],
    ids=["open", "nested", "empty"],
)
def test_a_manifest_that_is_large_or_deep_is_refused(bundle: Path, raw: bytes) -> None:
    (bundle / "manifest.json").write_bytes(raw)
    with pytest.raises(BundleError, match="manifest"):
        load_bundle(bundle)


@pytest.mark.parametrize("member", ["name", "version"])
@pytest.mark.parametrize("text", ["a\nb", "a\n", "\x1b[2J", "a\x9bb", ""])
def test_a_manifest_whose_names_would_begin_a_line_of_the_log_or_steer_a_terminal_is_refused(
    bundle: Path, member: str, text: str
) -> None:
    change_manifest(bundle, lambda manifest: manifest.update({member: text}))
    with pytest.raises(BundleError, match="manifest"):
        load_bundle(bundle)


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
def test_weights_whose_header_says_absurd_things_are_refused(bundle: Path, raw: bytes) -> None:
    put_stated(bundle, "weights.safetensors", raw)
    with pytest.raises(BundleError, match=r"weights\.safetensors"):
        load_bundle(bundle)


def bomb() -> bytes:
    """Give a file of some 256 KB that becomes 256 MB."""
    packer = zlib.compressobj(9)
    block = bytes(2**20)
    return b"".join([packer.compress(block) for _ in range(256)]) + packer.flush()


def test_an_archive_that_would_become_hundreds_of_megabytes_is_only_hashed(bundle: Path) -> None:
    put_stated(bundle, "model.joblib", bomb())
    signed(bundle)
    loaded = load_bundle(bundle, TRUST)
    assert loaded.scorer().score(["a plain remark"]).shape == (1, 6)


def test_a_pickle_that_executes_is_not_unpickled_by_what_serves_weights(bundle: Path, tmp_path: Path) -> None:
    written = io.BytesIO()
    joblib.dump(Executes(tmp_path / "executed"), written)
    put_stated(bundle, "model.joblib", written.getvalue())
    for trust in (None, NOTHING_SET):
        load_bundle(bundle, trust).scorer().score(["a plain remark"])
    assert not (tmp_path / "executed").exists()
    joblib.load(io.BytesIO(written.getvalue()))
    assert (tmp_path / "executed").exists()


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """Give a bundle that is served as a pipeline, in which a pickle stands that executes; the manifest agrees."""
    folder = Path(shutil.copytree(imported("forest").path, tmp_path / "pipeline"))
    written = io.BytesIO()
    joblib.dump(Executes(tmp_path / "executed"), written)
    put_stated(folder, "model.joblib", written.getvalue())
    return folder


@pytest.mark.parametrize(
    "trust", [NOTHING_SET, TRUST.for_study(), Trust(pinned=frozenset({"sha256:" + "0" * 64})).for_study()]
)
def test_a_pickle_that_nothing_vouches_for_is_not_unpickled(pipeline: Path, tmp_path: Path, trust: Trust) -> None:
    signed(pipeline, OTHER)
    loaded = load_bundle(pipeline, trust)
    with pytest.raises(BundleError, match=f"SLUICEGATE_PINNED_BUNDLES={loaded.digest}"):
        loaded.scorer()
    assert not (tmp_path / "executed").exists()


def test_a_pipeline_is_unpickled_once_it_is_signed_or_its_digest_is_pinned(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(imported("forest").path, tmp_path / "forest"))
    pinned = Trust(pinned=frozenset({imported("forest").digest}))
    assert load_bundle(folder, pinned).scorer().served == "pipeline"
    assert load_bundle(signed(folder), TRUST).scorer().served == "pipeline"
    with pytest.raises(BundleError, match="is not among SLUICEGATE_PINNED_BUNDLES"):
        load_bundle(folder, Trust(TRUST.keys, frozenset({"sha256:" + "0" * 64})))


def test_a_pipeline_that_is_replaced_after_its_digest_was_checked_is_not_unpickled(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(imported("forest").path, tmp_path / "forest"))
    loaded = load_bundle(signed(folder), TRUST)
    size = (folder / "model.joblib").stat().st_size
    written = io.BytesIO()
    joblib.dump(Executes(tmp_path / "executed"), written)
    (folder / "model.joblib").write_bytes(written.getvalue().ljust(size, b"\0"))
    with pytest.raises(BundleError, match=r"model\.joblib has digest"):
        loaded.scorer()
    assert not (tmp_path / "executed").exists()


def test_weights_that_are_written_over_after_they_were_checked_change_nothing_where_trust_is_set(bundle: Path) -> None:
    before = load_bundle(bundle).scorer().score(["a plain remark"])
    loaded = load_bundle(bundle, TRUST)
    with (bundle / "weights.safetensors").open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(1_000)
        file.write(os.urandom(size - 1_000))
    np.testing.assert_array_equal(loaded.scorer().score(["a plain remark"]), before)


def test_weights_that_are_replaced_before_they_are_opened_are_those_that_were_hashed(tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    file.write_bytes(save({"a": np.arange(4.0)}))
    mapped = MappedWeights(file)
    (tmp_path / "other").write_bytes(b"no weights at all")
    (tmp_path / "other").rename(file)
    mapped.open()
    np.testing.assert_array_equal(mapped["a"], np.arange(4.0))


def pointer(store: Path, **current: str) -> None:
    told = {"version": "1", "digest": "sha256:" + "0" * 64, "at": "2026-11-24T12:00:00Z", **current}
    (store / POINTER).write_text(json.dumps({"format": 1, "current": told, "earlier": []}))


@pytest.mark.parametrize("version", ["../outside", "/etc", "..", "", "a/b", "linked"])
def test_a_pointer_that_leads_out_of_its_store_is_refused(made: Path, tmp_path: Path, version: str) -> None:
    (tmp_path / "store").mkdir()
    shutil.copytree(made, tmp_path / "outside")
    (tmp_path / "store" / "linked").symlink_to(tmp_path / "outside")
    pointer(tmp_path / "store", version=version, digest=load_bundle(made).digest)
    with pytest.raises(StoreError, match=r"no version of the store|has no version"):
        bundle_folder(tmp_path / "store")


def test_a_pointer_that_is_a_link_a_pipe_or_endless_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pointer").write_text("{}")

    def endless(place: Path) -> None:
        place.write_bytes(b"")
        os.truncate(place, 2**40)

    for make in (lambda place: place.symlink_to(tmp_path / "pointer"), os.mkfifo, endless):
        store = tmp_path / "store"
        store.mkdir()
        make(store / POINTER)
        with pytest.raises(StoreError, match="its pointer cannot be read"):
            Store(store).pointer()
        shutil.rmtree(store)


def test_what_is_promoted_brings_no_file_along_that_a_link_leads_to(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of whoever promotes")
    (bundle / "evaluation.json").symlink_to(tmp_path / "secret")
    os.mkfifo(bundle / "notes")
    (tmp_path / "store").mkdir()
    store = Store(tmp_path / "store", TRUST)
    version = store.add(load_bundle(bundle, TRUST))
    assert {entry.name for entry in (store.path / version).iterdir()} == set(FILES)


def test_a_version_that_is_not_signed_is_neither_promoted_nor_served(made: Path, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    store = Store(tmp_path / "store", TRUST)
    first = store.add(load_bundle(made, TRUST))
    store.promote(first, "2026-11-24T12:00:00Z")
    unsigned = make_bundle(tmp_path / "unsigned", version="2")
    with pytest.raises(BundleError, match="it is not signed"):
        store.promote(store.add(unsigned), "2026-11-24T12:00:00Z")
    assert store.pointer().current.version == first
    signed(unsigned.path)
    # Its files are there already; the signature that it has now takes their place.
    assert store.promote(store.add(unsigned), "2026-11-24T12:00:00Z").current.version != first
