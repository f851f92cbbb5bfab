"""A replay whose broker dies, or that is interrupted, ends and says so: it leaves nothing behind that would hang."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from time import monotonic

import pytest

from sluicegate.agents.broker import BrokerUnavailable
from sluicegate.agents.replay import Stretch, Targets, writing
from sluicegate.agents.replay.replaying import Progress
from sluicegate.agents.replay.running import Wish, run_replay
from sluicegate.agents.settings import load_settings
from sluicegate.deploy.kafka.node import KafkaNode
from tests.integration.streams import Stream, event
from tests.integration.worker_process import until

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


def test_an_interrupted_replay_says_how_far_it_came(narrow_stream: Stream) -> None:
    stream = narrow_stream
    stream.publish([event(number)._replace(partition=0) for number in range(EVENTS)])
    # Topics that are there: what is written can be waited for.
    order = ("replay", "--offsets", f"0:0-{EVENTS - 1}", "--out-prefix", "", "--into-live-topics", "--rate", "50")
    with subprocess.Popen(
        [sys.executable, "-m", "sluicegate", *order],
        env={**os.environ, **stream.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        # Of batches of five the first is told of before the second is written.
        until(lambda: len(stream.read(stream.decisions)) > 10, 60)
        process.send_signal(signal.SIGINT)
        told, said = process.communicate(timeout=30)
    assert (process.returncode, told) == (130, "")
    sentence = (
        r"sluicegate: interrupted after (\d+) events, \d+% of the stretch: the same command begins again at its start"
    )
    found = re.fullmatch(sentence, said.strip())
    assert found is not None, said
    assert 5 <= int(found[1]) < EVENTS
