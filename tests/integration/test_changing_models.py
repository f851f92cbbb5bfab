"""Models change while events flow: nothing is lost or decided twice, and every decision names its model."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from sluicegate.models.store import POINTER, Store
from sluicegate.schemas.sampling import SHADOW, SPLIT, place_of
from tests.bundles import make_bundle
from tests.integration.streams import Message, Stream, event
from tests.integration.worker_process import WorkerProcess, until

AT = "2026-11-24T12:00:00Z"
SOON = {"SLUICEGATE_BUNDLE_POLL": "0.1"}


class Versions:
    """A store with three versions that differ in how harsh they are, the first of them current."""

    def __init__(self, folder: Path) -> None:
        (folder / "store").mkdir()
        self.store = Store(folder / "store")
        bundles = [make_bundle(folder / str(n), str(n), log_odds=-6.0 + n, seed=n) for n in (1, 2, 3)]
        self.names = {bundle.manifest.version: self.store.add(bundle) for bundle in bundles}
        self.digests = {bundle.manifest.version: bundle.digest for bundle in bundles}
        self.store.promote(self.names["1"], AT)

    @property
    def settings(self) -> dict[str, str]:
        return {"SLUICEGATE_BUNDLE": str(self.store.path), **SOON}

    def damage(self, version: str) -> None:
        weights = self.store.path / self.names[version] / "weights.safetensors"
        raw = bytearray(weights.read_bytes())
        raw[-1] ^= 1
        weights.write_bytes(raw)

    def point_by_hand(self, version: str) -> None:
        """Do what `model promote` would not: move the pointer without looking at the bundle."""
        document = json.loads((self.store.path / POINTER).read_text())
        document["earlier"].insert(0, document["current"])
        document["current"] = {"version": self.names[version], "digest": self.digests[version], "at": AT}
        beside = self.store.path / ".by-hand"
        beside.write_text(json.dumps(document))
        beside.replace(self.store.path / POINTER)


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path)


class Flow:
    """Events that are published all the while."""

    def __init__(self, stream: Stream) -> None:
        self.published = 0
        self._stream = stream

    def publish(self, done: Event) -> None:
        while not done.is_set():
            self._stream.publish([event(self.published + number) for number in range(100)])
            self.published += 100

    def wait_for_more(self, events: int, worker: WorkerProcess) -> None:
        wanted = self.published + events
        until(lambda: self.published >= wanted, 30, worker)


@contextmanager
def flowing(stream: Stream) -> Iterator[Flow]:
    """Publish until the block is left."""
    flow, done = Flow(stream), Event()
    thread = Thread(target=flow.publish, args=(done,))
    thread.start()
    try:
        yield flow
    finally:
        done.set()
        thread.join()


def serves(worker: WorkerProcess, version: str, role: str = "main") -> bool:
    return worker.metric("sluicegate_model_info", role=role, version=version) == 1


def wait_until_served(worker: WorkerProcess, version: str) -> None:
    until(lambda: serves(worker, version), 20, worker)


def decisions_of(raw: Sequence[Message]) -> list[dict[str, Any]]:
    """Give the decisions in the order of each partition, after seeing that every event was decided once."""
    found: list[dict[str, Any]] = [
        {"partition": message.partition, **message.json()}
        for message in sorted(raw, key=lambda message: (message.partition or 0, message.offset or 0))
    ]
    ids = [int(decision["data"]["event"]["id"]) for decision in found]
    assert sorted(ids) == list(range(len(ids)))
    return found


def courses(decisions: Sequence[dict[str, Any]]) -> dict[int, list[str]]:
    """Give the versions that decided each partition, one after the other, each named once while it went on."""
    course: dict[int, list[str]] = {}
    for decision in decisions:
        seen = course.setdefault(decision["partition"], [])
        if not seen or seen[-1] != decision["data"]["model"]["version"]:
            seen.append(decision["data"]["model"]["version"])
    return course


def test_a_promotion_and_a_rollback_while_events_flow_lose_and_repeat_nothing(
    stream: Stream, versions: Versions
) -> None:
    worker = stream.start_worker(**versions.settings).wait_until_ready()
    with flowing(stream) as flow:
        flow.wait_for_more(300, worker)
        for version in ("2", "3"):
            said = stream.command("model", "promote", versions.names[version], str(versions.store.path))
            assert said.returncode == 0, said.stderr
            wait_until_served(worker, version)
            flow.wait_for_more(300, worker)
        assert stream.command("model", "rollback", str(versions.store.path)).returncode == 0
        wait_until_served(worker, "2")
        flow.wait_for_more(300, worker)
        assert worker.is_ready()
    decisions = decisions_of(stream.wait_for_decisions(flow.published))
    assert len(decisions) == flow.published
    for course in courses(decisions).values():
        # In each partition one model follows the other: no batch is decided by two.
        assert course == ["1", "2", "3", "2"]
    for decision in decisions:
        assert decision["data"]["model"]["digest"] == versions.digests[decision["data"]["model"]["version"]]
    assert worker.metric("sluicegate_model_info", role="main") == 1
    assert worker.metric("sluicegate_bundle_swaps_total", role="main") == 3
    assert worker.metric("sluicegate_bundle_refused") == 0
    for version, digest in versions.digests.items():
        by_model = sum(decision["data"]["model"]["version"] == version for decision in decisions)
        assert worker.metric("sluicegate_model_events_decided_total", digest=digest) == by_model


def test_a_bad_bundle_is_refused_and_the_old_one_goes_on(stream: Stream, versions: Versions) -> None:
    worker = stream.start_worker(**versions.settings).wait_until_ready()
    versions.damage("2")
    said = stream.command("model", "promote", versions.names["2"], str(versions.store.path))
    assert said.returncode == 1
    assert "weights.safetensors has digest" in said.stderr
    versions.point_by_hand("2")
    until(lambda: worker.metric("sluicegate_bundle_refused", role="main") == 1, 20, worker)
    stream.publish([event(number) for number in range(200)])
    decisions = decisions_of(stream.wait_for_decisions(200))
    assert {decision["data"]["model"]["version"] for decision in decisions} == {"1"}
    assert worker.is_ready()
    assert serves(worker, "1")
    assert worker.output().count("is refused, made 1 goes on") == 1
    # A worker that starts now serves what was promoted before.
    other = stream.start_worker(**versions.settings).wait_until_ready()
    assert serves(other, "1")
    assert other.metric("sluicegate_bundle_refused", role="main") == 1
    assert stream.command("model", "rollback", str(versions.store.path)).returncode == 0
    until(lambda: not worker.metric("sluicegate_bundle_refused"), 20, worker)
    until(lambda: not other.metric("sluicegate_bundle_refused"), 20, other)
    assert worker.metric("sluicegate_bundle_swaps_total") == 0


def test_a_shadow_scores_its_share_and_changes_no_outcome(stream: Stream, versions: Versions) -> None:
    settings = {**SOON, "SLUICEGATE_SHADOW_SHARE": "0.4"}
    shadow = versions.store.path / versions.names["3"]
    worker = stream.start_worker(
        SLUICEGATE_BUNDLE=str(versions.store.path / versions.names["1"]),
        SLUICEGATE_SHADOW_BUNDLE=str(shadow),
        **settings,
    ).wait_until_ready()
    stream.publish([event(number) for number in range(500)])
    decisions = decisions_of(stream.wait_for_decisions(500))
    assert {decision["data"]["model"]["version"] for decision in decisions} == {"1"}
    shadowed = [decision for decision in decisions if "shadow" in decision["data"]]
    assert {decision["data"]["content_id"] for decision in shadowed} == {
        f"c-{number}" for number in range(500) if place_of(SHADOW, f"c-{number}") < 0.4
    }
    for decision in shadowed:
        assert decision["data"]["shadow"]["model"]["digest"] == versions.digests["3"]
        assert decision["data"]["shadow"]["scores"] != decision["data"]["scores"]
    until(lambda: worker.metric("sluicegate_shadow_events_total", result="scored") == len(shadowed), 10, worker)
    assert worker.metric("sluicegate_shadow_outcomes_total") == len(shadowed)
    assert worker.metric("sluicegate_shadow_score_difference_bucket", harm="spam", le="+Inf") == len(shadowed)
    assert serves(worker, "3", "shadow")
    figures = stream.folder / "comparison.json"
    said = stream.command("model", "compare", "--json", str(figures))
    assert said.returncode == 0, said.stderr
    (compared,) = json.loads(figures.read_text())["shadows"]
    assert (compared["model"]["version"], compared["shadow"]["version"]) == ("1", "3")
    assert compared["events"] == len(shadowed)


def test_two_models_share_the_contents_and_each_decision_says_which(stream: Stream, versions: Versions) -> None:
    (versions.store.path.parent / "other").mkdir()
    other = Store(versions.store.path.parent / "other")
    shutil.copytree(versions.store.path / versions.names["3"], other.path / "three")
    other.promote("three", AT)
    worker = stream.start_worker(
        SLUICEGATE_SPLIT_BUNDLE=str(other.path), SLUICEGATE_SPLIT_SHARE="0.3", **versions.settings
    ).wait_until_ready()
    stream.publish([event(number) for number in range(500)])
    decisions = decisions_of(stream.wait_for_decisions(500))
    for decision in decisions:
        second = place_of(SPLIT, decision["data"]["content_id"]) < 0.3
        assert decision["data"]["model"]["version"] == ("3" if second else "1")
    # Either of them changes by itself.
    assert stream.command("model", "promote", "2", str(versions.store.path)).returncode == 0
    wait_until_served(worker, "2")
    assert serves(worker, "3", "split")
    stream.publish([event(number) for number in range(500, 700)])
    decided = {d["data"]["content_id"]: d for d in decisions_of(stream.wait_for_decisions(700))}
    for number in range(500, 700):
        second = place_of(SPLIT, f"c-{number}") < 0.3
        assert decided[f"c-{number}"]["data"]["model"]["version"] == ("3" if second else "2")
