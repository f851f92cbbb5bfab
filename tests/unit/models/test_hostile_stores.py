"""Stores of bundles in which somebody put what does not belong there."""

import json
import os
import shutil
from pathlib import Path

import pytest

from sluicegate.models.bundle import BundleError, load_bundle
from sluicegate.models.store import POINTER, Store, StoreError, bundle_folder
from tests.bundles import make_bundle
from tests.unit.models.altered import FILES, TRUST
from tests.unit.models.signing import signed


def pointer(store: Path, **current: str) -> None:
    told = {"version": "1", "digest": "sha256:" + "0" * 64, "at": "2026-11-24T12:00:00Z", **current}
    (store / POINTER).write_text(json.dumps({"format": 1, "current": told, "earlier": []}))


@pytest.mark.parametrize("version", ["../outside", "/etc", "..", "", "a/b", "linked"])
def test_a_pointer_that_leads_out_of_its_store_is_refused(signed_once: Path, tmp_path: Path, version: str) -> None:
    (tmp_path / "store").mkdir()
    shutil.copytree(signed_once, tmp_path / "outside")
    (tmp_path / "store" / "linked").symlink_to(tmp_path / "outside")
    pointer(tmp_path / "store", version=version, digest=load_bundle(signed_once).digest)
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


def test_what_is_promoted_brings_no_file_along_that_a_link_leads_to(signed_bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of whoever promotes")
    (signed_bundle / "evaluation.json").symlink_to(tmp_path / "secret")
    os.mkfifo(signed_bundle / "notes")
    (tmp_path / "store").mkdir()
    store = Store(tmp_path / "store", TRUST)
    version = store.add(load_bundle(signed_bundle, TRUST))
    assert {entry.name for entry in (store.path / version).iterdir()} == set(FILES)


def test_a_version_that_is_not_signed_is_neither_promoted_nor_served(signed_once: Path, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    store = Store(tmp_path / "store", TRUST)
    first = store.add(load_bundle(signed_once, TRUST))
    store.promote(first, "2026-11-24T12:00:00Z")
    unsigned = make_bundle(tmp_path / "unsigned", version="2")
    with pytest.raises(BundleError, match="it is not signed"):
        store.promote(store.add(unsigned), "2026-11-24T12:00:00Z")
    assert store.pointer().current.version == first
    signed(unsigned.path)
    # Its files are there already; the signature that it has now takes their place.
    assert store.promote(store.add(unsigned), "2026-11-24T12:00:00Z").current.version != first
