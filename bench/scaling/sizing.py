"""How many processes, machines, partitions and brokers a rate takes, and what flows: arithmetic, and nothing else."""

from math import ceil
from typing import Final, NamedTuple

from sluicegate.bench.scaling.inputs import Assumed, Inputs

__all__ = ["Sizing", "catch_up_seconds", "hot_limit", "process_rate", "size_for", "topics_of", "topics_touched"]

#: Counts that many numbers of processes divide evenly.
_PARTITIONS: Final = (6, 12, 24, 48, 96, 192, 384, 768, 1_536)
#: Partitions for each process, so that they can be shared out about evenly when some are lost.
_SPARE: Final = 2
_LEAST_BROKERS: Final = 3


class Sizing(NamedTuple):
    """What a rate takes."""

    rate: float
    machines: int
    processes: int
    partitions: int
    #: Share of its rate that the busiest process does, with all machines and with one lost.
    usual: float
    without_one: float
    brokers: int
    #: What all brokers take in and give out, replication included, in MB/s; and what their disks hold, in TB.
    mb_in: float
    mb_out: float
    terabytes: float
    #: Copies of partitions that each broker holds.
    copies: int


def process_rate(inputs: Inputs) -> float:
    """Give the events a second that a process does beside others: as far as two fell short of twice one."""
    return inputs.events_per_second * min(1.0, inputs.two_to_one / 2)


def topics_of(assumed: Assumed) -> int:
    """Give how many topics have as many partitions as the events: three for each queue, and four others."""
    return 3 * assumed.queues + 4


def _busiest(rate: float, partitions: int, processes: int, capacity: float) -> float:
    return rate * ceil(partitions / processes) / partitions / capacity


def size_for(rate: float, inputs: Inputs, assumed: Assumed) -> Sizing:
    """Size a deployment that bears a rate, and bears it still where one worker machine or one broker is lost.

    Parameters
    ----------
    rate
        Events a second at the peak.
    """
    capacity = process_rate(inputs)
    # A machine is only as full as the rate needs: two small ones rather than one large.
    machines = 2
    while True:
        processes = ceil(rate / capacity / assumed.usual / machines) * machines
        spared = ceil(rate / capacity / assumed.most / (machines - 1)) * machines
        processes = max(processes, spared, machines)
        for partitions in (count for count in _PARTITIONS if count >= _SPARE * processes):
            usual = _busiest(rate, partitions, processes, capacity)
            without = _busiest(rate, partitions, processes - processes // machines, capacity)
            if usual <= assumed.most and without <= 1.0:
                break
        else:
            raise ValueError(f"{rate:,.0f} events/s take more than {_PARTITIONS[-1]} partitions")
        if processes <= machines * assumed.cores_of_a_machine:
            break
        machines += 1
    return _with_brokers(Sizing(rate, machines, processes, partitions, usual, without, 0, 0, 0, 0, 0), inputs, assumed)


def _with_brokers(sizing: Sizing, inputs: Inputs, assumed: Assumed) -> Sizing:
    mb = sizing.rate / 1e6
    outputs = inputs.decision_bytes + inputs.task_bytes
    written = (inputs.event_bytes + outputs) * mb
    into = written * assumed.replicas
    out = (inputs.event_bytes + outputs * assumed.readers) * mb + written * (assumed.replicas - 1)
    cores = sizing.rate * inputs.broker_microseconds / 1e6 * (1 + (assumed.replicas - 1) * assumed.follower_share)
    wanted = max(
        cores / (assumed.broker_cores * assumed.broker_usual),
        into / (assumed.network_mb * assumed.broker_usual),
        out / (assumed.network_mb * assumed.broker_usual),
        into / (assumed.disk_mb * assumed.broker_usual),
    )
    # One more than bears the rate, for the one that is lost.
    brokers = max(_LEAST_BROKERS, ceil(wanted) + 1)
    days = inputs.event_bytes * assumed.events_days + outputs * assumed.outputs_days
    terabytes = days * sizing.rate * assumed.mean_to_peak * 86_400 * assumed.replicas / 1e12
    copies = ceil(topics_of(assumed) * sizing.partitions * assumed.replicas / brokers)
    return sizing._replace(brokers=brokers, mb_in=into, mb_out=out, terabytes=terabytes, copies=copies)


def topics_touched(batch: float, inputs: Inputs, assumed: Assumed) -> float:
    """Give how many topics a batch of so many events is written to on average, tasks spread evenly over all classes."""
    review = 3 * assumed.queues
    return 1 + review * (1 - float((1 - inputs.tasks / review) ** batch))


def hot_limit(share: float, partitions: int, inputs: Inputs) -> float:
    """Give the rate at which the partition of an actor with a share of the stream fills a process by itself."""
    return process_rate(inputs) / (share + (1 - share) / partitions)


def catch_up_seconds(standstill: float, utilisation: float) -> float:
    """Give how long the lag of a standstill lasts after it: what came meanwhile, by the rate that is to spare."""
    return standstill * utilisation / (1 - utilisation)
