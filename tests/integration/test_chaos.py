"""Workers come through faults with every guarantee kept, and a worker without one of them is found out."""

import asyncio
import gc
import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sluicegate.bench.chaos.evidence import Delivery
from sluicegate.bench.chaos.running import Run, run
from sluicegate.bench.chaos.schedule import QUICK, Episode, Kind, Size
from sluicegate.bench.chaos.verdict import Verdict, judge
from sluicegate.deploy.kafka.fixtures import Cluster
from sluicegate.deploy.kafka.node import KafkaNode
from tests.chaos import saboteur

#: What most of them break shows without any fault.
CALM = Size(events=1_500, episodes={}, partitions=2, workers=1, actors=40, session_timeout=10, spacing=3)
#: What is lost with a crash alone; without poison, since what is lost of it is a missing dead letter too.
KILLED = replace(CALM, episodes={Episode.KILL: 1}, poison=0, spacing=5)

#: What each saboteur breaks.
BROKEN = {
    "commit_before_acknowledge": {"nothing lost", "offsets"},
    "fresh_ids": {"one id"},
    "dropped_dead_letter": {"dead letters"},
    "broken_order": {"order"},
    "forgotten_tasks": {"review tasks"},
}


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    """Leave out what clients say of a broker that is away."""
    loggers = [logging.getLogger(name) for name in ("aiokafka", "kafka")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


def described(verdict: Verdict) -> str:
    return "\n".join(f"{each.guarantee}: {each.counted}; {each.examples}" for each in verdict.findings)


@pytest.fixture
def _collected() -> Iterator[None]:
    """Have what a test leaves behind said of that test, and not of whichever runs when the collector comes by."""
    yield
    gc.collect()


# kafka-python leaves coroutines behind where a broker that it asks is frozen.
@pytest.mark.usefixtures("_collected")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("delivery", ["at_least_once", "exactly_once"])
def test_workers_come_through_faults_of_every_kind_with_every_guarantee_kept(
    own_kafka: KafkaNode, tmp_path: Path, delivery: Delivery
) -> None:
    plan = Run(1, QUICK, delivery, tmp_path)
    verdict = judge(asyncio.run(run(own_kafka.bootstrap, plan, print, own_kafka)))
    assert verdict.passed, described(verdict)
    figures = verdict.figures
    assert all(figures.faults[kind] for kind in Kind)
    assert figures.zombies_moved == figures.faults[Kind.ZOMBIE]
    assert figures.poison_kinds >= 15
    assert figures.events + figures.poison == QUICK.events
    assert figures.lost == 0
    assert delivery == "at_least_once" or figures.raw_duplicates == 0


@pytest.fixture(scope="module")
def sabotaged(kafka: Cluster, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verdict]:
    """The verdicts on all saboteurs, which run side by side."""

    async def run_all() -> dict[str, Verdict]:
        plans = [
            Run(
                seed=1,
                size=KILLED if name == "commit_before_acknowledge" else CALM,
                delivery="at_least_once",
                folder=tmp_path_factory.mktemp(name),
                command=(sys.executable, saboteur.__file__, name),
                name=f"chaos-{name}",
            )
            for name in saboteur.SABOTAGES
        ]
        found = await asyncio.gather(*(run(kafka.bootstrap, plan, print) for plan in plans))
        return dict(zip(saboteur.SABOTAGES, map(judge, found), strict=True))

    return asyncio.run(run_all())


def test_there_is_a_saboteur_for_each_and_each_breaks_something_else() -> None:
    assert BROKEN.keys() == saboteur.SABOTAGES.keys()
    assert len({frozenset(broken) for broken in BROKEN.values()}) == len(BROKEN)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", BROKEN)
def test_the_verdict_names_the_guarantee_that_a_saboteur_breaks_and_no_other(
    sabotaged: dict[str, Verdict], name: str
) -> None:
    verdict = sabotaged[name]
    assert verdict.broken == BROKEN[name], described(verdict)
    assert not verdict.stalled
