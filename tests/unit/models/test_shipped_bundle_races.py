"""What ships with the code may be unpickled without keys, and nothing else under its name."""

import io
import shutil
from pathlib import Path

import joblib
import pytest

from sluicegate.models import bundle as bundles
from sluicegate.models.bundle import BundleError, load_bundle
from sluicegate.models.bundle_files import read_file
from sluicegate.models.manifest import Manifest
from sluicegate.models.manifest_file import parse_manifest
from sluicegate.models.trust import NOTHING_SET
from tests.unit.models.altered import Executes, put_stated
from tests.unit.models.imported.test_kinds import imported


def test_a_link_that_leads_to_the_shipped_bundle_while_it_is_looked_at_lets_no_other_be_unpickled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path(shutil.copytree(imported("forest").path, tmp_path / "other"))
    written = io.BytesIO()
    joblib.dump(Executes(tmp_path / "executed"), written)
    put_stated(other, "model.joblib", written.getvalue())
    link = tmp_path / "bundle"

    def lead_to(place: Path) -> None:
        (tmp_path / "new").symlink_to(place)
        (tmp_path / "new").rename(link)

    lead_to(other)

    def read_and_turned(path: Path, name: str) -> bytes:
        raw = read_file(path, name)
        if path == link:
            lead_to(bundles.default_bundle_path())
        return raw

    def turned_back_and_parsed(path: Path, raw: bytes) -> Manifest:
        lead_to(other)
        return parse_manifest(path, raw)

    monkeypatch.setattr(bundles, "read_file", read_and_turned)
    monkeypatch.setattr(bundles, "parse_manifest", turned_back_and_parsed)
    loaded = load_bundle(link, NOTHING_SET)
    monkeypatch.setattr(bundles, "read_file", read_file)
    with pytest.raises(BundleError, match="nothing vouches for it"):
        loaded.scorer()
    assert not (tmp_path / "executed").exists()


def test_the_shipped_bundle_may_be_unpickled_without_keys_also_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(bundles.default_bundle_path())
    assert load_bundle(bundles.default_bundle_path(), NOTHING_SET).may_unpickle
    assert load_bundle(tmp_path / "link", NOTHING_SET).may_unpickle
    shutil.copytree(bundles.default_bundle_path(), tmp_path / "copy")
    assert not load_bundle(tmp_path / "copy", NOTHING_SET).may_unpickle
