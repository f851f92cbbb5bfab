"""What a measurement was made on, in general terms: no names of hosts, users or folders."""

import os
import platform
from importlib.metadata import version

import msgspec
import psutil

from sluicegate.deploy.kafka.jars import KAFKA_VERSION

__all__ = ["Machine", "describe_machine"]

_PACKAGES = ("faust-streaming", "aiokafka", "scikit-learn", "numpy", "msgspec")


class Machine(msgspec.Struct, frozen=True):
    """A machine and what runs on it."""

    cores: int
    memory_gb: int
    system: str
    architecture: str
    python: str
    kafka: str
    packages: dict[str, str]


def describe_machine() -> Machine:
    """Describe this machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(
        cores=cores,
        memory_gb=round(psutil.virtual_memory().total / 2**30),
        system=platform.system(),
        architecture=platform.machine(),
        python=platform.python_version(),
        kafka=KAFKA_VERSION,
        packages={name: version(name) for name in _PACKAGES},
    )
