"""The lock files: each package with its version and its hashes."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["LOCKS", "ROOT", "LockError", "Pinned", "read_lock"]

ROOT: Final = Path(__file__).resolve().parents[2]
#: All of them: what is developed with, what a worker needs, what builds the package, the peers of the benchmark, and
#: the fuzzer.
LOCKS: Final = (
    "requirements.lock",
    "requirements-runtime.lock",
    "requirements-build.lock",
    "requirements-bench.lock",
    "requirements-fuzz.lock",
)

_PIN: Final = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]*)(\[[a-z0-9,_-]+\])?==(?P<version>[^\s;]+)( ; (?P<marker>.+))?")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class LockError(Exception):
    """A lock file holds something else than packages with a version and hashes."""


@dataclass(frozen=True)
class Pinned:
    """A package as it is pinned."""

    name: str
    version: str
    hashes: tuple[str, ...]


def read_lock(text: str, name: str) -> list[Pinned]:
    """Read a lock file.

    Raises
    ------
    LockError
        If a line is no package with a version, or has no hash: an index, an address, a file, an option.
    """
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pin, *options = re.split(r"\s+(?=--)", line.strip())
        read = _PIN.fullmatch(pin)
        hashes = [match.group(1) for option in options if (match := _HASH.fullmatch(option))]
        if read is None or not hashes or len(hashes) != len(options):
            raise LockError(f"{name}: {pin[:80]} is not pinned to a version and hashes; write it anew with make lock")
        found.append(Pinned(read["name"], read["version"], tuple(hashes)))
    return found
