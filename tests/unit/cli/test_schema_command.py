"""``sluicegate schema export`` as a user meets it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sluicegate.cli.app import app
from sluicegate.cli.errors import CommandError


def export(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["schema", "export", *arguments])


def test_export_makes_the_folder_and_check_finds_it_current(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "contracts"
    assert export("--out", str(folder)).exit_code == 0
    assert json.loads((folder / "asyncapi.json").read_text())["asyncapi"] == "3.0.0"
    assert export("--out", str(folder), "--check").exit_code == 0


@pytest.mark.parametrize("content", ["{}\n", None], ids=["another", "missing"])
def test_check_names_the_file_that_differs_and_writes_nothing(tmp_path: Path, content: str | None) -> None:
    export("--out", str(tmp_path))
    file = tmp_path / "decision.json"
    file.unlink() if content is None else file.write_text(content)
    result = export("--out", str(tmp_path), "--check")
    assert isinstance(result.exception, CommandError)
    assert result.exception.exit_code == 1
    what = "missing from" if content is None else "not current in"
    assert f"{what} {tmp_path}: decision.json; write them anew" in str(result.exception)
    assert "asyncapi.json" not in str(result.exception)
    assert file.exists() == (content is not None)


def test_a_folder_that_cannot_be_made_is_an_error_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = export("--out", str(tmp_path / "file"))
    assert isinstance(result.exception, OSError)
    assert str(tmp_path / "file") in str(result.exception)


def test_no_folder_is_made_that_nobody_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = export()
    assert (result.exit_code, "--out" in result.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []
