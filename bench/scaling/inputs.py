"""What the plan is calculated from: figures that were measured, each with its source, and what is assumed."""

from pathlib import Path
from statistics import median
from typing import Final

import msgspec

from sluicegate.bench.processes_scaling import ProcessesMeasured

__all__ = ["INPUTS", "Assumed", "Inputs", "LatencySeen", "inputs_from", "read_inputs"]

#: The figures that docs/scaling.md was written from.
INPUTS: Final = Path(__file__).with_name("inputs.json")


#: As the benchmark names the worker.
_OURS: Final = "sluicegate"


class LatencySeen(msgspec.Struct, frozen=True):
    """End to end delays under a steady load, in milliseconds."""

    events_per_second: float
    p50: float
    p99: float


class Inputs(msgspec.Struct, frozen=True):
    """Measured figures of one worker process and one broker."""

    measured_at: str
    sources: dict[str, str]
    #: Sustained by one process that had a core, and as much of another as it wanted.
    events_per_second: float
    #: Processor time an event in the worker, and in one broker that replicates to none.
    worker_microseconds: float
    broker_microseconds: float
    #: What two processes made of what one made, corrected for the cores that the broker took.
    two_to_one: float
    #: In the broker's log, an event.
    event_bytes: float
    decision_bytes: float
    task_bytes: float
    tasks: float
    #: Resident memory of a process, and the seconds from its start to ready.
    process_mb: float
    ready_seconds: float
    partitions: int
    batch_max: int
    latency: list[LatencySeen]


class Assumed(msgspec.Struct, frozen=True):
    """What was not measured: chosen, or taken from what machines are sold with."""

    cores_of_a_machine: int = 8
    #: Share of their rate that processes are to do at the daily peak, and may do where a machine is lost.
    usual: float = 0.6
    most: float = 0.85
    replicas: int = 3
    #: Processor time of a follower, of that of the leader.
    follower_share: float = 0.4
    broker_cores: int = 8
    broker_usual: float = 0.5
    #: Of a broker, in each direction, and of its disks.
    network_mb: float = 1_000.0
    disk_mb: float = 400.0
    #: Who reads decisions, and who reads tasks.
    readers: int = 2
    queues: int = 6
    #: The mean rate of a day, of that of its peak; and what is kept.
    mean_to_peak: float = 0.5
    events_days: float = 2.0
    outputs_days: float = 7.0
    session_timeout: float = 10.0
    buffer_mb: float = 32.0


class _Delays(msgspec.Struct):
    p50: float
    p99: float


class _Steady(msgspec.Struct):
    contestant: str
    events_per_second: float
    latency: _Delays | None


class _Memory(msgspec.Struct):
    memory_mb: float


class _Start(msgspec.Struct):
    second: float


class _Plan(msgspec.Struct):
    partitions: int
    batch_max: int


class _Bench(msgspec.Struct):
    """What is read of the results of `make bench`, whatever else they hold."""

    measured_at: str
    plan: _Plan
    starts: list[_Start]
    steady: list[_Steady]
    memory: _Memory


def read_inputs(path: Path = INPUTS) -> Inputs:
    """Read the figures that were measured."""
    return msgspec.json.decode(path.read_bytes(), type=Inputs)


def inputs_from(results: Path, processes: Path) -> Inputs:
    """Make them of a run of ``make bench`` and one of ``bench.processes_scaling``.

    Parameters
    ----------
    results, processes
        Their JSON files.
    """
    bench = msgspec.json.decode(results.read_bytes(), type=_Bench)
    measured = msgspec.json.decode(processes.read_bytes(), type=ProcessesMeasured)
    one = [run for run in measured.runs if run.processes == 1]
    two = [run for run in measured.runs if run.processes == 2]
    left = min(2.0, measured.cores - median(run.broker_cores for run in two))
    rate = median(run.events_per_second for run in one)
    stream = f"bench.processes_scaling of {measured.measured_at}, {len(one)} runs of {measured.events:,} events"
    page = f"make bench of {bench.measured_at[:10]}"
    return Inputs(
        measured_at=measured.measured_at,
        sources={"rates, processor time, bytes": stream, "latency, memory, start": page},
        events_per_second=round(rate),
        worker_microseconds=round(median(run.worker_microseconds for run in one), 1),
        broker_microseconds=round(median(run.broker_microseconds for run in one), 1),
        two_to_one=round(median(run.events_per_second for run in two) / rate * 2 / left, 2),
        event_bytes=measured.written.event_bytes,
        decision_bytes=measured.written.decision_bytes,
        task_bytes=measured.written.task_bytes,
        tasks=measured.written.tasks,
        process_mb=round(bench.memory.memory_mb),
        ready_seconds=round(median(start.second for start in bench.starts), 2),
        partitions=bench.plan.partitions,
        batch_max=bench.plan.batch_max,
        latency=[
            LatencySeen(round(each.events_per_second), round(each.latency.p50, 1), round(each.latency.p99, 1))
            for each in bench.steady
            if each.contestant == _OURS and each.latency is not None
        ],
    )
