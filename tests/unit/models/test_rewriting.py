"""A bundle with another manifest is whole at any moment, and its other files are the same bytes."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from sluicegate.models.bundle import PIPELINE, WEIGHTS, Bundle, BundleError, load_bundle
from sluicegate.models.rewriting import rewrite_manifest

ENDED_AT_EACH_STEP = """
import os, pathlib, sys
import msgspec
from sluicegate.models.bundle import load_bundle
from sluicegate.models.rewriting import rewrite_manifest

bundle = load_bundle(pathlib.Path(sys.argv[1]))
changed = msgspec.structs.replace(bundle.manifest, version="changed")
STEPS = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.scandir"}

def ends_at(step):
    child = os.fork()
    if child == 0:
        left = [step]
        def hook(event, arguments):
            if event in STEPS:
                left[0] -= 1
                if left[0] < 0:
                    os._exit(9)
        sys.addaudithook(hook)
        rewrite_manifest(bundle, changed, None)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

step = 0
while ends_at(step) == 9:
    print(load_bundle(bundle.path).manifest.version, flush=True)
    step += 1
"""


def test_only_the_manifest_differs(bundle: Bundle, tmp_path: Path) -> None:
    manifest = msgspec.structs.replace(bundle.manifest, version="4")
    made = rewrite_manifest(bundle, manifest, tmp_path / "made")
    assert made.manifest == manifest
    assert made.digest != bundle.digest
    for name in (WEIGHTS, PIPELINE):
        assert (made.path / name).read_bytes() == (bundle.path / name).read_bytes()
    assert load_bundle(bundle.path).digest == bundle.digest


def test_a_bundle_is_replaced_where_it_stands_and_nothing_is_left_beside_it(copied_bundle: Path) -> None:
    old = load_bundle(copied_bundle)
    made = rewrite_manifest(old, msgspec.structs.replace(old.manifest, version="4"), None)
    assert made.path == copied_bundle
    assert load_bundle(copied_bundle).manifest.version == "4"
    assert [path.name for path in copied_bundle.parent.iterdir()] == [copied_bundle.name]


def test_a_process_that_is_ended_at_any_step_leaves_the_old_bundle_or_the_new_one(copied_bundle: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDED_AT_EACH_STEP, str(copied_bundle)], capture_output=True, text=True, check=True
    )
    versions = done.stdout.split()
    assert len(versions) > 10
    assert set(versions) == {"3", "changed"}
    assert load_bundle(copied_bundle).manifest.version == "changed"


def test_a_place_that_is_taken_is_refused(bundle: Bundle, copied_bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is there already"):
        rewrite_manifest(bundle, bundle.manifest, copied_bundle)
    (tmp_path / "folder").mkdir()
    with pytest.raises(BundleError, match="is there already"):
        rewrite_manifest(bundle, bundle.manifest, tmp_path / "folder", replace=True)


def test_a_file_that_changed_since_it_was_read_is_refused(copied_bundle: Path, tmp_path: Path) -> None:
    old = load_bundle(copied_bundle)
    (copied_bundle / WEIGHTS).write_bytes(b"other")
    with pytest.raises(BundleError, match="has 5 bytes"):
        rewrite_manifest(old, old.manifest, tmp_path / "made")
    assert not (tmp_path / "made").exists()
