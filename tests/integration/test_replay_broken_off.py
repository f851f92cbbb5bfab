"""A replay whose broker dies ends, and says so: it neither hangs nor leaves anything behind that would."""

import asyncio
from time import monotonic

import pytest

from sluicegate.agents.broker import BrokerUnavailable
from sluicegate.agents.replay import Stretch, Targets, writing
from sluicegate.agents.replay.replaying import Progress
from sluicegate.agents.replay.running import Wish, run_replay
from sluicegate.agents.settings import load_settings
from sluicegate.deploy.kafka.node import KafkaNode
from tests.integration.streams import Stream, event

EVENTS = 2_000
SILENT_SECONDS = 2.0


def test_a_replay_whose_broker_dies_while_it_writes_ends_and_says_so(
    own_stream: Stream, own_kafka: KafkaNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = own_stream
    # All of it is read in one answer: what is left to do when the broker dies is to write.
    stream.publish([event(number)._replace(partition=0) for number in range(EVENTS)])
    monkeypatch.setattr(writing, "_SILENT_SECONDS", SILENT_SECONDS)
    for name, value in stream.environment.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(batch_max=50)
    wish = Wish(
        stretch=Stretch(offsets={0: (0, EVENTS - 1)}),
        targets=Targets.named(settings, f"{stream.name}.again."),
        create_topics=True,
    )
    told: list[Progress] = []
    died_at = 0.0

    def kill_once(progress: Progress) -> None:
        nonlocal died_at
        told.append(progress)
        if len(told) == 1:
            own_kafka.kill()
            died_at = monotonic()

    with pytest.raises(BrokerUnavailable, match=r"acknowledged nothing that was written for 2 s.*gives the same ids"):
        asyncio.run(run_replay(settings, wish, kill_once))
    assert 0 < told[-1].events < EVENTS
    assert monotonic() - died_at < SILENT_SECONDS + 20
