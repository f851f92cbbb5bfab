"""Lines of a file, packed by gzip or not, of which none can fill the memory: kilobytes may stand for gigabytes."""

import gzip
import io
from collections.abc import Iterator
from typing import IO, Final, cast

__all__ = ["LINE_MAX_BYTES", "lines_within"]

#: Of a line: twice what a record may hold, since a line of escapes is longer than what it stands for.
LINE_MAX_BYTES: Final = 2 * 768 * 1024
_MAGIC: Final = b"\x1f\x8b"


def lines_within(file: IO[bytes], most: int = LINE_MAX_BYTES) -> Iterator[bytes]:
    """Give the lines of a file.

    Parameters
    ----------
    file
        Open, at its beginning; packed by gzip or not.
    most
        Bytes of a line. Of a longer one, its line feed not counted, so many are given and one more; the rest is read
        past.

    Raises
    ------
    OSError, EOFError, zlib.error
        Where it cannot be read, or is packed and damaged.
    """
    reader = file if hasattr(file, "peek") else io.BufferedReader(cast("io.RawIOBase", file))
    packed = cast("io.BufferedReader", reader).peek(2)[:2] == _MAGIC
    lines = cast("IO[bytes]", gzip.GzipFile(fileobj=reader) if packed else reader)
    while line := lines.readline(most + 1):
        whole = line.endswith(b"\n") or len(line) <= most
        yield line
        while not whole:
            rest = lines.readline(most + 1)
            whole = not rest or rest.endswith(b"\n")
