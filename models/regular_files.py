"""Files of folders that others may have made: only regular ones, no links, of sensible sizes, read once."""

import errno
import io
import os
import stat
from pathlib import Path
from typing import Final

__all__ = ["MANIFEST_MOST", "MOST", "open_regular", "read_regular"]

#: Bytes of a file at the most; weights of a million columns for six harms have 50 MB.
MOST: Final = 4 * 2**30
#: Bytes of a manifest at the most; the shipped one has 50 KB, an import with a thousand long samples a few MB.
MANIFEST_MOST: Final = 16 * 2**20


def open_regular(path: Path, most: int = MOST) -> tuple[io.BufferedReader, int]:
    """Open a file for reading if it is a regular one, itself and not a link to one.

    A link could lead out of the folder, a pipe would never end and a device might have effects: none is waited for, and
    what is looked at is what was opened.

    Parameters
    ----------
    path
        The file. The folders before it may be links.
    most
        Bytes that it may have.

    Returns
    -------
    tuple of BufferedReader and int
        The file, and its size.

    Raises
    ------
    OSError
        If it cannot be opened, is something else, or is larger.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        if path.is_symlink():
            raise OSError(errno.ELOOP, "it is a symbolic link", str(path)) from error
        raise
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    if status.st_size > most:
        os.close(descriptor)
        raise OSError(errno.EFBIG, f"it has {status.st_size:,} bytes, {most:,} are read at the most", str(path))
    return os.fdopen(descriptor, "rb"), status.st_size


def read_regular(path: Path, most: int = MOST) -> bytes:
    """Return the bytes of a regular file.

    Raises
    ------
    OSError
        As of `open_regular`.
    """
    file, size = open_regular(path, most)
    with file:
        raw = file.read(size + 1)
    if len(raw) > size:
        raise OSError(errno.EBUSY, "it grows while it is read", str(path))
    return raw
