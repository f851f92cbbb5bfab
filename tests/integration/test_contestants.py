"""Every contestant of the benchmark decides all events, and all of them alike, on a real Kafka.

The peers' packages are the benchmark's alone: they are no part of what is shipped, and would bring some thirty
packages and an older pydantic into CI. So a peer is left out by name where `make bench` has not installed them;
Sluicegate itself and its silent form always run.
"""

import json
from collections.abc import Iterator

import pytest

from sluicegate.bench.answers import Answers
from sluicegate.bench.backlog import Rate, stream_rate
from sluicegate.bench.cluster import Cluster
from sluicegate.bench.contestants.entrants import ENTRANTS, Workload, command_of, entrant
from sluicegate.bench.events import make_events
from sluicegate.bench.processes import PEERS_PYTHON, Place
from sluicegate.bench.steady import Stage, run_steady
from sluicegate.deploy.kafka import fixtures
from sluicegate.models import default_bundle_path, load_bundle
from sluicegate.policy import default_policy_path, load_policy

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

EVENTS = make_events(2_000, 1)
STREAMS = [each.name for each in ENTRANTS if each.name != "scorer"]


@pytest.fixture(scope="module")
def cluster(kafka: fixtures.Cluster) -> Iterator[Cluster]:
    """The broker that all tests share, as the benchmark uses it."""
    opened = Cluster(kafka.bootstrap, load_policy(default_policy_path()), partitions=2)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def backlog(cluster: Cluster) -> str:
    """A topic with all events."""
    topic = cluster.open_run("backlog").events
    cluster.publish(topic, EVENTS)
    return topic


@pytest.fixture(scope="module")
def answers() -> dict[Workload, Answers]:
    """What contestants gave so far."""
    ids = [json.loads(event.value)["id"] for event in EVENTS]
    harms = load_bundle(default_bundle_path()).manifest.harms
    return {"default": Answers(ids, harms), "none": Answers(ids, harms)}


def decide(cluster: Cluster, backlog: str, answers: Answers, name: str, workload: Workload) -> Rate:
    contestant = entrant(name)
    if contestant.is_peer and not PEERS_PYTHON.exists():
        pytest.skip(f"{name} needs the peers' packages, which `make bench` installs")
    settings = {"SLUICEGATE_BATCH_MAX": "500"}
    command, place = command_of(contestant, workload), Place(contestant.is_peer)
    return stream_rate(cluster, name, command, place, (backlog, len(EVENTS)), settings, answers)


@pytest.mark.parametrize("name", [name for name in STREAMS if "default" in entrant(name).expected])
def test_a_contestant_decides_all_events_with_the_scores_of_the_others(
    cluster: Cluster, backlog: str, answers: dict[Workload, Answers], name: str
) -> None:
    rate = decide(cluster, backlog, answers["default"], name, "default")

    assert rate.events == len(EVENTS)
    assert rate.difference is not None


@pytest.mark.parametrize("name", STREAMS)
def test_a_contestant_without_a_model_decides_all_events(
    cluster: Cluster, backlog: str, answers: dict[Workload, Answers], name: str
) -> None:
    assert decide(cluster, backlog, answers["none"], name, "none").difference == 0.0


@pytest.mark.parametrize("name", ["sluicegate", "confluent"])
def test_a_steady_load_is_decided_in_order_and_its_delays_are_known(cluster: Cluster, name: str) -> None:
    if entrant(name).is_peer and not PEERS_PYTHON.exists():
        pytest.skip("a peer needs its packages, which `make bench` installs")
    stage = Stage(cluster, EVENTS, {"SLUICEGATE_BATCH_MAX": "500"})

    found = run_steady(stage, entrant(name), rate=100.0, seconds=8.0)

    assert found.latency is not None
    assert 0 < found.latency.p50 <= found.latency.p99
    assert found.latency.count == pytest.approx(300, abs=1)
    assert found.lag.most >= 0
