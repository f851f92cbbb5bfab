"""A revision of the repository beside the working tree: which one, and its files with their kernels built."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["Checkout", "NoBaseError", "base_of", "checked_out", "named_base"]

_MAIN: Final = "origin/main"
_BUILD_SECONDS: Final = 300.0
#: All that kernels are built of, as patterns of git.
_KERNELS: Final = (
    *("setup.py", "*.pyx", "*.pxd", "*.c", "*.h"),
    *("models/compiled/tables.py", "models/compiled/word_characters.py", "models/folding/tables.json"),
)


class NoBaseError(Exception):
    """There is nothing to compare with; the text says why in one sentence."""


class Checkout(NamedTuple):
    """Where a revision lies, and what could not be done with it."""

    path: Path
    fault: str | None


def base_of(repository: Path) -> str:
    """Give the commit that a tree is compared with: where it left main, or else the one before.

    Raises
    ------
    NoBaseError
        Where there is none, as in a shallow clone.
    """
    head = _git(repository, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if head is None:
        raise NoBaseError("nothing is compared: this is no clone of a repository with commits")
    left = _git(repository, "merge-base", _MAIN, "HEAD")
    if left is not None and left != head:
        return left
    before = _git(repository, "rev-parse", "--verify", "--quiet", "HEAD~1^{commit}")
    if before is None:
        raise NoBaseError("nothing is compared: there is no revision before this one here, as in a shallow clone")
    return before


def named_base(repository: Path, name: str) -> str:
    """Give the commit that a name means.

    Raises
    ------
    NoBaseError
        Where there is none of that name.
    """
    found = _git(repository, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if found is None:
        raise NoBaseError(f"nothing is compared: there is no revision {name!r} here; fetch it, or name another")
    return found


@contextmanager
def checked_out(repository: Path, commit: str) -> Iterator[Checkout]:
    """Give a revision in a temporary worktree, which is gone afterwards.

    Where its kernels have the same sources as those of the repository, they are not built once more.

    Raises
    ------
    NoBaseError
        Where it cannot be checked out.
    """
    with tempfile.TemporaryDirectory(prefix="sluicegate-base-") as folder:
        tree = Path(folder) / "tree"
        if _git(repository, "worktree", "add", "--quiet", "--detach", str(tree), commit) is None:
            raise NoBaseError(f"nothing is compared: {commit[:12]} could not be checked out beside this tree")
        try:
            alike = _git(repository, "diff", "--quiet", commit, "--", *_KERNELS) is not None
            yield Checkout(tree, None if alike and _copy_kernels(repository, tree) else _build(tree))
        finally:
            _git(repository, "worktree", "remove", "--force", str(tree))


def _copy_kernels(repository: Path, tree: Path) -> bool:
    """Take over the kernels that were built of the same sources; tell whether there are any."""
    found = [path for path in repository.glob("*/*/*.so") if (tree / path.relative_to(repository)).parent.is_dir()]
    for path in found:
        shutil.copy2(path, tree / path.relative_to(repository))
    return bool(found)


def _build(tree: Path) -> str | None:
    """Build the kernels of a tree that has any, in place; give what went wrong."""
    if not (tree / "setup.py").exists():
        return None
    command = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"]
    try:
        done = subprocess.run(command, cwd=tree, capture_output=True, timeout=_BUILD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "its kernels were not built in time"
    return None if done.returncode == 0 else "its kernels could not be built"


def _git(repository: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
