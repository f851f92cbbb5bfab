"""What a worker trusts: at its start, when something is promoted, beside its model, and in its second opinion."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sluicegate.agents.bundle_watch import BundleWatch
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.served_bundle import ServedBundle
from sluicegate.agents.serving import Serving
from sluicegate.agents.settings import SettingsError, load_settings
from sluicegate.agents.trust import load_trust
from sluicegate.models import BundleError, load_bundle
from sluicegate.models.opinion.bundle import load_opinion
from sluicegate.models.opinion.errors import OpinionError
from sluicegate.models.store import POINTER, Store
from sluicegate.models.trust import SIGNATURE, Trust
from sluicegate.policy import default_policy_path
from tests.bundles import make_bundle
from tests.unit.agents.batches import POLICY
from tests.unit.agents.test_running import refused
from tests.unit.models.signing import KEY, OTHER, signed, trusting

AT = "2026-11-24T12:00:00Z"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    (tmp_path / "key.pub.pem").write_bytes(KEY.public_pem())
    return tmp_path / "key.pub.pem"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store of two versions, of which only the first, which is current, is signed."""
    (tmp_path / "store").mkdir()
    made = Store(tmp_path / "store")
    signed(make_bundle(made.path / "v1", "1").path)
    make_bundle(made.path / "v2", "2", seed=2)
    made.promote("v1", AT)
    return made


def test_an_unsigned_bundle_that_is_promoted_does_not_take_the_place_of_the_model_and_the_metric_says_so(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    main = ServedBundle("main", store.path, lambda _: None, trusting(KEY))
    main.load()
    store.promote("v2", AT)
    assert not main.look()
    assert main.scorer is not None
    assert main.scorer.version == "1"
    assert "it is not signed" in main.refused
    assert "is refused, made 1 goes on" in caplog.text
    metrics = Metrics()
    BundleWatch(Serving(load_settings(), POLICY, main), metrics, 1).show()
    assert 'sluicegate_bundle_refused{role="main"} 1' in metrics.exposition().decode()
    signed(store.path / "v2")
    store.promote("v1", AT)
    store.promote("v2", AT)
    assert main.look()
    assert main.scorer.version == "2"


def test_shadow_and_split_are_not_served_unsigned(store: Store, keys: Path) -> None:
    beside = {"shadow_bundle": store.path / "v2", "split_bundle": store.path / "v2"}
    serving = Serving.load(load_settings(bundle=store.path, trusted_keys=str(keys), **beside), POLICY)
    assert serving.scorer.version == "1"
    for bundle in (serving.shadow, serving.split):
        assert bundle is not None
        assert bundle.scorer is None
        assert "it is not signed" in bundle.refused


def test_a_second_opinion_is_refused_before_its_manifest_is_read(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(OpinionError, match="it is not signed"):
        load_opinion(tmp_path, trusting(KEY))
    (tmp_path / SIGNATURE).write_bytes(KEY.sign("bundle", b"{"))
    with pytest.raises(OpinionError, match="its signature is that of a bundle"):
        load_opinion(tmp_path, trusting(KEY))
    (tmp_path / SIGNATURE).write_bytes(KEY.sign("opinion", b"{"))
    with pytest.raises(OpinionError, match="is not that of a second opinion"):
        load_opinion(tmp_path, trusting(KEY))
    with pytest.raises(OpinionError, match="is not among SLUICEGATE_PINNED_BUNDLES"):
        load_opinion(tmp_path, Trust(pinned=frozenset()))


def test_a_worker_with_trusted_keys_ends_with_a_sentence_where_bundle_or_policy_is_not_signed(
    store: Store, keys: Path, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_bytes(default_policy_path().read_bytes())
    given = {"SLUICEGATE_TRUSTED_KEYS": str(keys), "SLUICEGATE_POLICY": str(policy)}
    assert refused(**given) == (
        f"sluicegate: {policy}:1:1: it is not signed; restore it, or sign it with `sluicegate policy sign` and a key "
        "of SLUICEGATE_TRUSTED_KEYS"
    )
    (tmp_path / "policy.yaml.sig").write_bytes(KEY.sign("policy", policy.read_bytes()))
    assert "v2 is refused: it is not signed" in refused(**given, SLUICEGATE_BUNDLE=str(store.path / "v2"))


def test_pins_hold_for_every_bundle(store: Store) -> None:
    digest = load_bundle(store.path / "v1").digest
    pinned = load_trust(load_settings(pinned_bundles=digest))
    main = ServedBundle("main", store.path, lambda _: None, pinned)
    main.load()
    store.promote("v2", AT)
    assert not main.look()
    assert "is not among SLUICEGATE_PINNED_BUNDLES" in main.refused
    with pytest.raises(BundleError, match="is not among SLUICEGATE_PINNED_BUNDLES"):
        load_bundle(store.path / "v2", pinned)


def test_a_promotion_of_what_is_signed_by_nobody_trusted_is_refused(store: Store, keys: Path) -> None:
    guarded = Store(store.path, load_trust(load_settings(trusted_keys=str(keys))))
    before = (store.path / POINTER).read_bytes()
    signed(store.path / "v2", OTHER)
    with pytest.raises(BundleError, match=f"with the key {OTHER.name}"):
        guarded.promote("v2", AT)
    assert (store.path / POINTER).read_bytes() == before


def test_keys_are_read_from_files_of_several_and_from_folders(tmp_path: Path) -> None:
    (tmp_path / "both.pem").write_bytes(KEY.public_pem() + b"\n" + OTHER.public_pem())
    for place in (tmp_path, tmp_path / "both.pem"):
        found = load_trust(load_settings(trusted_keys=str(place))).keys
        assert found is not None
        assert set(found.keys) == {KEY.name, OTHER.name}


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "no public Ed25519 keys"),
        (KEY.private_pem(), "private key"),
        (KEY.public_pem() + KEY.private_pem(), "private key"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "cannot be read"),
        (b"-----END PUBLIC KEY-----" * 2_000, "cannot be read"),
        (KEY.public_pem() * 600, "no public Ed25519 keys in PEM alone"),
    ],
)
def test_a_file_that_holds_no_public_keys_is_refused_and_does_not_count_as_none(
    tmp_path: Path, raw: bytes, told: str
) -> None:
    (tmp_path / "key.pem").write_bytes(raw)
    with pytest.raises(SettingsError, match=f"SLUICEGATE_TRUSTED_KEYS: .*{told}"):
        load_trust(load_settings(trusted_keys=str(tmp_path / "key.pem")))


@pytest.mark.parametrize("name", ["trusted_keys", "pinned_bundles"])
def test_a_setting_that_is_set_to_nothing_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="at least one is needed"):
        load_settings(**{name: " , "})
    with pytest.raises(SettingsError, match="holds no file"):
        load_trust(load_settings(trusted_keys=str(tmp_path)))


def test_a_process_without_keys_holds_none_of_what_verifies() -> None:
    told = "import sys, json; from sluicegate.agents.trust import load_trust; from sluicegate.agents import running\n"
    told += "from sluicegate.agents.settings import load_settings; load_trust(load_settings())\n"
    told += "print(json.dumps('cryptography' in sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) is False
