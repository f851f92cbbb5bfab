"""Folders come into their place whole: written beside it, checked there, and moved in one step."""

import ctypes
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def place_folder(contents: Mapping[str, bytes], out: Path, check: Callable[[Path], object]) -> None:
    """Write files into a new folder and put it at ``out``, in place of what is there.

    Whoever ends the process between any two steps finds at ``out`` what was there before, or all that is new.
    Where the system cannot exchange two folders (it can on Linux), there is a moment without any.

    Parameters
    ----------
    contents
        Bytes of each file by its name.
    check
        Called with the folder before it is moved; when it raises, nothing is changed.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as workshop:
        made = Path(workshop) / "made"
        made.mkdir()
        for name, raw in contents.items():
            (made / name).write_bytes(raw)
        check(made)
        if not out.exists():
            made.rename(out)
        elif not _exchange(made, out):
            out.rename(Path(workshop) / "replaced")
            made.rename(out)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders by Linux's renameat2(2); tell whether this system and file system could."""
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        return False
    paths = os.fsencode(one), os.fsencode(other)
    return bool(library.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0)
