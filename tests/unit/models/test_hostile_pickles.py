"""Pickles and weights that were put in the place of others: nothing is unpickled, or used, that nobody vouches for."""

import io
import os
import shutil
import zlib
from pathlib import Path

import joblib
import numpy as np
import pytest
from safetensors.numpy import save

from sluicegate.models.bundle import BundleError, load_bundle
from sluicegate.models.mapped_weights import MappedWeights
from sluicegate.models.trust import NOTHING_SET, Trust
from tests.unit.models.altered import TRUST, Executes, put_stated
from tests.unit.models.imported.test_kinds import imported
from tests.unit.models.signing import OTHER, signed


def bomb() -> bytes:
    """Give a file of some 256 KB that becomes 256 MB."""
    packer = zlib.compressobj(9)
    block = bytes(2**20)
    return b"".join([packer.compress(block) for _ in range(256)]) + packer.flush()


def test_an_archive_that_would_become_hundreds_of_megabytes_is_only_hashed(signed_bundle: Path) -> None:
    put_stated(signed_bundle, "model.joblib", bomb())
    signed(signed_bundle)
    loaded = load_bundle(signed_bundle, TRUST)
    assert loaded.scorer().score(["a plain remark"]).shape == (1, 6)


def test_a_pickle_that_executes_is_not_unpickled_by_what_serves_weights(signed_bundle: Path, tmp_path: Path) -> None:
    written = io.BytesIO()
    joblib.dump(Executes(tmp_path / "executed"), written)
    put_stated(signed_bundle, "model.joblib", written.getvalue())
    for trust in (None, NOTHING_SET):
        load_bundle(signed_bundle, trust).scorer().score(["a plain remark"])
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


def test_weights_that_are_written_over_after_they_were_checked_change_nothing_where_trust_is_set(
    signed_bundle: Path,
) -> None:
    before = load_bundle(signed_bundle).scorer().score(["a plain remark"])
    loaded = load_bundle(signed_bundle, TRUST)
    with (signed_bundle / "weights.safetensors").open("r+b") as file:
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
