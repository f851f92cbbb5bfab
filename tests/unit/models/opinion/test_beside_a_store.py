"""A worker that starts while another model is promoted goes on without its second opinion, and does not fail."""

from pathlib import Path

import pytest

from sluicegate.agents.opinion import read_opinion
from sluicegate.agents.settings import load_settings
from sluicegate.models.bundle import Bundle, load_bundle
from sluicegate.models.opinion.bundle import OpinionBundle
from sluicegate.models.opinion.errors import OpinionError
from sluicegate.models.store import Store, bundle_folder
from tests.bundles import make_bundle

AT = "2026-11-24T12:00:00Z"


def test_what_is_promoted_decides_whether_there_is_an_opinion(
    opinion: OpinionBundle, first: Bundle, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(tmp_path)
    settings = load_settings(bundle=tmp_path, opinion_bundle=opinion.path)
    store.promote(store.add(first), AT)
    found = read_opinion(settings, load_bundle(bundle_folder(tmp_path)).scorer())
    assert found is not None
    assert found.first_digest == first.digest
    make_bundle(tmp_path / "other", "2")
    store.promote("other", AT)
    assert read_opinion(settings, load_bundle(bundle_folder(tmp_path)).scorer()) is None
    assert "goes on without a second opinion" in caplog.text


def test_beside_a_plain_bundle_that_is_not_its_own_an_opinion_is_refused(
    opinion: OpinionBundle, tmp_path: Path
) -> None:
    other = make_bundle(tmp_path / "other", "2")
    with pytest.raises(OpinionError, match="was trained beside model tiny 1"):
        read_opinion(load_settings(bundle=other.path, opinion_bundle=opinion.path), other.scorer())
