"""Labelled texts as JSON lines: a label that a row does not carry is unknown, never 0."""

import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sluicegate.models.bounded_lines import LINE_MAX_BYTES, lines_within


class DataError(Exception):
    """Training data cannot be used; the message says what, where and what to do."""


class Row(msgspec.Struct, frozen=True):
    """One labelled text. ``gid`` and ``user`` name what must not be split between training and measuring.

    ``signals`` are numbers beside the text, as an event has them.
    """

    text: str
    labels: dict[str, int]
    source: str = "unnamed"
    lang: str = "und"
    gid: str | int | None = None
    user: str | int | None = None
    signals: dict[str, float | None] = {}


class PlainRow(Row, frozen=True):
    """A text that need not be labelled, as plain traffic is not."""

    labels: dict[str, int] = {}


@dataclass(frozen=True)
class BadRow:
    """A line that was left out, and why."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class LabelledFile:
    """The rows of one file with the lines they stand on, the lines that could not be read, and its bytes' digest."""

    name: str
    sha256: str
    rows: tuple[Row, ...]
    bad: tuple[BadRow, ...]
    lines: tuple[int, ...] = ()


_labelled: msgspec.json.Decoder[Row] = msgspec.json.Decoder(Row)
_plain: msgspec.json.Decoder[Row] = msgspec.json.Decoder(PlainRow)


def _row(line: bytes, decoder: msgspec.json.Decoder[Row]) -> Row:
    row = decoder.decode(line)
    wrong = sorted(name for name, value in row.labels.items() if value not in (0, 1))
    if wrong:
        raise msgspec.ValidationError(f"label {wrong[0]!r} is {row.labels[wrong[0]]}, neither 0 nor 1")
    return row


def read_labelled(path: Path, *, plain: bool = False) -> LabelledFile:
    """Read a file of JSON lines, compressed by gzip or not; ``plain`` takes texts without labels as well.

    Raises
    ------
    DataError
        If the file cannot be read or is a damaged gzip file. Bad lines do not raise: they are listed.
    """
    rows: list[Row] = []
    bad: list[BadRow] = []
    lines: list[int] = []
    try:
        raw = path.read_bytes()
        for number, line in enumerate(lines_within(io.BytesIO(raw)), start=1):
            if len(line) > LINE_MAX_BYTES and not line.endswith(b"\n"):
                bad.append(BadRow(path.name, number, f"longer than {LINE_MAX_BYTES:,} bytes"))
                continue
            if not line.strip():
                continue
            try:
                rows.append(_row(line, _plain if plain else _labelled))
                lines.append(number)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                bad.append(BadRow(path.name, number, str(error)))
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}); give JSON lines, plain or gzip") from error
    return LabelledFile(path.name, hashlib.sha256(raw).hexdigest(), tuple(rows), tuple(bad), tuple(lines))
