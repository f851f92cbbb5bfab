"""Events from files: JSONL or CSV, whole CloudEvents or just texts with any of the fields, read line by line.

What the stream would dead-letter is found here, with the same reason codes; the lines around it are read.
"""

import codecs
import csv
import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from sluicegate.cli.line_reasons import CSV_INVALID
from sluicegate.cli.lines import BYTE_ORDER_MARK, ReadLine, UnreadLine, read_json, read_row, unread
from sluicegate.cli.wording import counted
from sluicegate.schemas import Refusal

__all__ = ["EventFile", "ReaderError"]

# Twice what a record may hold: a line of escapes is longer than what it stands for.
_LINE_MAX_BYTES = 2 * 768 * 1024
_CSV_SUFFIXES = (".csv", ".csv.gz")
_JSONL_SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".json", ".json.gz")


class ReaderError(Exception):
    """A file that cannot be read at all, or not to its end."""


class EventFile:
    """An open file of events; iterating gives one :class:`ReadLine` or :class:`UnreadLine` for each.

    Parameters
    ----------
    name
        A path, or ``-`` for standard input. May be compressed with gzip. A name that ends in neither ``.csv`` nor
        ``.jsonl`` is taken for JSONL when it is empty or its first character is a bracket or brace, else for CSV.

    Raises
    ------
    ReaderError
        When the file cannot be opened or read, or is UTF-16, or is a CSV file without a column ``text``.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._resources = ExitStack()
        try:
            self._raw = self._open_raw()
            self.size = None if name == "-" else Path(name).stat().st_size
            self._bytes = self._open_bytes()
            self._is_csv = self._recognise()
        except (OSError, EOFError, zlib.error) as fault:
            self._resources.close()
            remedy = (
                "mend the file" if isinstance(fault, (EOFError, zlib.error, gzip.BadGzipFile)) else "check the path"
            )
            raise ReaderError(f"{name} cannot be read: {_words(fault)}; {remedy}.") from None
        except ReaderError:
            self._resources.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def position(self) -> int:
        """Bytes read of the file so far, compressed ones where it is compressed; 0 for standard input."""
        return 0 if self.size is None else self._raw.tell()

    def __iter__(self) -> Iterator[ReadLine | UnreadLine]:
        self._number = 0
        try:
            yield from self._csv_rows() if self._is_csv else self._json_lines()
        except (OSError, EOFError, zlib.error) as fault:
            raise ReaderError(
                f"{self.name} cannot be read after line {self._number}: {_words(fault)}; mend the file."
            ) from None

    def _open_raw(self) -> IO[bytes]:
        if self.name == "-":
            return _standard_input()
        return self._resources.enter_context(Path(self.name).open("rb"))

    def _open_bytes(self) -> io.BufferedReader:
        raw: Any = self._raw if hasattr(self._raw, "peek") else io.BufferedReader(self._raw)
        if raw.peek(2)[:2] == b"\x1f\x8b":
            return io.BufferedReader(gzip.GzipFile(fileobj=raw))
        if self.name.lower().endswith(".gz") and not _is_text(raw.peek(4096)):
            raise ReaderError(
                f"{self.name} is neither compressed with gzip, as its name says, nor text; mend the file."
            )
        return raw  # type: ignore[no-any-return]

    def _recognise(self) -> bool:
        start = self._bytes.peek(4)[:4]
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise ReaderError(f"{self.name} is UTF-16; convert it to UTF-8.")
        if start.startswith(BYTE_ORDER_MARK):
            self._bytes.read(len(BYTE_ORDER_MARK))
        if self.name.lower().endswith(_CSV_SUFFIXES):
            return True
        if self.name.lower().endswith(_JSONL_SUFFIXES):
            return False
        start = self._bytes.peek(4096)
        return bool(start) and not start.lstrip().startswith((b"{", b"["))

    def _lines(self) -> Iterator[tuple[bytes, bool]]:
        """Give each line and whether it is whole: of one that is too long only the start is kept."""
        while line := self._bytes.readline(_LINE_MAX_BYTES + 1):
            self._number += 1
            whole = len(line) <= _LINE_MAX_BYTES
            rest = line
            while not whole and rest and not rest.endswith(b"\n"):
                rest = self._bytes.readline(_LINE_MAX_BYTES)
            yield line, whole

    def _json_lines(self) -> Iterator[ReadLine | UnreadLine]:
        for line, whole in self._lines():
            stripped = line.strip()
            if not whole:
                yield unread(self._number, Refusal("record.too_large"))
            elif stripped:
                yield read_json(self._number, stripped)

    def _csv_rows(self) -> Iterator[ReadLine | UnreadLine]:
        csv.field_size_limit(_LINE_MAX_BYTES)
        cut: list[int] = []
        rows = csv.reader(self._csv_text(cut), strict=True)
        try:
            header = [name.strip() for name in next(rows, [])]
        except csv.Error as fault:
            raise ReaderError(
                f"{self.name}: line 1 is not CSV ({_csv_words(fault)}); begin a CSV file with a line that names its "
                "columns."
            ) from None
        if "text" not in header:
            raise ReaderError(
                f"{self.name}: line 1 names no column `text`; begin a CSV file with a line that names its columns."
            )
        while True:
            start = self._number + 1
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as fault:
                yield UnreadLine(start, CSV_INVALID, f"the line is not CSV ({_csv_words(fault)}); mend its quotes")
                continue
            if cut and cut[-1] >= start:
                yield unread(start, Refusal("record.too_large"))
            elif row and len(row) != len(header):
                found = f"{counted(len(row), 'cell')} where the header has {len(header)}"
                yield UnreadLine(start, CSV_INVALID, f"{found}; quote texts that hold commas")
            elif row:
                yield read_row(start, dict(zip(header, row, strict=True)))

    def _csv_text(self, cut: list[int]) -> Iterator[str]:
        for line, whole in self._lines():
            if not whole:
                cut.append(self._number)
            # Bytes that are no UTF-8 are carried through the CSV reader, so that only their row is refused.
            yield line.decode("utf-8", "surrogateescape")


def _standard_input() -> IO[bytes]:
    if sys.stdin is None:
        raise ReaderError("standard input is closed; name a file.")
    try:
        number = os.dup(sys.stdin.fileno())
    except (OSError, ValueError):
        return sys.stdin.buffer
    # A reader of our own, never closed: a thread may still wait in it when the process ends, which Python's must not.
    return os.fdopen(number, "rb")


def _is_text(start: bytes) -> bool:
    """Say whether a file that begins so may hold text; its beginning may end within a character."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return b"\0" not in start


def _csv_words(fault: csv.Error) -> str:
    # The library's own advice is of how a program opens files.
    return "a carriage return stands in it, outside of quotes" if "new-line character" in str(fault) else str(fault)


def _words(fault: Exception) -> str:
    return (fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)) or "it is damaged"
