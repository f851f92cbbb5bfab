"""`model compare` reads decisions from files and pipes, and shows and writes what they say."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sluicegate.cli.app import app, run
from sluicegate.schemas import Provenance
from tests.unit.models.comparison.test_tally import ONE, TWO, decision, shadow


@pytest.fixture
def decisions(tmp_path: Path) -> Path:
    file = tmp_path / "decisions.jsonl.gz"
    lines = [decision(n, (ONE, TWO)[n % 5 == 0], shadow=shadow("review", 0.4) if n % 5 else None) for n in range(50)]
    file.write_bytes(gzip.compress(b"\n".join(lines)))
    return file


def shown(model: Provenance) -> str:
    return f"{model.name} {model.version} ({model.digest.removeprefix('sha256:')[:8]})"


def test_a_file_is_compared_as_tables_and_as_json(decisions: Path, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    done = CliRunner().invoke(app, ["model", "compare", str(decisions), "--json", str(figures)], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    for said in (
        "50 decisions",
        f"{shown(ONE)}, shadow {shown(TWO)}: 40 events",
        "Queue load",
        "Differences of shares",
    ):
        assert said in done.output
    written = json.loads(figures.read_bytes())
    assert written["shadows"][0]["outcomes"]["allow"]["review"] == 40
    assert [each["events"] for each in written["models"]] == [40, 10]


def test_a_pipe_is_read_as_well(decisions: Path) -> None:
    lines = gzip.decompress(decisions.read_bytes())
    done = CliRunner().invoke(app, ["model", "compare", "-"], input=lines)
    assert done.exit_code == 0, done.output
    assert "50 decisions" in done.output


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nowhere.jsonl",), 1, "nowhere.jsonl cannot be read"),
        (("FILE", "--hours", "3"), 2, "--hours is about the topic"),
        (("EMPTY",), 1, "there is no decision with scores in what was given"),
    ],
)
def test_wrong_use_is_told_in_one_sentence(
    decisions: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    (tmp_path / "empty").write_text("{}\n")
    named = {"FILE": str(decisions), "EMPTY": str(tmp_path / "empty")}
    with pytest.raises(SystemExit) as ended:
        run(["model", "compare", *(named.get(argument, argument) for argument in arguments)])
    assert ended.value.code == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("damage", [lambda whole: whole[:-20], lambda whole: whole[:40] + b"\xff" * 8 + whole[48:]])
def test_a_damaged_archive_is_told(
    tmp_path: Path, decisions: Path, capsys: pytest.CaptureFixture[str], damage: Callable[[bytes], bytes]
) -> None:
    damaged = tmp_path / "damaged.gz"
    damaged.write_bytes(damage(decisions.read_bytes()))
    with pytest.raises(SystemExit) as ended:
        run(["model", "compare", str(damaged)])
    assert ended.value.code == 1
    assert "damaged.gz cannot be read" in capsys.readouterr().err
