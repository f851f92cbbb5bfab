"""What a measurement was made on, in general terms: no names of hosts, users or folders."""

import json
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec
import psutil

from sluicegate.bench.processes import PEERS_PYTHON
from sluicegate.deploy.kafka.jars import KAFKA_VERSION

__all__ = ["PEERS", "Cores", "Machine", "all_cores", "choose_cores", "describe_machine", "keep_on"]

_PACKAGES: Final = ("faust-streaming", "aiokafka", "scikit-learn", "numpy", "msgspec")
PEERS: Final = ("confluent-kafka", "faststream", "quixstreams", "bytewax")

_VERSIONS: Final = (
    "import importlib.metadata, json, sys; print(json.dumps({n: importlib.metadata.version(n) for n in sys.argv[1:]}))"
)


class Machine(msgspec.Struct, frozen=True):
    """A machine and what runs on it."""

    cores: int
    processor: str
    memory_gb: int
    system: str
    architecture: str
    python: str
    kafka: str
    packages: dict[str, str]
    peers: dict[str, str]
    #: Packages that the peers' environment has in another version than Sluicegate's.
    differing: dict[str, str]


class Cores(msgspec.Struct, frozen=True):
    """Which cores are whose; None where nothing is pinned."""

    contestant: tuple[int, ...] | None = None
    rest: tuple[int, ...] | None = None


def choose_cores(*, pinned: bool) -> Cores:
    """Give the contestant one core of its own, and all else the others, where there are two and the platform can."""
    if not pinned or not hasattr(os, "sched_setaffinity"):
        return Cores()
    *rest, last = sorted(os.sched_getaffinity(0))
    return Cores((last,), tuple(rest)) if rest else Cores()


def all_cores() -> frozenset[int]:
    """Give the cores that this process may use; none where the platform does not tell."""
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()


def keep_on(pid: int, cores: frozenset[int]) -> None:
    """Keep a process and all threads that it has on some cores; do nothing where there are none."""
    if cores:
        for thread in psutil.Process(pid).threads():
            os.sched_setaffinity(thread.id, cores)


def describe_machine() -> Machine:
    """Describe this machine; before anything is pinned."""
    cores = len(all_cores()) or os.cpu_count() or 1
    own = {name: version(name) for name in _PACKAGES}
    theirs = _peer_versions((*PEERS, *_PACKAGES))
    return Machine(
        cores=cores,
        processor=_processor(),
        memory_gb=round(psutil.virtual_memory().total / 2**30),
        system=platform.system(),
        architecture=platform.machine(),
        python=platform.python_version(),
        kafka=KAFKA_VERSION,
        packages=own,
        peers={name: theirs[name] for name in PEERS if name in theirs},
        differing={name: theirs[name] for name in _PACKAGES if theirs.get(name, own[name]) != own[name]},
    )


def _peer_versions(names: tuple[str, ...]) -> dict[str, str]:
    if not PEERS_PYTHON.exists():
        return {}
    done = subprocess.run([PEERS_PYTHON, "-c", _VERSIONS, *names], capture_output=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
