"""Lines of files are given as they are, and none is held that is longer than any should be."""

import gzip
import io
import json
import tracemalloc
from pathlib import Path

import pytest

from sluicegate.models.bounded_lines import LINE_MAX_BYTES, lines_within
from sluicegate.models.labelled import read_labelled

#: Packed, it is a few hundred kilobytes.
HUGE = 200 * 2**20


def packed(whole: bytes, *, pack: bool) -> io.BytesIO:
    return io.BytesIO(gzip.compress(whole, 1) if pack else whole)


@pytest.mark.parametrize("pack", [False, True])
@pytest.mark.parametrize(
    ("whole", "given"),
    [
        (b"", []),
        (b"a\nbc\n", [b"a\n", b"bc\n"]),
        (b"a\n\nb", [b"a\n", b"\n", b"b"]),
        (b"12345678\n1\n", [b"12345678\n", b"1\n"]),
        (b"12345678", [b"12345678"]),
        (b"123456789\n1\n", [b"123456789", b"1\n"]),
        (b"123456789", [b"123456789"]),
        (b"x" * 18 + b"\n1", [b"x" * 9, b"1"]),
        (b"x" * 100, [b"x" * 9]),
    ],
)
def test_lines_are_given_whole_up_to_a_length(whole: bytes, given: list[bytes], pack: bool) -> None:
    assert list(lines_within(packed(whole, pack=pack), 8)) == given


def test_a_line_that_stands_for_gigabytes_is_a_bad_one_and_those_around_it_are_read(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl.gz"
    row = json.dumps({"text": "a plain remark", "labels": {"spam": 0}}).encode()
    with gzip.open(file, "wb", compresslevel=1) as writer:
        writer.write(row + b"\n")
        for _ in range(HUGE // 2**20):
            writer.write(b" " * 2**20)
        writer.write(b"\n" + row)
    tracemalloc.start()
    try:
        found = read_labelled(file)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (len(found.rows), found.lines) == (2, (1, 3))
    assert [(bad.line, bad.reason) for bad in found.bad] == [(2, f"longer than {LINE_MAX_BYTES:,} bytes")]
    assert most < HUGE / 10
