"""The wheel holds all that the command needs, and nothing that it does not, also where no C compiler built it.

What the image copies is built with one (`tests/contract/test_deploy_image.py`).
"""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    # A copy of what is committed or about to be, since a build leaves its own files in the tree.
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    source.mkdir()
    subprocess.run(
        ["tar", "--null", "--files-from=-", "--ignore-failed-read", "-cf", str(folder / "source.tar")],
        cwd=ROOT,
        input=listed.stdout,
        check=True,
    )
    subprocess.run(["tar", "-xf", str(folder / "source.tar"), "-C", str(source)], check=True)
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(folder),
            str(source),
        ],
        check=True,
        capture_output=True,
        env={**os.environ, "CC": "false"},
    )
    (built,) = folder.glob("sluicegate-*.whl")
    return built


def test_the_wheel_carries_the_bundle_the_policy_and_the_demo_but_no_benchmarks_or_deployment(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "models/default/manifest.json",
        "models/default/weights.safetensors",
        "models/default/model.joblib",
        "models/recipe.yaml",
        "policy/default.yaml",
        "cli/demo/corpus/en.yaml",
        "py.typed",
    ):
        assert f"sluicegate/{name}" in names
    assert not [name for name in names if name.endswith(".so")]
    assert not [name for name in names if name.startswith(("sluicegate/bench", "sluicegate/deploy", "tests"))]
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"sluicegate"}


def test_the_command_of_an_installed_wheel_scores_a_text_without_kernels(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(installed), str(wheel)], check=True
    )
    done = subprocess.run(
        [sys.executable, "-P", "-m", "sluicegate", "score", "-"],
        input=b'{"text": "see you at noon"}\n',
        env={**os.environ, "PYTHONPATH": str(installed)},
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["data"]["outcome"] == "allow"
    where = subprocess.run(
        [sys.executable, "-P", "-c", "import sluicegate; print(sluicegate.__file__)"],
        env={**os.environ, "PYTHONPATH": str(installed)},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert where.stdout.decode().startswith(str(installed))
