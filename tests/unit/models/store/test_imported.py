"""Bundles of imported pipelines are kept, proved and promoted as those that were trained here."""

from pathlib import Path

import pytest

from sluicegate.models.bundle import BundleError, load_bundle
from sluicegate.models.proving import prove
from sluicegate.models.store import Store, bundle_folder
from tests.unit.models.imported.test_kinds import imported

AT = "2026-11-24T12:00:00Z"


@pytest.mark.parametrize("kind", ["characters", "forest"])
def test_an_imported_pipeline_is_promoted_and_served_as_it_is_made_for(kind: str, tmp_path: Path) -> None:
    store, bundle = Store(tmp_path), imported(kind)
    store.promote(store.add(bundle), AT)
    promoted = load_bundle(bundle_folder(tmp_path))
    assert promoted.digest == bundle.digest
    assert prove(promoted).served == bundle.manifest.served


def test_an_imported_pipeline_that_was_altered_is_refused_before_it_is_unpickled(tmp_path: Path) -> None:
    store = Store(tmp_path)
    version = store.add(imported("forest"))
    # Whoever unpickled this would end the process.
    (tmp_path / version / "model.joblib").write_bytes(b"cos\n_exit\n(I3\ntR.")
    with pytest.raises(BundleError, match=r"model\.joblib has"):
        store.promote(version, AT)
