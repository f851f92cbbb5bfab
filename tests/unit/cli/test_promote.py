"""What `model promote`, `rollback` and `versions` do and say, wrong use among it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sluicegate.cli.app import app, run
from sluicegate.models.bundle import load_bundle
from sluicegate.models.store import Store, bundle_folder
from tests.bundles import make_bundle


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the bundles `one` and `two` and an empty folder `store`, as the current one."""
    for number, name in enumerate(("one", "two"), 1):
        make_bundle(tmp_path / name, str(number), seed=number)
    (tmp_path / "store").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def told(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["model", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str]:
    with pytest.raises(SystemExit) as ended:
        run(["model", *arguments])
    return ended.value.code, capsys.readouterr().err


def test_promote_and_rollback_say_where_the_store_is_and_where_it_can_go_back_to(place: Path) -> None:
    assert "store is at 1-" in (said := told("promote", "one", "store"))
    assert "none to go back to" in said
    assert "rollback goes back to 1-" in told("promote", "two", "store")
    assert load_bundle(bundle_folder(place / "store")).manifest.version == "2"
    assert "store is at 1-" in told("rollback", "store")
    assert load_bundle(bundle_folder(place / "store")).manifest.version == "1"
    assert "store is at 2-" in told("promote", "2", "store")


def test_versions_are_listed_with_the_current_one_and_those_that_cannot_be_read(place: Path) -> None:
    for name in ("one", "two"):
        told("promote", name, "store")
    (place / "store" / "half").mkdir()
    lines = told("versions", "store").splitlines()
    assert any("2-" in line and "made 2" in line and "current" in line for line in lines)
    assert any("1-" in line and "rollback goes here" in line for line in lines)
    assert any("half" in line and "manifest.json" in line for line in lines)


def test_commands_about_a_bundle_take_a_store_for_its_current_version(place: Path) -> None:
    told("promote", "two", "store")
    assert "is whole" in told("verify", "store")
    assert "made 2" in told("inspect", "store")


def test_what_was_promoted_is_not_altered_in_place(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told("promote", "two", "store")
    for folder in ("store", str(bundle_folder(place / "store"))):
        code, error = refused(capsys, "calibrate", folder, "--prevalence", "spam=0.1", "--replace")
        assert code == 2
        assert "what was promoted is not altered; give --out" in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("promote", "one", "nowhere"), "there is no folder nowhere"),
        (("promote", "9", "store"), "9 is no bundle in this folder, and store store has no version '9'"),
        (("promote", "a/9", "store"), "bundle a/9 has no readable manifest.json"),
        (("promote", "..", "store"), "has no version '..'"),
        (("promote", "one", "two"), "two is a bundle and no store"),
        (("rollback", "store"), "nothing was promoted in it yet"),
        (("rollback", "one"), "one is a bundle and no store"),
    ],
)
def test_wrong_use_is_told_in_one_sentence(
    place: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    code, error = refused(capsys, *arguments)
    assert code == 1
    assert said in error
    assert error.count("\n") == 1


def test_a_name_that_means_two_things_is_asked_about(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    version = Store(place / "store").add(load_bundle(place / "one"))
    make_bundle(place / version, "3", seed=3)
    code, error = refused(capsys, "promote", version, "store")
    assert code == 2
    assert "is a bundle here and a version of store" in error
    assert "store is at 1-" in told("promote", f"store/{version}", "store")
