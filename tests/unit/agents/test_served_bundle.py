"""Bundles follow the pointer of their store: good ones are taken up, bad ones refused once, and the old goes on."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sluicegate.agents.bundle_watch import BundleWatch
from sluicegate.agents.columnar.pipeline import ColumnPipeline
from sluicegate.agents.metrics import Metrics
from sluicegate.agents.served_bundle import ServedBundle
from sluicegate.agents.serving import Serving
from sluicegate.agents.settings import load_settings
from sluicegate.agents.split import SplitPipeline
from sluicegate.models import BundleError
from sluicegate.models.store import POINTER, Store, StoreError
from sluicegate.policy import PolicyError
from tests.bundles import HARMS, make_bundle
from tests.unit.agents.batches import NOW, POLICY, TOPICS, batch_of, decisions_of

AT = "2026-11-24T12:00:00Z"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with the versions 1, 2 and 3, of which 1 is current, and `narrow`, which scores one harm only."""
    (tmp_path / "store").mkdir()
    made = Store(tmp_path / "store")
    for number in (1, 2, 3):
        make_bundle(made.path / f"v{number}", str(number), seed=number)
    make_bundle(made.path / "narrow", "9", harms=("spam",))
    made.promote("v1", AT)
    return made


def watched(store: Store) -> ServedBundle:
    def check(scorer: object) -> None:
        if getattr(scorer, "harms", ()) != HARMS:
            raise PolicyError([])

    bundle = ServedBundle("main", store.path, check)
    bundle.load()
    return bundle


def version_of(bundle: ServedBundle) -> str | None:
    return bundle.scorer.version if bundle.scorer is not None else None


def damage(store: Store, version: str) -> None:
    weights = store.path / version / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x7f")


def point_by_hand(store: Store, version: str, digest: str, at: str = "") -> None:
    document = {"format": 1, "current": {"version": version, "digest": digest, "at": at}, "earlier": []}
    written = store.path / "pointer.written"
    written.write_text(json.dumps(document))
    written.replace(store.path / POINTER)


def test_a_promotion_and_a_rollback_are_followed(store: Store) -> None:
    bundle = watched(store)
    assert not bundle.look()
    store.promote("v2", AT)
    assert bundle.look()
    assert version_of(bundle) == "2"
    assert not bundle.look()
    store.roll_back(AT)
    assert bundle.look()
    assert version_of(bundle) == "1"


def test_a_bad_bundle_is_refused_once_and_tried_again_when_the_pointer_changes(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    bundle = watched(store)
    kept = store.path.parent / "kept"
    shutil.copytree(store.path / "v2", kept)
    digest = store.promote("v2", AT).current.digest
    damage(store, "v2")
    for _ in range(3):
        assert not bundle.look()
    assert version_of(bundle) == "1"
    assert "weights.safetensors has digest" in bundle.refused
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "the bundle for the role main is refused, made 1 goes on"
    ]
    shutil.rmtree(store.path / "v2")
    shutil.copytree(kept, store.path / "v2")
    assert not bundle.look(), "the pointer has not changed"
    point_by_hand(store, "v2", digest, "later")
    assert bundle.look()
    assert (version_of(bundle), bundle.refused) == ("2", "")


def test_going_back_to_what_is_served_ends_a_refusal_without_loading_anything(store: Store) -> None:
    bundle = watched(store)
    scorer = bundle.scorer
    store.promote("v2", AT)
    damage(store, "v2")
    assert not bundle.look()
    store.roll_back(AT)
    assert not bundle.look()
    assert bundle.refused == ""
    assert bundle.scorer is scorer


@pytest.mark.parametrize(
    ("version", "digest", "told"),
    [
        ("v2", "sha256:0", "was altered after it was promoted"),
        ("gone", "sha256:0", "has no version 'gone'"),
        ("../kept", "sha256:0", "is no version of the store"),
    ],
)
def test_a_pointer_moved_by_hand_to_something_else_is_refused(
    store: Store, version: str, digest: str, told: str
) -> None:
    bundle = watched(store)
    shutil.copytree(store.path / "v2", store.path.parent / "kept")
    point_by_hand(store, version, digest)
    assert not bundle.look()
    assert told in bundle.refused
    assert version_of(bundle) == "1"


def test_a_pointer_that_is_broken_or_gone_is_refused_and_one_that_comes_back_is_well(store: Store) -> None:
    bundle = watched(store)
    before = store.read()
    (store.path / POINTER).write_text("v2")
    assert not bundle.look()
    assert "is not a pointer" in bundle.refused
    (store.path / POINTER).unlink()
    assert not bundle.look()
    assert "nothing was promoted" in bundle.refused
    (store.path / POINTER).write_bytes(before)
    assert not bundle.look()
    assert bundle.refused == ""


def test_a_bundle_that_lacks_what_the_policy_asks_for_is_refused(store: Store) -> None:
    bundle = watched(store)
    store.promote("narrow", AT)
    assert not bundle.look()
    assert bundle.refused.startswith("PolicyError")
    assert version_of(bundle) == "1"


def test_a_start_with_a_bad_current_version_serves_the_one_before_and_says_so(store: Store) -> None:
    for version in ("v2", "v3"):
        store.promote(version, AT)
        damage(store, version)
    bundle = watched(store)
    assert version_of(bundle) == "1"
    assert "weights.safetensors has digest" in bundle.refused
    damage(store, "v1")
    with pytest.raises(BundleError, match="v3"):
        watched(store)


def test_a_start_without_anything_promoted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"no readable manifest\.json"):
        ServedBundle("main", tmp_path, lambda _: None).load()
    make_bundle(tmp_path / "made")
    with pytest.raises(StoreError, match="holds bundles, of which none was promoted"):
        ServedBundle("main", tmp_path, lambda _: None).load()
    (tmp_path / POINTER).write_text("x")
    with pytest.raises(StoreError, match="is not a pointer"):
        ServedBundle("main", tmp_path, lambda _: None).load()


def test_files_that_are_written_over_do_not_change_what_is_served(store: Store) -> None:
    bundle = watched(store)
    assert bundle.scorer is not None
    texts = ["free soup at the park", "see you there", "click the link"]
    before = bundle.scorer.score(texts).tolist()
    weights = store.path / "v1" / "weights.safetensors"
    size = weights.stat().st_size
    with weights.open("r+b") as file:
        file.write(b"\x01" * size)
    assert bundle.scorer.score(texts).tolist() == before


def test_a_plain_bundle_is_not_watched(store: Store) -> None:
    bundle = ServedBundle("main", store.path / "v1", lambda _: None)
    bundle.load()
    damage(store, "v1")
    assert not bundle.look()
    assert (version_of(bundle), bundle.refused) == ("1", "")


def serving_of(store: Store, **settings: object) -> Serving:
    return Serving.load(load_settings(bundle=store.path, **settings), POLICY)


def test_the_roles_that_are_set_make_the_pipeline(store: Store) -> None:
    plain = serving_of(store)
    assert isinstance(plain.pipeline(TOPICS, None, None), ColumnPipeline)
    both = serving_of(
        store, split_bundle=store.path / "v2", split_share=0.5, shadow_bundle=store.path / "v3", shadow_share=1
    )
    pipeline = both.pipeline(TOPICS, None, None)
    assert isinstance(pipeline, SplitPipeline)
    outcome = pipeline.process(batch_of(*(f"c-{number}" for number in range(30))), NOW)
    decided = decisions_of(outcome)
    assert {decision["model"]["version"] for decision in decided} == {"1", "2"}
    assert {decision["shadow"]["model"]["version"] for decision in decided} == {"3"}
    # The drift of each model that decides is watched by its own reference.
    deciding = {decision["model"]["digest"] for decision in decided}
    assert {counted.binning.reference.digest for counted in outcome.counts.drift} == deciding


def test_a_model_neither_shares_with_itself_nor_is_its_own_shadow(store: Store) -> None:
    same = serving_of(store, split_bundle=store.path / "v1", shadow_bundle=store.path, shadow_share=1)
    pipeline = same.pipeline(TOPICS, None, None)
    assert isinstance(pipeline, ColumnPipeline)
    assert "shadow" not in decisions_of(pipeline.process(batch_of("c"), NOW))[0]


def test_a_bad_shadow_or_split_does_not_keep_a_worker_from_starting(store: Store) -> None:
    damage(store, "v2")
    serving = serving_of(store, split_bundle=store.path / "v2", shadow_bundle=store.path / "gone")
    assert isinstance(serving.pipeline(TOPICS, None, None), ColumnPipeline)
    assert [bool(bundle.refused) for bundle in serving] == [False, True, True]


class ToldMetrics(Metrics):
    """Metrics that tell when several were changed together."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = asyncio.Event()

    @contextmanager
    def together(self) -> Iterator[None]:
        with super().together():
            yield
        self.changed.set()

    async def until(self, line: str) -> None:
        """Wait for a line to be exposed."""
        async with asyncio.timeout(60):
            while line not in self.exposition().decode():
                self.changed.clear()
                await self.changed.wait()


def test_the_metrics_follow_a_swap_and_a_refusal(store: Store) -> None:
    metrics, served = ToldMetrics(), list[str]()
    serving = serving_of(store)
    watch = BundleWatch(serving, metrics, 0.01)
    watch.show()

    def swap() -> None:
        served.append(serving.scorer.version)

    async def follow() -> None:
        assert 'version="1"} 1.0' in metrics.exposition().decode()
        running = asyncio.create_task(watch.run(swap))
        store.promote("v2", AT)
        await metrics.until('name="made",role="main",served="weights",version="2"} 1.0')
        assert 'version="1"' not in metrics.exposition().decode()
        # The pointer last, and in one step: the watch looks at any moment.
        damage(store, "v3")
        point_by_hand(store, "v3", "sha256:0")
        await metrics.until('sluicegate_bundle_refused{role="main"} 1.0')
        running.cancel()

    asyncio.run(follow())
    assert served == ["2"]
