"""Members that no event has are told once for a file, and change nothing else."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sluicegate.cli.app import app
from sluicegate.cli.lines import read_json, read_row
from sluicegate.cli.unknown_members import UnknownMembers


def checked(file: Path) -> tuple[int, str, list[str]]:
    done = CliRunner().invoke(app, ["publish", str(file), "--check"])
    return done.exit_code, done.stdout, done.stderr.splitlines()


def test_check_lists_each_unknown_member_once_with_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text('{"text": "a", "actr_id": "x"}\n{"text": "b", "actr_id": "y", "mood": 1, "signals": {"q": 1}}\n')
    code, told, errors = checked(file)
    assert (code, told) == (0, "2 could be sent, 0 skipped\n")
    assert errors == [
        f'{file}: ignored, since no event has them: "actr_id" (2 lines; did you mean actor_id?), "mood" (1 line)'
    ]


def test_check_says_nothing_of_a_file_whose_members_are_all_known(tmp_path: Path) -> None:
    file = tmp_path / "texts.csv"
    file.write_text("text,actor_id,signals.reports\na,x,1\n")
    assert checked(file) == (0, "1 could be sent, 0 skipped\n", [])


def test_a_line_that_cannot_be_read_still_tells_what_it_held(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text('{"txt": "a"}\n')
    code, _, errors = checked(file)
    assert code == 1
    assert errors[-1] == f'{file}: ignored, since no event has them: "txt" (1 line; did you mean text?)'


@pytest.mark.parametrize(
    ("members", "unknown"),
    [
        ('"subject": "s", "dataschema": "d", "traceparent": "t"', ("traceparent", "data.mood")),
        ('"text": "too high"', ("text", "data.mood")),
    ],
)
def test_of_a_whole_event_the_envelope_and_the_data_are_looked_at(members: str, unknown: tuple[str, ...]) -> None:
    data = '{"content_id": "c", "actor_id": "a", "surface": "post", "text": "x", "mood": 1}'
    line = f'{{"specversion": "1.0", "id": "e", "source": "s", "type": "content.created", {members}, "data": {data}}}'
    assert read_json(1, line.encode()).unknown == unknown


def test_a_column_is_unknown_also_where_its_cell_is_empty() -> None:
    assert read_row(2, {"text": "a", "mood": "", "signals.a": "1"}).unknown == ("mood",)


def test_of_very_many_members_a_few_are_named_and_the_rest_counted() -> None:
    members = UnknownMembers()
    for number in range(50):
        members.see(read_json(number, b'{"text": "a", "m%d": 1}' % number))
    sentence = members.sentence("-") or ""
    assert sentence.count("line)") == 20
    assert sentence.endswith(", 30 others")
