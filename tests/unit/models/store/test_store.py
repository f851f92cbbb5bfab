"""A store on disk: what is promoted is whole and stated, and whoever reads the pointer finds one or the other."""

import json
import shutil
import threading
from pathlib import Path

import pytest

from sluicegate.models.bundle import Bundle, BundleError, load_bundle
from sluicegate.models.store import POINTER, Store, StoreError, bundle_folder, is_store
from tests.bundles import make_bundle

AT = "2026-11-24T12:00:00Z"


@pytest.fixture
def one(tmp_path: Path) -> Bundle:
    return make_bundle(tmp_path / "one", "1", seed=1)


@pytest.fixture
def two(tmp_path: Path) -> Bundle:
    return make_bundle(tmp_path / "two", "2", seed=2)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "store").mkdir()
    return Store(tmp_path / "store")


def damage(folder: Path) -> None:
    weights = folder / "weights.safetensors"
    raw = bytearray(weights.read_bytes())
    raw[-1] ^= 1
    weights.write_bytes(raw)


def test_a_promoted_bundle_is_copied_whole_and_found_through_the_pointer(store: Store, one: Bundle) -> None:
    (one.path / "evaluation.json").write_text("{}")
    assert bundle_folder(one.path) == one.path
    version = store.add(one)
    assert not is_store(store.path)
    store.promote(version, AT)
    assert is_store(store.path)
    folder = bundle_folder(store.path)
    assert load_bundle(folder).digest == one.digest
    assert (folder / "evaluation.json").read_text() == "{}"
    assert {path.name for path in store.path.iterdir()} == {version, POINTER, ".lock"}


def test_a_rollback_goes_back_to_what_was_promoted_before(store: Store, one: Bundle, two: Bundle) -> None:
    for bundle in (one, two):
        store.promote(store.add(bundle), AT)
    assert store.load(store.pointer().current).digest == two.digest
    assert store.roll_back(AT).current.digest == one.digest
    assert store.load(store.pointer().current).digest == one.digest
    with pytest.raises(StoreError, match="nothing to roll back to"):
        store.roll_back(AT)


def test_a_damaged_bundle_is_not_promoted_and_the_pointer_stays(store: Store, one: Bundle, two: Bundle) -> None:
    store.promote(store.add(one), AT)
    version, before = store.add(two), store.read()
    damage(store.path / version)
    with pytest.raises(BundleError, match="has digest"):
        store.promote(version, AT)
    assert store.read() == before


def test_a_bundle_that_does_not_give_what_it_states_is_not_promoted(store: Store, one: Bundle) -> None:
    manifest = one.path / "manifest.json"
    document = json.loads(manifest.read_text())
    document["parity"][3]["probabilities"][0] += 2e-6
    manifest.write_text(json.dumps(document))
    altered = load_bundle(one.path)
    with pytest.raises(BundleError, match="gives other probabilities than its manifest states"):
        store.add(altered)
    assert store.versions() == []
    shutil.copytree(one.path, store.path / "by-hand")
    with pytest.raises(BundleError, match="gives other probabilities than its manifest states"):
        store.promote("by-hand", AT)
    assert not is_store(store.path)


def test_a_version_altered_after_its_promotion_is_refused_though_it_is_whole(
    store: Store, one: Bundle, two: Bundle, tmp_path: Path
) -> None:
    version = store.add(one)
    store.promote(version, AT)
    shutil.rmtree(store.path / version)
    shutil.copytree(two.path, store.path / version)
    with pytest.raises(StoreError, match="altered after it was promoted"):
        store.load(store.pointer().current)


def test_a_rollback_to_a_damaged_version_is_refused_and_the_pointer_stays(
    store: Store, one: Bundle, two: Bundle
) -> None:
    for bundle in (one, two):
        store.promote(store.add(bundle), AT)
    damage(store.path / store.pointer().earlier[0].version)
    before = store.read()
    with pytest.raises(StoreError, match="cannot go back to 1-"):
        store.roll_back(AT)
    assert store.read() == before


def test_promoting_the_original_again_mends_a_damaged_copy(store: Store, one: Bundle) -> None:
    version = store.add(one)
    damage(store.path / version)
    assert store.add(one) == version
    assert load_bundle(store.path / version).digest == one.digest


def test_a_broken_pointer_is_mended_by_a_promotion(store: Store, one: Bundle) -> None:
    (store.path / POINTER).write_text("1-whatever")
    with pytest.raises(StoreError, match="is not a pointer"):
        store.pointer()
    store.promote(store.add(one), AT)
    assert store.pointer().current.digest == one.digest


def test_a_version_is_found_by_its_name_or_by_what_its_manifest_states(
    store: Store, one: Bundle, two: Bundle, tmp_path: Path
) -> None:
    names = {store.add(bundle) for bundle in (one, two)}
    assert {store.find("1"), store.find("2")} == names
    assert {store.find(name) for name in names} == names
    store.add(make_bundle(tmp_path / "twin", "2", seed=3))
    with pytest.raises(StoreError, match="has 2 versions '2': name one of"):
        store.find("2")
    with pytest.raises(StoreError, match="no version '7'; there are 1-"):
        store.find("7")


def test_two_bundles_of_one_version_do_not_take_each_others_place(store: Store, one: Bundle, tmp_path: Path) -> None:
    twin = make_bundle(tmp_path / "twin", "1", seed=9)
    versions = [store.add(bundle) for bundle in (one, twin)]
    assert len({*versions}) == 2
    assert [load_bundle(store.path / version).digest for version in versions] == [one.digest, twin.digest]


@pytest.mark.parametrize("name", ["..", "../one", "link", "/", ".lock", "current"])
def test_nothing_outside_the_store_is_a_version(store: Store, one: Bundle, name: str) -> None:
    (store.path / "link").symlink_to(one.path)
    with pytest.raises(StoreError, match="has no version"):
        store.folder(name)
    with pytest.raises(StoreError):
        store.promote(name, AT)


def test_a_version_name_made_of_a_hostile_manifest_stays_in_the_store(store: Store, tmp_path: Path) -> None:
    for number, version in enumerate(("../../x", "", "..", "a/b", "\u2603", "v" * 500)):
        made = store.add(make_bundle(tmp_path / f"hostile-{number}", version, seed=number))
        assert store.folder(made).resolve().parent == store.path.resolve()


def test_what_is_no_store_is_refused(tmp_path: Path, one: Bundle) -> None:
    with pytest.raises(StoreError, match="there is no folder"):
        Store(tmp_path / "missing")
    with pytest.raises(StoreError, match="is a bundle and no store"):
        Store(one.path)
    with pytest.raises(StoreError, match="nothing was promoted in it yet"):
        Store(tmp_path).pointer()


def test_a_reader_sees_one_whole_pointer_or_the_other_while_they_change(store: Store, one: Bundle, two: Bundle) -> None:
    versions = [store.add(bundle) for bundle in (one, two)]
    store.promote(versions[0], AT)
    seen, done = set(), threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(store.pointer().current.version)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(30):
            store.promote(versions[number % 2], AT)
    finally:
        done.set()
        reader.join()
    assert seen == set(versions)


def test_no_promotion_is_lost_when_many_come_at_once(store: Store, tmp_path: Path) -> None:
    versions = [store.add(make_bundle(tmp_path / f"made-{number}", str(number), seed=number)) for number in range(8)]
    threads = [threading.Thread(target=store.promote, args=(version, AT)) for version in versions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pointer = store.pointer()
    assert sorted(each.version for each in (pointer.current, *pointer.earlier)) == sorted(versions)
