"""The Dockerfile against the project: what it copies is there, what it installs is pinned, what it starts exists."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sluicegate.agents.settings import Settings
from sluicegate.cli.app import app

_ROOT = Path(__file__).resolve().parents[2]


def _instructions() -> list[tuple[str, str]]:
    text = (_ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines())]


def _final_stage() -> list[tuple[str, str]]:
    instructions = _instructions()
    last = max(index for index, (word, _) in enumerate(instructions) if word == "FROM")
    return instructions[last:]


def _copied() -> list[str]:
    """Everything that the build takes from the repository, in order."""
    sources: list[str] = []
    for word, rest in _instructions():
        if word == "COPY" and not rest.startswith("--from"):
            sources += rest.split()[:-1]
    return sources


def _pins(lock: str) -> dict[str, str]:
    text = (_ROOT / lock).read_text(encoding="utf-8")
    return {name.lower(): version for name, version in re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;\\]+)", text, re.M)}


def _names(requirements: list[str]) -> set[str]:
    found = [re.match(r"[\w.-]+", requirement) for requirement in requirements]
    return {match[0].lower() for match in found if match is not None}


def _project() -> dict[str, dict[str, list[str]]]:
    document: dict[str, dict[str, list[str]]] = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return document


def test_what_is_copied_exists_and_nothing_else_reaches_the_build() -> None:
    lines = (_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert let_through == set(_copied())
    assert all((_ROOT / source).exists() for source in _copied())


def test_dependencies_of_the_image_are_those_that_tests_run_with() -> None:
    everything, runtime = _pins("requirements.lock"), _pins("requirements-runtime.lock")
    assert runtime.items() <= everything.items()
    assert _names(_project()["project"]["dependencies"]) <= set(runtime)


def test_dependencies_of_the_image_hold_no_tools_of_development() -> None:
    assert set(_pins("requirements-runtime.lock")).isdisjoint({"pytest", "mypy", "ruff", "hypothesis", "setuptools"})


def test_what_builds_the_package_is_pinned() -> None:
    build = _pins("requirements-build.lock")
    assert build.items() <= _pins("requirements.lock").items()
    assert _names(_project()["build-system"]["requires"]) <= set(build)


@pytest.mark.parametrize("lock", ["requirements-runtime.lock", "requirements-build.lock"])
def test_a_lock_has_hashes_and_names_no_index(lock: str) -> None:
    text = (_ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in entry, entry


def test_every_install_of_packages_checks_hashes_or_takes_what_was_built() -> None:
    installs = [part for word, rest in _instructions() if word == "RUN" for part in rest.split("&&") if " pip " in part]
    assert installs
    for install in installs:
        if "pip install" in install:
            assert "--require-hashes" in install or "--no-index" in install, install
        elif "pip wheel" in install:
            assert "--no-deps --no-build-isolation" in install


def test_the_final_stage_is_slim_has_no_build_tools_and_does_not_run_as_root() -> None:
    stage = _final_stage()
    assert "-slim" in stage[0][1]
    runs = " ".join(rest for word, rest in stage if word == "RUN")
    assert "apt" not in runs
    assert "pip uninstall --yes pip setuptools wheel" in runs
    user = next(rest for word, rest in stage if word == "USER")
    assert user.partition(":")[0].isdecimal()
    assert int(user.partition(":")[0]) > 0
    assert "ADD" not in dict(stage)


def test_both_stages_have_the_same_python() -> None:
    versions = {rest.split("-")[0] for word, rest in _instructions() if word == "FROM"}
    assert len(versions) == 1


def test_the_image_starts_a_command_that_exists_on_the_port_that_it_names() -> None:
    stage = dict(_final_stage())
    assert stage["ENTRYPOINT"] == '["sluicegate"]'
    assert stage["CMD"] == '["worker"]'
    assert CliRunner().invoke(app, ["worker", "--help"]).exit_code == 0
    assert stage["EXPOSE"] == str(Settings.model_fields["metrics_port"].default)
    assert stage["STOPSIGNAL"] == "SIGTERM"


def test_what_is_copied_is_enough_to_build_a_package_that_works(tmp_path: Path) -> None:
    context = tmp_path / "context"
    context.mkdir()
    leave_out = shutil.ignore_patterns("__pycache__", "*.egg-info", "*.so")
    for source in _copied():
        if (_ROOT / source).is_dir():
            shutil.copytree(_ROOT / source, context / source, symlinks=True, ignore=leave_out)
        else:
            shutil.copy(_ROOT / source, context / source)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [*build, "--wheel-dir", str(tmp_path), "."], cwd=context, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("sluicegate-*.whl")
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    script = (
        "import sluicegate.cli.app, sluicegate.models as m, sluicegate.policy as p;"
        "assert m.default_bundle_path().exists(), m.default_bundle_path();"
        "assert p.default_policy_path().exists(), p.default_policy_path();"
        "print(sluicegate.cli.app.__file__)"
    )
    # The folder of the wheel stands before the editable install, which would hide what is missing.
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(unpacked))
