"""What is fuzzed: a function over bytes that raises only where something is wrong, and what to begin with."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

__all__ = ["CORPUS", "NAMES", "Target", "corpus_of", "load", "scratch"]

#: One module of tests.fuzz.targets each.
NAMES: Final = (
    "event",
    "columns",
    "decisions",
    "lines",
    "labelled",
    "compared",
    "documents",
    "policy",
    "condition",
    "manifest",
    "weights",
    "fetched",
    "appended",
    "folding",
    "scoring",
    "languages",
)

#: Inputs that fuzzing found worth keeping, a folder for each target.
CORPUS: Final = Path(__file__).with_name("corpus")


@dataclass(frozen=True)
class Target:
    """A part that reads what it cannot trust.

    Attributes
    ----------
    one
        Tries an input. What is refused as documented is no exception here; any that leaves it is a finding.
    seeds
        Valid inputs, and some that are nearly so.
    words
        What its inputs are made of, for the fuzzer to put in.
    longest
        Bytes of an input, at the most.
    inputs
        How many are tried in CI.
    modules
        Kernels without which there is nothing to try.
    """

    one: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]
    words: tuple[bytes, ...]
    longest: int
    inputs: int
    modules: tuple[str, ...] = ()


def load(name: str) -> Target:
    """Give the target of a name."""
    found: Target = import_module(f"tests.fuzz.targets.{name}").TARGET
    return found


def corpus_of(name: str) -> list[bytes]:
    """Give the inputs that are kept of a target, in the order of their names."""
    return [path.read_bytes() for path in sorted((CORPUS / name).glob("*"))]


@cache
def scratch() -> Path:
    """Give a folder for the files that readers are given, in memory where there is such a place."""
    memory = Path("/dev/shm")
    folder = tempfile.TemporaryDirectory(prefix="sluicegate-fuzz-", dir=memory if memory.is_dir() else None)
    _kept.append(folder)
    return Path(folder.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []
