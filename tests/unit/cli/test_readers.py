"""Reading events from files: JSONL and CSV, good lines and bad ones."""

import csv
import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluicegate.cli.documents import PAGES
from sluicegate.cli.line_reasons import READING_REASONS, SCORING_REASONS
from sluicegate.cli.lines import ReadLine, UnreadLine, read_json, read_row
from sluicegate.cli.readers import EventFile, ReaderError

WHOLE = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/apps/feed",
    "type": "content.created",
    "data": {"content_id": "c-1", "actor_id": "a-1", "surface": "comment", "text": "hello", "extra": [1]},
}


def read(path: Path) -> list[ReadLine | UnreadLine]:
    with EventFile(str(path)) as file:
        return list(file)


def read_all_good(path: Path) -> list[ReadLine]:
    lines = read(path)
    assert [line for line in lines if isinstance(line, UnreadLine)] == []
    return [line for line in lines if isinstance(line, ReadLine)]


def reasons(path: Path) -> list[tuple[int, str]]:
    return [(line.number, line.reason) for line in read(path) if isinstance(line, UnreadLine)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "events.csv"


def test_a_whole_event_is_passed_on_byte_for_byte(file: Path) -> None:
    line = json.dumps(WHOLE).encode()
    file.write_bytes(line + b"\n")
    (one,) = read_all_good(file)
    assert one.record.value == line
    assert one.record.key == b"a-1"


def test_a_text_alone_gets_what_is_missing_the_same_at_every_reading(file: Path) -> None:
    file.write_text('{"text": "good morning"}\n{"text": "good morning"}\n')
    first, second = read_all_good(file)
    assert [line.event for line in read_all_good(file)] == [first.event, second.event]
    assert first.event.id != second.event.id
    assert first.event.type == "content.created"
    assert first.event.data.content_id == first.event.data.actor_id == first.event.id
    assert first.event.data.surface == "post"


def test_given_fields_are_kept(file: Path) -> None:
    fields: dict[str, Any] = {
        "text": "hi", "content_id": "c", "actor_id": "a", "surface": "chat", "language": "pt", "tenant": "t",
        "content_version": 3, "signals": {"reports": 2}, "type": "content.reported", "id": "e", "source": "/s",
        "time": "2026-11-22T07:00:00Z",
    }  # fmt: skip
    file.write_text(json.dumps(fields))
    (one,) = read_all_good(file)
    event, data = one.event, one.event.data
    assert (event.id, event.source, event.type, event.time) == ("e", "/s", "content.reported", fields["time"])
    assert (data.text, data.content_id, data.actor_id, data.surface) == ("hi", "c", "a", "chat")
    assert (data.language, data.tenant, data.content_version, data.signals) == ("pt", "t", 3, {"reports": 2.0})


def test_bad_lines_are_reported_by_number_and_those_around_them_are_read(file: Path) -> None:
    long = json.dumps({"text": "x" * 2_000_000})
    lines = ['{"text": "a"}', "oops", '{"text": 4}', "", '{"language": "en"}', '["text"]', long, '{"text": "b"}']
    file.write_text("\n".join(lines))
    assert reasons(file) == [
        (2, "json.invalid"),
        (3, "event.wrong_type"),
        (5, "event.missing_field"),
        (6, "json.not_an_object"),
        (7, "record.too_large"),
    ]
    assert [line.number for line in read(file) if isinstance(line, ReadLine)] == [1, 8]


def test_a_place_is_told_as_the_line_has_it_and_not_as_its_event_would(file: Path, table: Path) -> None:
    data = {"content_id": "c", "actor_id": "a", "surface": "chat", "text": 4}
    whole = {"specversion": "1.0", "id": "e", "source": "/s", "type": "content.created", "data": data}
    file.write_text('{"text": 4}\n{"txt": "a"}\n' + json.dumps(whole))
    table.write_text("text,signals.x\nc,many\nd,NaN\n")
    told = [line.message for path in (file, table) for line in read(path) if isinstance(line, UnreadLine)]
    assert [message.partition(" at ")[2].partition(";")[0] for message in told] == [
        "$.text (expected a text, got a number)",
        "$.text",
        "$.data.text (expected a text, got a number)",
        '$.signals["x"] (expected a number, got a text)',
        "$.signals",
    ]


def test_bytes_that_are_not_utf8_spoil_only_their_line(file: Path, table: Path) -> None:
    file.write_bytes(b'{"text": "a"}\n{"text": "\xff"}\n{"text": "b"}\n')
    table.write_bytes(b"text\na\n\xff\nb\n")
    assert reasons(file) == [(2, "encoding.not_utf8")]
    assert reasons(table) == [(3, "encoding.not_utf8")]


def test_numbers_that_are_not_finite_are_refused(file: Path, table: Path) -> None:
    file.write_text('{"text": "a", "signals": {"x": 1e999}}\n{"text": "a", "signals": {"x": NaN}}\n')
    table.write_text("text,signals.x\na,NaN\nb,Infinity\nc,many\n")
    assert reasons(file) == [(1, "event.not_finite"), (2, "json.invalid")]
    assert reasons(table) == [(2, "event.not_finite"), (3, "event.not_finite"), (4, "event.wrong_type")]


def test_half_a_surrogate_pair_in_a_text_is_replaced(file: Path) -> None:
    file.write_bytes(b'{"text": "cut \\ud83d"}')
    (one,) = read_all_good(file)
    assert one.event.data.text == "cut \ufffd"


def test_csv_has_fields_by_column_and_signals_by_name_or_nested(table: Path) -> None:
    table.write_text(
        "actor_id,text,signals.reports,signals,language,mood\n"
        'a-1,"one, two\nthree",2,,en,fine\n'
        'a-2,,,"{""views_per_hour"": 9}",,\n'
    )
    first, second = read_all_good(table)
    assert (first.number, second.number) == (2, 4)
    assert first.event.data.text == "one, two\nthree"
    assert first.event.data.signals == {"reports": 2.0}
    assert second.event.data.text == ""
    assert second.event.data.language is None
    assert second.event.data.signals == {"views_per_hour": 9.0}


def test_csv_rows_that_do_not_fit_are_reported(table: Path) -> None:
    table.write_text('text,language\na,en\na,b,c\nx\n"a"b,en\nlast,en\n')
    assert reasons(table) == [(3, "csv.invalid"), (4, "csv.invalid"), (5, "csv.invalid")]


def test_a_csv_row_that_is_too_large_is_reported_and_the_next_is_read(table: Path) -> None:
    table.write_text("text\n" + "x" * 900_000 + "\n" + "y" * 5_000_000 + "\nlast\n")
    assert [number for number, _ in reasons(table)] == [2, 3]
    assert [line.number for line in read(table) if isinstance(line, ReadLine)] == [4]


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_jsonl_file_holds_nothing(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert read(file) == []


def test_a_csv_file_without_a_text_column_is_refused(table: Path) -> None:
    table.write_text("body\nhello\n")
    with pytest.raises(ReaderError, match="no column `text`"):
        read(table)


def test_a_byte_order_mark_at_the_start_of_a_file_is_passed_over(file: Path, table: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbf{"text": "a"}\n')
    table.write_bytes(b"\xef\xbb\xbftext\na\n")
    assert [line.event.data.text for line in read_all_good(file) + read_all_good(table)] == ["a", "a"]


def test_utf16_is_refused_with_the_remedy(file: Path) -> None:
    file.write_text('{"text": "a"}', encoding="utf-16")
    with pytest.raises(ReaderError, match="convert it to UTF-8"):
        read(file)


def test_a_compressed_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.jsonl", tmp_path / "b"
    plain.write_bytes(b'{"text": "a"}\n{"text": "b"}\n')
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert [line.event for line in read_all_good(plain)] == [line.event for line in read_all_good(packed)]


def test_a_compressed_file_that_is_cut_off_says_after_which_line(tmp_path: Path) -> None:
    packed = tmp_path / "a.jsonl.gz"
    lines = b"".join(b'{"text": "%d"}\n' % number for number in range(20_000))
    packed.write_bytes(gzip.compress(lines)[:-20_000])
    with pytest.raises(ReaderError, match=r"cannot be read after line \d+"):
        read(packed)


def test_a_file_named_as_if_compressed_that_holds_neither_that_nor_text_is_refused(tmp_path: Path) -> None:
    named = tmp_path / "rnd.gz"
    named.write_bytes(bytes(range(256)))
    with pytest.raises(ReaderError, match=r"rnd\.gz is neither compressed with gzip, as its name says, nor text; mend"):
        EventFile(str(named))
    named.write_text("text\nnaïve\n")
    assert [line.event.data.text for line in read_all_good(named)] == ["naïve"]


def test_a_carriage_return_within_a_line_is_told_in_our_words(table: Path) -> None:
    table.write_bytes(b"te\rxt\na\n")
    with pytest.raises(ReaderError, match=r"line 1 is not CSV .a carriage return stands in it, .*; begin a CSV file"):
        read(table)
    table.write_bytes(b"text\na\rb\n")
    (line,) = read(table)
    assert isinstance(line, UnreadLine)
    assert "a carriage return stands in it, outside of quotes" in line.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match=r"nowhere\.csv cannot be read: No such file or directory; check the path"):
        EventFile(str(tmp_path / "nowhere.csv"))


@pytest.mark.parametrize("content", [b'{"text": "a"}\n', b"text\na\n", gzip.compress(b"text\na\n", mtime=0)])
def test_standard_input_is_recognised_by_what_it_holds(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    with EventFile("-") as file:
        (one,) = file
    assert isinstance(one, ReadLine)
    assert one.event.data.text == "a"


def test_nothing_at_all_on_standard_input_is_no_event_and_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with EventFile("-") as file:
        assert list(file) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
members = st.dictionaries(
    st.sampled_from(["text", "id", "type", "time", "signals", "actor_id", "surface", "data", "specversion", "x"]),
    json_values,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.binary() | members.map(lambda found: json.dumps(found).encode()))
def test_no_line_whatever_it_holds_raises_or_gets_a_reason_that_the_docs_do_not_tell(line: bytes) -> None:
    found = read_json(1, line)
    assert isinstance(found, ReadLine) or found.reason in READING_REASONS


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(["text", "id", "signals", "signals.a", "time", "type"]), st.text()))
def test_no_row_whatever_it_holds_raises_or_gets_a_reason_that_the_docs_do_not_tell(cells: dict[str, str]) -> None:
    found = read_row(1, cells)
    assert isinstance(found, ReadLine) or found.reason in READING_REASONS


def test_the_page_of_reason_codes_tells_every_reason_of_a_line(table: Path) -> None:
    table.write_text('text,language\na,b,c\n"a"b,en\n')
    page = PAGES["reason-codes.md"]()
    section = page[page.index("## Lines of files") :]
    assert {reason for _, reason in reasons(table)} == {"csv.invalid"}
    assert [code for code in (*READING_REASONS, *SCORING_REASONS) if f"`{code}`" not in section] == []
    assert "| `csv.invalid` |" in section


@pytest.mark.parametrize("line", [b"\xef\xbb\xbf{}", '{"text": "a"}'.encode("utf-16"), b"\x00", b""])
def test_a_line_that_is_no_text_in_utf8_gets_a_reason_of_its_own(line: bytes) -> None:
    found = read_json(7, line)
    assert isinstance(found, UnreadLine)
    assert found.reason in {"json.invalid", "encoding.not_utf8", "encoding.byte_order_mark"}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(), st.integers(1, 10**6))
def test_every_text_survives_jsonl_and_csv(text: str, number: int) -> None:
    from_json = read_json(number, json.dumps({"text": text}).encode())
    row = io.StringIO(newline="")
    csv.writer(row).writerows([["text", "surface"], [text, "chat"]])
    _, cells = csv.reader(io.StringIO(row.getvalue(), newline=""))
    from_csv = read_row(number, {"text": cells[0], "surface": cells[1]})
    assert isinstance(from_json, ReadLine)
    assert isinstance(from_csv, ReadLine)
    assert from_json.event.data.text == from_csv.event.data.text == text
