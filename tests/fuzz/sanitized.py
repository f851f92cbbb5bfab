"""The kernels built with sanitizers and for a coverage-guided fuzzer, beside the ordinary ones.

What is built depends on a clang of any age; what runs it is Atheris, whose wheel brings the sanitizers' runtime.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Final

__all__ = ["CACHE", "ROOT", "SITE", "Kernels", "Missing", "build", "install_fuzzer", "runtime"]

ROOT: Final = Path(__file__).parents[2]
CACHE: Final = ROOT / ".cache" / "fuzz"
#: Where the fuzzer is installed: a folder of its own, so that nothing else can come to rest on it.
SITE: Final = CACHE / "site"
_BUILT: Final = CACHE / "kernels"
_LOCK: Final = ROOT / "requirements-fuzz.lock"
_SANITIZERS: Final = "address,undefined,fuzzer-no-link"


class Missing(Exception):
    """Something that fuzzing needs is not there; the message says what, and how to get it."""


class Kernels:
    """Finds the sanitized kernels where the package is asked for its kernels; goes first on ``sys.meta_path``."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Give the kernel of a name; None for all other modules."""
        if not name.startswith("sluicegate."):
            return None
        file = _BUILT / "lib" / (name.replace(".", "/") + EXTENSION_SUFFIXES[0])
        return importlib.util.spec_from_file_location(name, file) if file.exists() else None


def build() -> None:
    """Build all kernels; what is built already and has not changed is left.

    Raises
    ------
    Missing
        Where there is no clang, or a kernel cannot be built.
    """
    compiler = shutil.which("clang")
    if compiler is None:
        raise Missing("there is no clang on the PATH; install it, as in: apt-get install clang")
    environment = {**os.environ, "SLUICEGATE_SANITIZE": _SANITIZERS, "CC": compiler, "LDSHARED": f"{compiler} -shared"}
    places = ["--build-lib", str(_BUILT / "lib"), "--build-temp", str(_BUILT / "temp")]
    command = [sys.executable, "setup.py", "-q", "build_ext", *places, "--parallel", str(os.cpu_count() or 1)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    # Kernels are optional to the build: one that failed is only told of.
    if done.returncode or "error:" in done.stdout:
        raise Missing(f"the kernels cannot be built with sanitizers:\n{done.stdout}")


def install_fuzzer() -> None:
    """Install the fuzzer as it is pinned, unless it is there.

    Raises
    ------
    Missing
        Where it cannot be installed.
    """
    digest = hashlib.sha256(_LOCK.read_bytes() + sys.version.encode()).hexdigest()
    stamp = SITE / ".installed"
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return
    shutil.rmtree(SITE, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
    done = subprocess.run([*command, "--target", str(SITE), "-r", str(_LOCK)], cwd=ROOT)
    if done.returncode:
        raise Missing("the fuzzer cannot be installed; it has wheels for Linux on x86-64 and CPython 3.11 to 3.13")
    stamp.write_text(digest, encoding="ascii")


def runtime() -> Path:
    """Give the runtime of the sanitizers and the fuzzer, which a process must load before everything else."""
    return SITE / "asan_with_fuzzer.so"
