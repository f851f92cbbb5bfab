"""The reader of files for training: a line is read or listed as bad, or the file is refused."""

import gzip
import json
from collections.abc import Sequence
from typing import Final

from sluicegate.models.labelled import DataError, read_labelled
from tests.fuzz.target import Target, scratch
from tests.fuzz.texts import TEXTS

__all__ = ["TARGET"]


def one(data: bytes) -> None:
    """Read a file as labelled, as plain or compressed texts, by the first byte."""
    kind = data[0] if data else 0
    path = scratch() / "labelled.jsonl"
    path.write_bytes(gzip.compress(data[1:], 1) if kind & 2 else data[1:])
    try:
        found = read_labelled(path, plain=bool(kind & 1))
    except DataError as refused:
        assert str(refused).startswith(str(path))
        return
    assert len(found.rows) == len(found.lines)
    assert not set(found.lines) & {bad.line for bad in found.bad}
    for row in found.rows:
        assert set(row.labels.values()) <= {0, 1}
        assert row.text.encode() is not None
    for bad in found.bad:
        assert bad.reason.encode()


def _seeds() -> Sequence[bytes]:
    rows = [json.dumps({"text": text, "labels": {"spam": number % 2}}) for number, text in enumerate(TEXTS)]
    rows += [
        json.dumps(
            {"text": "a", "labels": {}, "source": "s", "lang": "en", "gid": 7, "user": "u", "signals": {"n": 1e9}}
        ),
        *('{"text": "a"}', '{"text": "a", "labels": {"x": 2}}', '{"text": "\\ud83d", "labels": {}}', "[]", "", "{"),
        '{"text": "a", "labels": {}, "x": ' + "[" * 1_500 + "]" * 1_500 + "}",
    ]
    file = "\n".join(rows).encode()
    whole = gzip.compress(file, mtime=0)
    return [
        *(bytes([kind]) + file for kind in range(4)),
        b"\0" + whole,
        b"\0" + whole[:-8],
        b"\0" + whole[:60],
        b"",
        b"\1\xff",
    ]


TARGET: Final = Target(
    one,
    _seeds,
    (b'"text":', b'"labels":', b'"gid":', b'"signals":', b"\x1f\x8b", b"\n", b"null", b"1e999", b"\\udc00"),
    longest=8_192,
    inputs=6_000,
)
