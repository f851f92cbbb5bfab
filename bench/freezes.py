"""What workers repeat that were frozen beyond their session and went on: a successor has decided all meanwhile.

``python -m sluicegate.bench.freezes``, on a Kafka of its own. What was written and not committed when a worker was
frozen is repeated by its successor, as after a kill; the rest by itself, which does not know yet that it is late.
"""

import json
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from sluicegate.bench.cluster import OVERRIDES, Cluster
from sluicegate.bench.ending import run as run_bench
from sluicegate.bench.events import Event, make_events
from sluicegate.bench.faults import Counts, FaultStream
from sluicegate.bench.sampling import metric
from sluicegate.deploy.kafka.node import KafkaNode
from sluicegate.policy import default_policy_path, load_policy

__all__ = ["Frozen", "freeze"]

_PARTITIONS: Final = 4
_SETTINGS: Final = {"SLUICEGATE_SESSION_TIMEOUT": "6"}
#: Events of the steady load before a worker is frozen.
_WARM: Final = 5_000


class Frozen(NamedTuple):
    """Decisions that were repeated: by the successor, as after a kill, and by the frozen worker when it went on."""

    by_successor: int
    by_itself: int


def freeze(stream: FaultStream, batch: int, decided: int, *, loaded: bool) -> Frozen:
    """Freeze the only worker until another has decided all that is there, and let it go on.

    Parameters
    ----------
    stream
        With a backlog, or with a load that has begun.
    batch
        Records of a batch at the most.
    decided
        Decisions before it is frozen.
    loaded
        Whether there is a load, which is stopped when the other has taken over.

    Raises
    ------
    ContestantError
        Where the other does not take over.
    """
    settings = {**_SETTINGS, "SLUICEGATE_BATCH_MAX": str(batch)}
    worker = stream.start_worker(settings)
    stream.wait(lambda counts: sum(counts.decisions.values()) >= decided, "deciding")
    with worker.frozen():
        frozen = stream.settled()
        stream.start_worker(settings)
        stream.wait(lambda counts: sum(counts.committed.values()) > sum(frozen.committed.values()), "taken over")
        if loaded:
            stream.stop_load()
        before = _repeated(stream.drained())
    # It is a member again when the partitions are shared anew: by then nothing that it had in hand is on its way.
    stream.wait(lambda _: metric(worker.metrics(), "sluicegate_rebalances_total") > 1, "a member again")
    return Frozen(before, _repeated(stream.settled()) - before)


def _repeated(counts: Counts) -> int:
    return sum(counts.decisions.values()) - sum(counts.events.values())


def freezes(
    batches: Annotated[str, typer.Option(help="Records of a batch at the most.")] = "200,2000",
    rate: Annotated[float, typer.Option(help="Events a second of the steady load.")] = 1_000,
    count: Annotated[int, typer.Option(min=1, help="Repetitions of each.")] = 5,
    backlog: Annotated[int, typer.Option(help="Events of the backlog.")] = 300_000,
) -> None:
    """Measure what frozen workers repeat, under a steady load and over a backlog."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    with (
        tempfile.TemporaryDirectory(prefix="sluicegate-freezes-") as folder,
        KafkaNode(Path(folder), overrides=OVERRIDES) as node,
    ):
        cluster = Cluster(node.bootstrap, load_policy(default_policy_path()), _PARTITIONS)
        events = make_events(20_000, 1)
        try:
            with FaultStream(cluster, events, "source") as source:
                source.begin_load(1e9, backlog / 1e9)
                source.end_load()
                for batch in map(int, batches.split(",")):
                    _tell("steady", batch, [_steady(cluster, events, rate, batch, number) for number in range(count)])
                    topic = source.outputs.events
                    _tell(
                        "backlog", batch, [_backlog(cluster, events, topic, batch, number) for number in range(count)]
                    )
        finally:
            cluster.close()


def _steady(cluster: Cluster, events: Sequence[Event], rate: float, batch: int, number: int) -> Frozen:
    with FaultStream(cluster, events, f"steady-{batch}-{number}") as stream:
        stream.begin_load(rate, 3600)
        # Not at the same moment between two commits each time.
        return freeze(stream, batch, _WARM + 37 * number, loaded=True)


def _backlog(cluster: Cluster, events: Sequence[Event], topic: str, batch: int, number: int) -> Frozen:
    with FaultStream(cluster, events, f"backlog-{batch}-{number}", topic) as stream:
        return freeze(stream, batch, _WARM + 371 * number, loaded=False)


def _tell(what: str, batch: int, found: Sequence[Frozen]) -> None:
    json.dump({"load": what, "batch": batch, "frozen": [each._asdict() for each in found]}, sys.stdout)
    print(flush=True)


if __name__ == "__main__":
    run_bench(freezes)
