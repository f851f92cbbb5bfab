"""Runs the fuzzer over one target in a process of its own, within limits, and reads what came of it."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from tests.fuzz.sanitized import CACHE, ROOT, runtime
from tests.fuzz.target import CORPUS, load

__all__ = ["Budget", "Found", "dictionary", "fuzz"]

#: Of one input, also on a machine that is busy with something else.
SECONDS_MOST: Final = 20
#: Of the process, most of which are Python, what it imports, and freed memory that the sanitizer keeps back to catch
#: those who use it; and of one allocation.
MEGABYTES_MOST: Final = 2_048
ALLOCATED_MEGABYTES_MOST: Final = 512

_STATUS: Final = re.compile(
    r"^#(?P<inputs>\d+)\s.*cov: (?P<edges>\d+) ft: (?P<features>\d+) corp: (?P<kept>\d+)/", re.M
)
_STATISTIC: Final = re.compile(r"^stat::(?P<name>\w+):\s+(?P<value>\d+)$", re.M)
_WRITTEN: Final = re.compile(r"Test unit written to (?P<path>\S+)")
_SUMMARIES: Final = (
    re.compile(r"Uncaught Python exception: ===\n(?P<what>[^\n]+)"),
    re.compile(r"^(?P<what>\S+:\d+:\d+: runtime error: [^\n]+)", re.M),
    re.compile(r"^SUMMARY: (?P<what>[^\n]+)", re.M),
)


@dataclass(frozen=True)
class Budget:
    """How much is tried.

    Attributes
    ----------
    inputs
        How many, at the most; None for any number.
    seconds
        How long, at the most; None for as long as it takes.
    seed
        Of the fuzzer's chance; None for another one each time.
    fresh
        Whether to leave alone what earlier runs on this machine have found, so that a run is like every other.
    """

    inputs: int | None = None
    seconds: int | None = None
    seed: int | None = None
    fresh: bool = False


@dataclass(frozen=True)
class Found:
    """What came of a target.

    Attributes
    ----------
    name
        Of the target.
    inputs, seconds
        How many were tried, and the processor's time that took, with the start of the process.
    edges, features
        Branches of code that were reached, in Python and in kernels, and the like with how often each.
    kept
        Inputs that each reach something of their own.
    megabytes, slowest
        Of the process at its peak, and whole seconds of the slowest input.
    input, what
        Where the input stands that must not be, if there is one, and what it did.
    log
        All that the fuzzer said.
    """

    name: str
    inputs: int
    seconds: float
    edges: int
    features: int
    kept: int
    megabytes: int
    slowest: int
    input: Path | None
    what: str
    log: Path

    @property
    def failed(self) -> bool:
        """Whether there is anything that must not be."""
        return bool(self.what)


def fuzz(name: str, budget: Budget) -> Found:
    """Try inputs on a target until the budget is used up, or one does what it must not."""
    seeds, findings = _emptied(_folder("seeds", name)), _folder("findings", name)
    # The fuzzer puts what it keeps into the first folder.
    grown = _emptied(_folder("fresh", name)) if budget.fresh else _folder("grown", name)
    for number, seed in enumerate(load(name).seeds()):
        (seeds / f"{number:03}").write_bytes(seed)
    options = [f"-artifact_prefix={findings}/", "-print_final_stats=1", f"-runs={budget.inputs or -1}"]
    options += [f"-max_total_time={budget.seconds or 0}", f"-seed={budget.seed or 0}", *_limits(name)]
    kept = [folder for folder in (grown, seeds, CORPUS / name) if folder.is_dir()]
    return _result(name, _run(name, [*options, *map(str, kept)]))


def _limits(name: str) -> list[str]:
    target = load(name)
    words = _folder("words", name) / "words"
    words.write_text(dictionary(target.words), encoding="ascii")
    return [
        *(f"-timeout={SECONDS_MOST}", f"-rss_limit_mb={MEGABYTES_MOST}"),
        *(f"-malloc_limit_mb={ALLOCATED_MEGABYTES_MOST}", f"-max_len={target.longest}", f"-dict={words}"),
    ]


def dictionary(words: Sequence[bytes]) -> str:
    """Write words in the form of the fuzzer's dictionaries."""
    return "".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in words if word)


def _folder(part: str, name: str) -> Path:
    folder = CACHE / part / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class _Ended(NamedTuple):
    """How a process ended: its exit code, the seconds of a processor that it took, and what it said."""

    code: int
    seconds: float
    log: Path


def _emptied(folder: Path) -> Path:
    for path in folder.iterdir():
        path.unlink()
    return folder


def _run(name: str, options: Sequence[str]) -> _Ended:
    log = _folder("logs", name) / "log"
    environment = {
        **os.environ,
        "LD_PRELOAD": str(runtime()),
        # Every object has its own block, so that the sanitizer sees whoever reads past it.
        "PYTHONMALLOC": "malloc",
        "PYTHONHASHSEED": "0",
        # Python frees little at its end, which is no leak; freed blocks are kept back within the limit of memory.
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=64",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.fuzzing", name, *options],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return _Ended(process.returncode, round(used.ru_utime + used.ru_stime, 1), log)


def _result(name: str, ended: _Ended) -> Found:
    told = ended.log.read_text(encoding="utf-8", errors="replace")
    statuses, statistics = list(_STATUS.finditer(told)), dict(_STATISTIC.findall(told))
    status = statuses[-1] if statuses else None
    edges, features, kept = (int(status[part]) if status else 0 for part in ("edges", "features", "kept"))
    written = _WRITTEN.search(told)
    return Found(
        name=name,
        inputs=int(statistics.get("number_of_executed_units", 0)),
        seconds=ended.seconds,
        edges=edges,
        features=features,
        kept=kept,
        megabytes=int(statistics.get("peak_rss_mb", 0)),
        slowest=int(statistics.get("slowest_unit_time_sec", 0)),
        input=Path(written["path"]) if written else None,
        what=_summary(told, ended.code),
        log=ended.log,
    )


def _summary(told: str, code: int) -> str:
    if code == 0:
        return ""
    for pattern in _SUMMARIES:
        found = pattern.search(told)
        if found:
            return found["what"]
    return f"the process ended with {code}"
